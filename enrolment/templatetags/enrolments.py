"""What templates may ask about the person's enrolments."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from courses import vat
from courses.models import Course, Lesson, Price
from courses.templatetags.money import money
from enrolment.models import Enrolment

register = template.Library()


@register.filter
def fee(pence: int) -> str:
    """A price as people read it: ``£90``, or ``free``."""
    return money(pence) if pence else _("free")


@register.filter
def percent(basis_points: int) -> str:
    """A rate in hundredths of a per cent: 2000 is ``20%``."""
    return vat.percent(basis_points)


@register.filter
def vat_note(priced: Price | Enrolment) -> str:
    """How VAT applies, in a few words; nothing where nothing is paid."""
    return vat.vat_note(amount=priced.amount, treatment=priced.vat_treatment, rate=priced.vat_rate)


@register.simple_tag(takes_context=True)
def enrolment_in(context: dict[str, Any], course: Course) -> Enrolment | None:
    """The person's newest live enrolment in the course, if there is one."""
    user = context["request"].user
    if not user.is_authenticated:
        return None
    mine = Enrolment.objects.live().filter(student=user, intake__course=course)
    return mine.select_related("intake__course").order_by("-created_at").first()


@register.inclusion_tag("enrolment/lesson_opening.html", takes_context=True)
def lesson_opening(context: dict[str, Any], lesson: Lesson) -> dict[str, Any]:
    """On a locked lesson: when it opens for someone who is enrolled, or why it does not."""
    return {
        "enrolment": enrolment_in(context, lesson.course),
        "lesson": lesson,
        "at": context["request"].at,
    }
