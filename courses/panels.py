"""What a page says in a line or two about an intake, and which intake it says it of."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.calendar import LONDON, london_date
from courses.models import Course, Intake, Price
from courses.models.intake import MINIMUM_OFFER_HOURS
from courses.states import IntakeQuerySet, State
from courses.templatetags.dates import day
from courses.templatetags.money import money
from courses.vat import vat_note
from glossary.models import Glossary
from glossary.prepared import Given, Prepared, a_key, a_moment, partial_row

# Up to so many places left are worth mentioning; more is not news, and must not hurry anybody.
FEW = 5
# What is worth a line on the course's page after its intake has begun.
STILL_MATTERS = [State.OPEN, State.RUNNING, State.ANNOUNCED, State.FULL, State.LAST_PLACES]


def price_vat(price: Price) -> str:
    """How VAT applies to a price; empty where nothing is paid."""
    return vat_note(amount=price.amount, treatment=price.vat_treatment, rate=price.vat_rate)


def price_facts(price: Price, *, at: datetime) -> list[str]:
    """What else is to be known of a price: for whom, from and until when, for how many."""
    facts = []
    if price.kind == Price.Kind.CONCESSION and price.name.lower() != "concession":
        facts.append(_("concession"))
    if price.available_from and price.available_from > at:
        facts.append(_("from %(day)s") % {"day": day(price.available_from)})
    if price.available_until:
        # At midnight a day is over: what ends then was last to be had on the day before.
        last = london_date(price.available_until - timedelta(microseconds=1))
        facts.append(_("until %(day)s") % {"day": day(last)})
    return [*facts, *_places_at(price)]


def _places_at(price: Price) -> list[str]:
    """For how many a price is, and how many of them are left where they are few."""
    limit, left = price.places_limit, price.places_left
    if limit is None or left is None:
        return []
    words = ngettext("for the first one", "for the first %(count)s", limit)
    for_whom = words % {"count": limit}
    if left == 0:
        return [for_whom, ngettext("gone", "all gone", limit)]
    in_all = price.intake.places_left
    left = left if in_all is None else min(left, in_all)
    # Where nobody has booked, the limit says it; and more than a few must not hurry anybody.
    if left > FEW or left in {0, limit}:
        return [for_whom]
    words = ngettext("%(count)s left at this price", "%(count)s left at this price", left)
    return [for_whom, words % {"count": left}]


@dataclass(frozen=True)
class PriceShown:
    """One price among an intake's others: what it costs, what it is called, what else to know."""

    amount: str
    name: str
    facts: str
    # It cannot be booked just now: it begins later, or all of it is gone.
    is_off: bool
    is_paid: bool = True


@dataclass(frozen=True)
class Offered:
    """An intake as it stands at a moment, in the words that pages use for it."""

    intake: Intake
    state: State
    from_price: dict[str, Any] | None
    at: datetime

    @classmethod
    def of(cls, intake: Intake, *, at: datetime) -> "Offered":
        """From a row that ``Intake.objects.with_state`` fetched for the moment ``at``."""
        return cls(intake, State(intake.state_now), intake.from_price, at)

    @property
    def is_joinable(self) -> bool:
        """Whether someone can enrol."""
        return self.state.is_joinable

    @property
    def line(self) -> str:
        """As ``May 2026 intake · open enrolment``."""
        return f"{self.intake.label} · {self.state_line}"

    @property
    def state_line(self) -> str:
        """The state in words, with the waiting list where it has one that can be joined."""
        is_full = self.state is State.FULL and self.waiting_list_url
        if is_full:
            return _("%(state)s · waiting list") % {"state": self.state.label}
        return str(self.state.label)

    @property
    def waiting_list_url(self) -> str:
        """Where to wait for a place; empty where there is one, no list, or no time for an offer."""
        intake = self.intake
        is_booked_up = self.state in {State.FULL, State.LAST_PLACES}
        if not (is_booked_up and intake.has_waiting_list):
            return ""
        soonest = self.at + timedelta(hours=MINIMUM_OFFER_HOURS)
        has_time = intake.closes_at is None or intake.closes_at >= soonest
        return intake.get_enrol_url() if has_time else ""

    @property
    def from_amount(self) -> int | None:
        """The cheapest price in pence that anyone can book; None where nobody can just now."""
        return self.from_price["amount"] if self.from_price and self.is_joinable else None

    @property
    def from_line(self) -> str:
        """As ``from £90 GBP``, or ``free``; empty where nobody can book a place just now."""
        if self.from_amount is None:
            return ""
        amount = {"amount": money(self.from_amount)}
        return _("from %(amount)s GBP") % amount if self.from_amount else _("free")

    @property
    def vat_line(self) -> str:
        """How VAT applies to what ``from_line`` says; empty where nothing is paid."""
        return vat_note(**self.from_price) if self.from_price and self.is_joinable else ""

    @property
    def minimum_line(self) -> str:
        """As ``Runs if 6 enrol by 1 April 2027; 4 have so far``; empty once it is decided."""
        intake = self.intake
        undecided = intake.decision == Intake.Decision.OPEN and self.is_joinable
        if not undecided or not intake.minimum_places or not intake.decide_on:
            return ""
        taken = intake.places_taken
        said = {"needed": intake.minimum_places, "taken": taken, "day": day(intake.decide_on)}
        if london_date(self.at) > intake.decide_on:
            words = _("Fewer than %(needed)s enrolled by %(day)s; whether it runs is being decided")
            return words % said if intake.is_short else ""
        if not taken:
            return _("Runs if %(needed)s enrol by %(day)s; none have so far") % said
        words = ngettext(
            "Runs if %(needed)s enrol by %(day)s; %(taken)s has so far",
            "Runs if %(needed)s enrol by %(day)s; %(taken)s have so far",
            taken,
        )
        return words % said

    @property
    def places_note(self) -> str:
        """How many places are left, where they are few; empty otherwise."""
        left = self.intake.places_left
        if not self.is_joinable or left is None or left > FEW:
            return ""
        return ngettext("%(count)s place left", "%(count)s places left", left) % {"count": left}

    @property
    def note(self) -> str:
        """What stands under the price: VAT, few places left, and whether it needs a minimum."""
        said = filter(None, [self.vat_line, self.places_note, self.minimum_line])
        return "\N{NO-BREAK SPACE}· ".join(said)  # so that no line begins with the dot

    @property
    def detail(self) -> str:
        """When enrolment opens or the intake ends, and how many places are left of how many."""
        intake, opens, parts = self.intake, self.opens_at, []
        if self.state is State.ANNOUNCED and opens:
            parts.append(_("Enrolment opens on %(day)s") % {"day": day(opens)})
        if intake.ends_on and self.state is not State.CANCELLED:
            parts.append(_("runs until %(day)s") % {"day": day(intake.ends_on)})
        if self.places_line:
            parts.append(self.places_line)
        return " · ".join(parts)

    @property
    def places_line(self) -> str:
        """How many places are left of how many; empty without a limit, or where none can be had."""
        intake = self.intake
        if not self.is_joinable or intake.capacity is None:
            return ""
        facts = {"left": intake.places_left, "all": intake.capacity}
        words = ngettext(
            "%(left)d of %(all)d place left", "%(left)d of %(all)d places left", intake.capacity
        )
        return words % facts

    @property
    def opens_at(self) -> datetime | None:
        """When enrolment opens, London time, where a moment is set for all its prices."""
        opens = self.intake.enrolment_opens_at
        return opens.astimezone(LONDON) if opens else None

    @property
    def prices(self) -> list[PriceShown]:
        """Its prices, now, later or gone; none where nothing is sold."""
        prices = self._prices
        says_vat = len({price_vat(price) for price in prices if price.amount}) > 1
        return [self._shown(price, says_vat=says_vat) for price in prices]

    def _shown(self, price: Price, *, says_vat: bool) -> PriceShown:
        vat = [price_vat(price)] if says_vat and price.amount else []
        facts = ", ".join([*vat, *price_facts(price, at=self.at)])
        amount = money(price.amount) if price.amount else _("Free")
        is_off = not price.is_bookable(at=self.at)
        # Called "Free", the amount says it.
        name = price.name if price.amount or price.name.lower() != "free" else ""
        return PriceShown(amount, name, facts, is_off, is_paid=bool(price.amount))

    @property
    def vat_of_all(self) -> str:
        """How VAT applies to all of its prices; empty where it differs, or nothing is paid."""
        vat = {price_vat(price) for price in self._prices if price.amount}
        return vat.pop() if len(vat) == 1 else ""

    @property
    def _prices(self) -> list[Price]:
        if self.state is State.CANCELLED:
            return []
        return [
            price
            for price in self.intake.prices.all()
            if price.available_until is None or self.at < price.available_until
        ]

    @property
    def enrol_url(self) -> str:
        """Where to enrol; empty where nobody can."""
        return self.intake.get_enrol_url() if self.is_joinable else ""

    @property
    def way_in(self) -> str:
        """Where to enrol, or else to wait for a place, or else the intake on its course's page."""
        return self.enrol_url or self.waiting_list_url or self.intake.get_absolute_url()

    @property
    def way_in_label(self) -> str:
        """What the button there says."""
        if self.is_joinable:
            return _("Enrol")
        return _("Wait") if self.waiting_list_url else _("See")


@dataclass(frozen=True)
class Panel:
    """What an enrol panel shows: the next intake to join, or a way to be told."""

    course: Course
    offered: Offered | None

    @property
    def is_open(self) -> bool:
        """Whether there is an intake to enrol in."""
        return self.offered is not None and self.offered.is_joinable


def panel_for_course(course: Course, *, at: datetime) -> Panel:
    """The panel of one course at the moment ``at``: one query."""
    found = PROMISED_BY_COURSE.first(course=course.pk, at=at)
    return Panel(course, _offered(found, at=at) if found else None)


def panel_for_glossary(glossary: Glossary, *, at: datetime) -> Panel | None:
    """The panel of the courses that use a glossary, in at most two queries.

    None where no published course uses it.
    """
    if found := PROMISED_BY_GLOSSARY.first(glossary=glossary.pk, at=at):
        offered = _offered(found, at=at)
        return Panel(offered.intake.course, offered)
    known = TAUGHT_BY_GLOSSARY.first(glossary=glossary.pk)
    return Panel(_course(known), None) if known else None


def _promised(**which: Given) -> "QuerySet[Intake, tuple[Any, ...]]":
    """What may still be joined of these intakes, the best first, as ``_offered`` reads it."""
    intakes = Intake.objects.filter(**which).promised(at=a_moment("at"))
    course = (f"course__{name}" for name in OF_A_COURSE)
    return intakes.values_list("state_now", "from_price", *OF_AN_INTAKE, *course)


# All that a panel says is made of these; what else is asked for is fetched then.
OF_AN_INTAKE = [field.attname for field in Intake._meta.concrete_fields]
OF_A_COURSE = ["id", "title", "slug", "is_published"]
PROMISED_BY_COURSE = Prepared(lambda: _promised(course=a_key("course")))
PROMISED_BY_GLOSSARY = Prepared(lambda: _promised(course__glossaries=a_key("glossary")))
TAUGHT_BY_GLOSSARY = Prepared(
    lambda: (
        Course.objects.public()
        .filter(glossaries=a_key("glossary"))
        .order_by("title", "pk")
        .values_list(*OF_A_COURSE)
    )
)


def _course(values: Sequence[Any]) -> Course:
    return partial_row(Course, dict(zip(OF_A_COURSE, values, strict=True)))


def _offered(found: tuple[Any, ...], *, at: datetime) -> Offered:
    state, price, *values = found
    size = len(OF_AN_INTAKE)
    intake = Intake.from_db(None, OF_AN_INTAKE, values[:size])
    intake.course = _course(values[size:])
    return Offered(intake, State(state), json.loads(price) if price else None, at)


def next_by_course(
    courses: Iterable[Course], *, at: datetime, intakes: IntakeQuerySet | None = None
) -> dict[int, Offered]:
    """The best of ``intakes`` for each of ``courses``, by course id: one query.

    Without them: the next that can be joined, or else one that may be later.
    """
    rows = Intake.objects.promised(at=at) if intakes is None else intakes
    first = (
        rows.filter(course__in=[course.pk for course in courses])
        .order_by("course_id", *rows.query.order_by)
        .distinct("course_id")
        .select_related("course")
    )
    return {intake.course_id: Offered.of(intake, at=at) for intake in first}


def starting_next(*, at: datetime, limit: int) -> list[Offered]:
    """The next intakes to start that can be joined; those under way where none is to come.

    One a course, and further ones only where there are fewer courses than ``limit``. One query,
    or two. Looks at no more rows than a page could need, so that ten thousand courses cost what
    ten do.
    """
    rows = Intake.objects.on_sale(at=at).select_related("course")
    to_come = rows.filter(starts_at__gt=at)[: limit * 8]
    found = list(to_come or rows[: limit * 8])
    first_of_each = {intake.course_id: intake for intake in reversed(found)}.values()
    keys = {intake.pk for intake in first_of_each}
    others = [intake for intake in found if intake.pk not in keys]
    chosen = [*sorted(first_of_each, key=_by_start), *others][:limit]
    return [Offered.of(intake, at=at) for intake in sorted(chosen, key=_by_start)]


def _by_start(intake: Intake) -> tuple[datetime, int]:
    return intake.starts_at, intake.pk


def intakes_to_show(course: Course, *, at: datetime) -> list[Offered]:
    """The intakes that a course's page lists: what can be joined, and what is still to come.

    Two queries: the intakes and their prices.
    """
    still_to_come = Q(starts_at__gt=at)
    matters = Q(state_now__in=STILL_MATTERS)
    rows = (
        course.intakes.with_state(at=at)
        .filter(still_to_come | matters, is_published=True)
        .order_by("starts_at", "pk")
        .prefetch_related("prices")
    )
    return [Offered.of(intake, at=at) for intake in rows]
