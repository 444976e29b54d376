"""Courses, their intakes and the provider as search engines read them: JSON-LD, by schema.org.

What is asked for beyond schema.org itself stands at
https://developers.google.com/search/docs/appearance/structured-data/course (and ``breadcrumb``,
``event`` and ``organization`` beside it).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from courses.calendar import LONDON
from courses.heads import of_course
from courses.models import Course, CourseQuestion, Price, Provider
from courses.panels import Offered
from courses.states import State
from glossary.addresses import absolute
from glossary.amounts import decimal
from glossary.json_ld import block, said

IN = "https://schema.org/"
CONTEXT = {"@context": "https://schema.org"}
# What can be booked is in stock, or limited where its page says how few places are left.
AVAILABILITY = {
    State.OPEN: "InStock",
    State.RUNNING: "InStock",
    State.ANNOUNCED: "PreOrder",
    State.FULL: "SoldOut",
    State.LAST_PLACES: "SoldOut",
}


def course_block(
    course: Course, intakes: Iterable[Offered], *, provider: Provider | None
) -> SafeString:
    """https://schema.org/Course, with the intakes that its page lists, as it lists them."""
    head = of_course(course)
    says = {
        "@type": "Course",
        "@id": head.address,
        "url": head.address,
        "name": course.title,
        "description": head.short_description,
        "inLanguage": get_language(),
        "about": {"@type": "Thing", "name": course.subject} if course.subject else "",
        "teaches": course.outcome_list(),
        "provider": organisation(provider),
        "hasCourseInstance": [_instance(course, offered) for offered in intakes],
    }
    return block(CONTEXT | says)


def questions_block(course: Course, questions: Iterable[CourseQuestion]) -> SafeString:
    """https://schema.org/FAQPage of the questions that staff answered; nothing where there is none.

    The answers are the finished HTML, but for the links to terms.
    """
    told = [
        {
            "@type": "Question",
            "name": one.question,
            "acceptedAnswer": {"@type": "Answer", "text": one.answer.html},
        }
        for one in questions
    ]
    page = {"@type": "FAQPage", "@id": f"{of_course(course).address}#questions"}
    return block({**CONTEXT, **page, "mainEntity": told}) if told else SafeString()


def _instance(course: Course, offered: Offered) -> dict[str, Any]:
    """https://schema.org/CourseInstance, which is an Event that takes place online."""
    intake, address = offered.intake, absolute(course.get_absolute_url())
    status = "EventCancelled" if offered.state is State.CANCELLED else "EventScheduled"
    says = {
        "@type": "CourseInstance",
        "@id": absolute(intake.get_absolute_url()),
        "name": f"{course.title}, {intake.label}",
        "courseMode": "Online",
        # Known by its month only, it says no day: ISO 8601 has dates without one.
        "startDate": f"{intake.starts_on or format(intake.month, '%Y-%m')}",
        "endDate": f"{intake.ends_on or ''}",
        "eventStatus": IN + status,
        "eventAttendanceMode": f"{IN}OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": address},
        "offers": _offer(offered, address),
    }
    return said(says)


def _offer(offered: Offered, address: str) -> dict[str, Any]:
    """https://schema.org/Offer at the price that the page begins with; empty where there is none.

    A concession is not for anyone, so it is none.
    """
    price = _headline(offered)
    if price is None:
        return {}
    availability = AVAILABILITY[offered.state]
    says = {
        "@type": "Offer",
        "url": address,
        "category": "Paid" if price.amount else "Free",
        "price": decimal(price.amount),
        "priceCurrency": price.currency,
        "availability": IN + ("LimitedAvailability" if offered.places_note else availability),
        "validFrom": _moment(max, offered.intake.enrolment_opens_at, price.available_from),
        "validThrough": _moment(min, offered.intake.closes_at, price.available_until),
    }
    return said(says)


def _headline(offered: Offered) -> Price | None:
    """The cheapest price that anyone can book, or where nobody can just now, will or could have."""
    at, is_announced = offered.at, offered.state is State.ANNOUNCED
    if offered.state not in AVAILABILITY:
        return None
    prices = [
        price
        for price in offered.intake.prices.all()
        if price.is_for_anyone
        and (price.is_bookable(at=at) or (is_announced and _comes(price, at=at)))
    ]
    return min(prices, key=lambda price: (price.amount, price.position, price.pk), default=None)


def _comes(price: Price, *, at: datetime) -> bool:
    return price.available_until is None or at < price.available_until


def _moment(pick: Any, *moments: datetime | None) -> str:
    known = [moment for moment in moments if moment]
    return pick(known).astimezone(LONDON).isoformat() if known else ""


def course_list_block(page: "Page[Course]") -> SafeString:
    """https://schema.org/ItemList of the courses on a page of the catalogue."""
    places = [
        {"@type": "ListItem", "position": place, "url": absolute(course.get_absolute_url())}
        for place, course in enumerate(page.object_list, start=page.start_index())
    ]
    return block({**CONTEXT, "@type": "ItemList", "itemListElement": places})


def home_block(provider: Provider | None) -> SafeString:
    """https://schema.org/WebSite and the https://schema.org/Organization behind it."""
    home = absolute(reverse("home"))
    search = f"{absolute(reverse('search'))}?q={{search_term_string}}"
    site = {
        "@type": "WebSite",
        "@id": f"{home}#website",
        "url": home,
        "name": provider.name if provider else "Termtime",
        "inLanguage": get_language(),
        "publisher": {"@id": f"{home}#organization"} if provider else "",
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": search},
            "query-input": "required name=search_term_string",
        },
    }
    whole = [said(site)]
    if provider:
        more = {
            **organisation(provider),
            "logo": absolute(static("img/logo.png")),
            "legalName": provider.legal_name,
            "email": provider.email,
            "telephone": provider.phone,
            "address": ", ".join(filter(None, map(str.strip, provider.address.splitlines()))),
            "vatID": provider.vat_number,
        }
        whole.append(said(more))
    return block({**CONTEXT, "@graph": whole})


def organisation(provider: Provider | None) -> dict[str, Any]:
    """The provider as every other block names it; the home page says more of it."""
    if provider is None:
        return {}
    home = absolute(reverse("home"))
    named = {"@id": f"{home}#organization", "name": provider.name, "url": home}
    return {"@type": "Organization", **named}


def breadcrumbs_block(steps: Iterable[tuple[str, str]], here: str) -> SafeString:
    """https://schema.org/BreadcrumbList: the address and name of each step, and of this page."""
    named = [{"name": name, "item": absolute(path)} for path, name in steps]
    items = [
        # Names may be translated only when they are shown, which JSON knows nothing of.
        {"@type": "ListItem", "position": place, **item, "name": str(item["name"])}
        for place, item in enumerate([*named, {"name": here}], start=1)
    ]
    return block({**CONTEXT, "@type": "BreadcrumbList", "itemListElement": items})
