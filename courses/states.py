"""What an intake is at a moment: one rule, said once in Python and once as a query.

The order in which the answers are tried is the rule: draft, cancelled, ended, closed, announced,
full, last places, running, open. ``tests/courses/test_states.py`` holds the two together.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from glossary.prepared import Given

if TYPE_CHECKING:
    from courses.models.intake import Intake
    from courses.models.price import Price

# Queries may be prepared, for a moment that comes later.
Moment = datetime | Given


class State(models.TextChoices):
    """What visitors are told about an intake."""

    DRAFT = "draft", _("draft")
    CANCELLED = "cancelled", _("cancelled")
    ENDED = "ended", _("ended")
    CLOSED = "closed", _("enrolment closed")
    ANNOUNCED = "announced", _("announced")
    FULL = "full", _("full")
    LAST_PLACES = "last_places", _("last places being booked")
    RUNNING = "running", _("under way · late joining")
    OPEN = "open", _("open enrolment")

    @property
    def is_joinable(self) -> bool:
        """Whether someone can enrol."""
        return self in JOINABLE


JOINABLE = frozenset({State.OPEN, State.RUNNING})


def state_of(intake: "Intake", prices: "list[Price]", *, at: datetime) -> State:
    """The state of ``intake``, sold at ``prices``, at the moment ``at``."""
    return state_by_dates(intake, at=at) or _state_by_places(intake, prices, at=at)


def state_by_dates(intake: "Intake", *, at: datetime) -> State | None:
    """What the dates alone say; None where places and prices decide."""
    if not intake.is_published:
        return State.DRAFT
    if intake.cancelled_at and intake.cancelled_at <= at:
        return State.CANCELLED
    if intake.ends_at and intake.ends_at <= at:
        return State.ENDED
    if intake.closes_at and intake.closes_at <= at:
        return State.CLOSED
    if intake.enrolment_opens_at and at < intake.enrolment_opens_at:
        return State.ANNOUNCED
    return None


def _state_by_places(intake: "Intake", prices: "list[Price]", *, at: datetime) -> State:
    capacity = intake.capacity
    if capacity is not None and intake.places_taken >= capacity:
        return State.FULL
    if capacity is not None and intake.places_taken + intake.places_held >= capacity:
        return State.LAST_PLACES
    if not any(price.is_bookable(at=at) for price in prices):
        opens_later = any(_opens_later(price, intake, at=at) for price in prices)
        return State.ANNOUNCED if opens_later else State.CLOSED
    return State.RUNNING if intake.starts_at <= at else State.OPEN


def _opens_later(price: "Price", intake: "Intake", *, at: datetime) -> bool:
    """Whether this price begins after ``at`` and while the intake still sells."""
    begins = price.available_from
    if begins is None or begins <= at:
        return False
    return intake.closes_at is None or begins < intake.closes_at


def least_amount(prices: "list[Price]", *, at: datetime) -> int | None:
    """The cheapest price in pence that anyone can book at ``at``; None where there is none.

    A concession is not for anyone, so it is never the headline.
    """
    amounts = [price.amount for price in prices if price.is_for_anyone and price.is_bookable(at=at)]
    return min(amounts, default=None)


def _bookable(at: Moment) -> Q:
    has_places = Q(places_limit=None) | Q(places_limit__gt=F("places_booked"))
    return (
        has_places
        & (Q(available_from=None) | Q(available_from__lte=at))
        & (Q(available_until=None) | Q(available_until__gt=at))
    )


def _joinable(at: Moment, prices: "models.QuerySet[Price]") -> Q:
    """Where the state is one of ``JOINABLE``.

    Said condition by condition, so that PostgreSQL knows how many rows to expect of each: of a
    state that it has to work out first it expects next to none, and looks for ten thousand
    courses' intakes as if they were one.
    """
    return (
        Q(Exists(prices.filter(_bookable(at))), is_published=True)
        & (Q(cancelled_at=None) | Q(cancelled_at__gt=at))
        & (Q(ends_at=None) | Q(ends_at__gt=at))
        & (Q(closes_at=None) | Q(closes_at__gt=at))
        & (Q(enrolment_opens_at=None) | Q(enrolment_opens_at__lte=at))
        & (Q(capacity=None) | Q(capacity__gt=F("places_taken") + F("places_held")))
    )


def _state_in_sql(at: Moment, prices: "models.QuerySet[Price]") -> Case:
    no_price = ~Exists(prices.filter(_bookable(at)))
    while_selling = Q(intake__closes_at=None) | Q(available_from__lt=F("intake__closes_at"))
    price_later = Exists(prices.filter(while_selling, available_from__gt=at))
    booked = F("places_taken") + F("places_held")
    return Case(
        When(is_published=False, then=Value(State.DRAFT)),
        When(cancelled_at__lte=at, then=Value(State.CANCELLED)),
        When(ends_at__lte=at, then=Value(State.ENDED)),
        When(closes_at__lte=at, then=Value(State.CLOSED)),
        When(enrolment_opens_at__gt=at, then=Value(State.ANNOUNCED)),
        When(places_taken__gte=F("capacity"), then=Value(State.FULL)),
        When(capacity__lte=booked, then=Value(State.LAST_PLACES)),
        When(no_price & price_later, then=Value(State.ANNOUNCED)),
        When(no_price, then=Value(State.CLOSED)),
        When(starts_at__lte=at, then=Value(State.RUNNING)),
        default=Value(State.OPEN),
        output_field=models.CharField(),
    )


def _prices() -> "models.QuerySet[Price]":
    """Those of the intake that a query is about."""
    from courses.models.price import Price

    return Price.objects.filter(intake=OuterRef("pk")).order_by()


class IntakeQuerySet(models.QuerySet["Intake"]):
    """Which intakes."""

    def with_state(self, *, at: Moment) -> "IntakeQuerySet":
        """Each with ``state_now`` (a State's value), ``from_amount`` and ``from_price``.

        ``from_amount`` is the cheapest price in pence that anyone can book at the moment ``at``,
        None where there is none: a concession is never the headline. ``from_price`` is the same
        with how VAT applies: ``{"amount": 9000, "treatment": "inclusive", "rate": 2000}``.
        """
        prices = _prices()
        for_anyone = prices.filter(_bookable(at)).exclude(kind="concession")
        cheapest = for_anyone.order_by("amount", "position", "pk")
        with_vat = JSONObject(amount="amount", treatment="vat_treatment", rate="vat_rate")
        return self.annotate(
            state_now=_state_in_sql(at, prices),
            from_amount=Subquery(cheapest.values("amount")[:1]),
            from_price=Subquery(cheapest.values(shown=with_vat)[:1]),
        )

    def on_sale(self, *, at: Moment, at_most: int | None = None) -> "IntakeQuerySet":
        """Those that someone can join at the moment ``at``, the next to start first.

        Unless ``at_most`` is None, that anyone can join for no more than so many pence.
        """
        prices = _prices()
        if at_most is not None:
            prices = prices.filter(amount__lte=at_most).exclude(kind="concession")
        return (
            self.with_state(at=at)
            .filter(_joinable(at, prices), course__is_published=True)
            .order_by("starts_at", "pk")
        )

    def still_selling(self, *, at: Moment) -> "IntakeQuerySet":
        """Those of published courses that were not closed by the moment ``at``, places or none."""
        return self.filter(
            Q(closes_at=None) | Q(closes_at__gt=at),
            Q(cancelled_at=None) | Q(cancelled_at__gt=at),
            is_published=True,
            course__is_published=True,
        )

    def with_places(self, number: int) -> "IntakeQuerySet":
        """Those in which so many places can still be booked, or any number."""
        booked = F("places_taken") + F("places_held")
        return self.filter(Q(capacity=None) | Q(capacity__gte=booked + number))

    def promised(self, *, at: Moment) -> "IntakeQuerySet":
        """Those that may still be joined: on sale first, then announced or nearly booked up.

        Last those that are full, where somebody can wait for a place.
        """
        hoped_for = [*JOINABLE, State.ANNOUNCED, State.LAST_PLACES]
        return (
            self.with_state(at=at)
            .filter(
                Q(closes_at=None) | Q(closes_at__gt=at),
                Q(state_now__in=hoped_for) | Q(state_now=State.FULL, has_waiting_list=True),
                is_published=True,
                course__is_published=True,
            )
            .order_by(
                Case(
                    When(state_now__in=JOINABLE, then=0),
                    When(state_now=State.FULL, then=2),
                    default=1,
                ),
                "starts_at",
                "pk",
            )
        )
