"""What a place costs, and who may have it at that."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from courses.models.intake import Intake
from courses.models.provider import Provider, VatTreatment

MINIMUM_CHARGE = 30  # pence; Stripe refuses less in GBP


class PriceQuerySet(models.QuerySet["Price"]):
    """Which prices."""

    def including_vat(self, *, at: datetime) -> "PriceQuerySet":
        """Those with VAT in them at which places may still be sold after the moment ``at``."""
        return self.filter(
            Q(intake__closes_at=None) | Q(intake__closes_at__gt=at),
            intake__cancelled_at=None,
            vat_treatment=VatTreatment.INCLUSIVE,
        )


class Price(models.Model):
    """What a place costs. Whole pence, pounds only, VAT and every compulsory fee included."""

    class Kind(models.TextChoices):
        STANDARD = "standard", _("standard")
        EARLY = "early", _("early bird")
        CONCESSION = "concession", _("concession")

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="prices")
    name = models.CharField(max_length=100, default="Standard")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.STANDARD)
    amount = models.PositiveIntegerField(
        _("amount in pence"), help_text=_("9000 is £90; 0 is free; otherwise at least 30.")
    )
    currency = models.CharField(max_length=3, default="GBP", editable=False)
    vat_treatment = models.CharField(_("VAT"), max_length=20, choices=VatTreatment.choices)
    vat_rate = models.PositiveIntegerField(
        _("VAT rate"), default=0, help_text=_("In hundredths of a per cent: 2000 is 20%.")
    )
    available_from = models.DateTimeField(null=True, blank=True)
    available_until = models.DateTimeField(null=True, blank=True)
    places_limit = models.PositiveIntegerField(
        _("places at this price"),
        null=True,
        blank=True,
        help_text=_("Inside the intake's places; left empty, all of them."),
    )
    places_booked = models.PositiveIntegerField(default=0, editable=False)
    declaration = models.CharField(
        max_length=300,
        blank=True,
        help_text=_(
            "What someone who books a concession declares, and says why: "
            "“I am a full-time student, or out of work.”"
        ),
    )
    position = models.PositiveIntegerField(default=0)

    objects = PriceQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["places_booked"])

    class Meta:
        ordering = ("position", "amount", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(amount=0) | Q(amount__gte=MINIMUM_CHARGE),
                name="price_free_or_chargeable",
                violation_error_message=_("A price is 0 (free) or at least 30 pence."),
            ),
            models.CheckConstraint(condition=Q(currency="GBP"), name="price_in_pounds"),
            models.CheckConstraint(
                condition=Q(kind__in=["standard", "early", "concession"]), name="price_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(vat_treatment="inclusive", vat_rate__gt=0)
                | Q(vat_treatment__in=["exempt", "not_registered"], vat_rate=0),
                name="price_vat_consistent",
                violation_error_message=_("A VAT rate belongs to a price that includes VAT."),
            ),
            models.CheckConstraint(
                condition=Q(available_from=None)
                | Q(available_until=None)
                | Q(available_until__gt=F("available_from")),
                name="price_window_in_order",
                violation_error_message=_("A price cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(places_limit=None) | Q(places_limit__gte=F("places_booked")),
                name="price_never_oversold",
                violation_error_message=_("More places are booked at this price than this."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="early")
                | Q(available_until__isnull=False)
                | Q(places_limit__isnull=False),
                name="price_early_ends",
                violation_error_message=_("An early price ends on a day, or after so many places."),
            ),
        )

    def __str__(self) -> str:
        # With its course and intake on rows that the admin fetched to be chosen from.
        return getattr(self, "full_name", self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store what staff set, never the counter, which moves while people enrol."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields}
            kwargs["update_fields"] = names - {"id", "places_booked"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Raises ValidationError for what contradicts itself, the bookings, or the provider."""
        is_concession = self.kind == self.Kind.CONCESSION
        # What stands from before a rule was made must not keep the rest from being saved.
        changed = self._changed("declaration", "kind", "vat_treatment")
        contradictions = {
            "declaration": (
                bool(self.declaration.strip()) != is_concession
                and bool(changed & {"declaration", "kind"}),
                gettext("Say what someone who books a concession declares.")
                if is_concession
                else gettext(
                    "Only a concession is declared; choose that kind, or leave this empty."
                ),
            ),
            "places_limit": (
                self.places_limit is not None and self.places_limit < self.places_booked,
                ngettext(
                    "%(count)s place is booked at this price already.",
                    "%(count)s places are booked at this price already.",
                    self.places_booked,
                )
                % {"count": self.places_booked},
            ),
            "vat_treatment": (
                self.vat_treatment == VatTreatment.INCLUSIVE
                and "vat_treatment" in changed
                and not Provider.charges_vat(),
                gettext("The provider is not registered for VAT. Give it its VAT number first."),
            ),
        }
        raised = {field: message for field, (wrong, message) in contradictions.items() if wrong}
        if raised:
            raise ValidationError(raised)

    def _changed(self, *names: str) -> set[str]:
        """Which of these fields are not what is stored; all of them of a new price."""
        stored = Price.objects.filter(pk=self.pk).values(*names).first() or {}
        return {name for name in names if name not in stored or stored[name] != getattr(self, name)}

    @property
    def is_for_anyone(self) -> bool:
        """Whether it may be the headline: a concession is for those who are entitled to it."""
        return self.kind != self.Kind.CONCESSION

    @property
    def places_left(self) -> int | None:
        """How many can still be booked at this price; None where only the intake limits them."""
        return None if self.places_limit is None else self.places_limit - self.places_booked

    def is_bookable(self, *, at: datetime) -> bool:
        """Whether a place can be booked at this price at the moment ``at``."""
        return self.places_left != 0 and self.is_on_sale(at=at)

    def is_on_sale(self, *, at: datetime) -> bool:
        """Whether its window is open at the moment ``at``, places or none."""
        return (self.available_from is None or self.available_from <= at) and (
            self.available_until is None or at < self.available_until
        )
