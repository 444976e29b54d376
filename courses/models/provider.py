"""The provider: one record behind every receipt, mail and legal page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from courses.legal_text import FACTS, render_legal_text, unknown_placeholders


class VatTreatment(models.TextChoices):
    """How VAT applies to a price. Consumers are always shown the price with VAT in it."""

    NOT_REGISTERED = "not_registered", _("provider is not registered for VAT")
    EXEMPT = "exempt", _("exempt from VAT")
    INCLUSIVE = "inclusive", _("VAT included")


class Provider(models.Model):
    """Who sells and teaches. There is one row, whose key is always 1."""

    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    company_number = models.CharField(max_length=20, blank=True)
    address = models.TextField(help_text=_("One line of the address on each line."))
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True)
    vat_treatment = models.CharField(
        _("VAT"),
        max_length=20,
        choices=VatTreatment.choices,
        default=VatTreatment.NOT_REGISTERED,
        help_text=_("How VAT applies to prices, unless a price says otherwise."),
    )
    # Basis points: 2000 is 20%.
    vat_rate = models.PositiveIntegerField(
        _("VAT rate"), default=2000, help_text=_("In hundredths of a per cent: 2000 is 20%.")
    )
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)

    cancellation_fee = models.PositiveIntegerField(
        _("kept when a student cancels, in pence"),
        default=0,
        help_text=_("Kept of what the tiers below give back. The law's 14 days come first."),
    )
    # The tiers and what is kept, as an enrolment takes them over; see ``store_policy``.
    policy = models.JSONField(default=dict, editable=False)
    suspends_disputed = models.BooleanField(
        _("close lessons while a payment is disputed"),
        default=True,
        help_text=_("They open again when the dispute is won."),
    )

    history = HistoricalRecords(excluded_fields=["policy"])

    class Meta:
        verbose_name_plural = _("provider")
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="provider_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(vat_treatment__in=VatTreatment.values),
                name="provider_vat_treatment_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(vat_treatment="inclusive") | ~models.Q(vat_number=""),
                name="provider_vat_number_given",
                violation_error_message=_("A provider that charges VAT needs its VAT number here."),
            ),
            models.CheckConstraint(
                condition=~models.Q(vat_treatment="inclusive") | models.Q(vat_rate__gt=0),
                name="provider_vat_rate_given",
                violation_error_message=_("A provider that charges VAT needs its rate here."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rate_for_prices(self) -> int:
        """The VAT rate of a new price, in hundredths of a per cent: 0 where none is charged."""
        return self.vat_rate if self.vat_treatment == VatTreatment.INCLUSIVE else 0

    @property
    def is_vat_registered(self) -> bool:
        """Whether it may charge VAT: an invoice that shows VAT names the seller's VAT number."""
        return bool(self.vat_number.strip()) and self.vat_treatment != VatTreatment.NOT_REGISTERED

    def clean(self) -> None:
        """Raises ValidationError where it would charge VAT without being registered for it.

        Source: VAT Act 1994, Schedule 11, paragraph 5 (what an invoice shows as VAT is owed to
        HMRC, charged rightly or not); Finance Act 2008, Schedule 41 (the penalty for it).
        """
        if self.is_vat_registered:
            return
        from courses.models.price import Price

        charging = Price.objects.including_vat(at=timezone.now()).select_related("intake__course")
        count = charging.count()
        if count:
            first = charging.order_by("intake__starts_at", "pk")[0]
            message = ngettext(
                "%(count)s price includes VAT, in %(intake)s. Change that first.",
                "%(count)s prices include VAT, the first in %(intake)s. Change those first.",
                count,
            ) % {"count": count, "intake": first.intake}
            raise ValidationError(
                {"vat_treatment" if self.vat_number.strip() else "vat_number": message}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the record, and say what it says on the legal pages too."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.store_policy()
            for page in LegalPage.objects.all():
                page.render(self)
                LegalPage.objects.filter(pk=page.pk).update(html=page.html)

    def store_policy(self) -> None:
        """Note the policy on cancelling as enrolments made from now on keep it.

        ``{"fee": pence, "tiers": [[days before the start, per cent], …]}``, most days first.
        """
        tiers = [[tier.days_before, tier.percent] for tier in self.refund_tiers.all()]
        self.policy = {"fee": self.cancellation_fee, "tiers": tiers}
        Provider.objects.filter(pk=self.pk).update(policy=self.policy)

    @classmethod
    def policy_now(cls) -> Coalesce:
        """The policy on cancelling as the database has it when a row is inserted with this."""
        stored = cls.objects.filter(pk=1).values("policy")
        nothing = models.Value({}, models.JSONField())
        return Coalesce(models.Subquery(stored), nothing)

    @classmethod
    def current(cls) -> "Provider | None":
        """The record, or None on a site that nobody has set up yet."""
        return cls.objects.filter(pk=1).first()

    @classmethod
    def charges_vat(cls) -> bool:
        """Whether there is one now that may charge VAT."""
        provider = cls.current()
        return provider is not None and provider.is_vat_registered


class RefundTier(models.Model):
    """How much goes back to a student who cancels at least so many days before the start.

    The tier with the most days that still fits counts; where none fits, nothing goes back.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="refund_tiers")
    days_before = models.PositiveIntegerField(
        _("days before the start"), help_text=_("0 is until the moment it starts.")
    )
    percent = models.PositiveIntegerField(_("per cent back"))

    history = HistoricalRecords()

    class Meta:
        ordering = ("-days_before",)
        constraints = (
            models.UniqueConstraint("provider", "days_before", name="refund_tier_once"),
            models.CheckConstraint(
                condition=models.Q(percent__lte=100),
                name="refund_tier_percent",
                violation_error_message=_("At most 100 per cent goes back."),
            ),
        )

    def __str__(self) -> str:
        return ngettext(
            "%(percent)s%% until %(count)s day before",
            "%(percent)s%% until %(count)s days before",
            self.days_before,
        ) % {"percent": self.percent, "count": self.days_before}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the tier, and the policy that it is part of."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.provider.store_policy()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove the tier from the policy too."""
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            self.provider.store_policy()
        return deleted


class LegalPage(models.Model):
    """Terms, privacy, cancellation, accessibility: what the law or good manners ask to be said."""

    class Slug(models.TextChoices):
        TERMS = "terms", "/terms/"
        PRIVACY = "privacy", "/privacy/"
        CANCELLATION = "cancellation", "/cancellation/"
        ACCESSIBILITY = "accessibility", "/accessibility/"

    slug = models.SlugField(_("address"), unique=True, choices=Slug.choices)
    title = models.CharField(max_length=200)
    version = models.CharField(
        max_length=40, help_text=_("Change this with the text: consents name it.")
    )
    source = models.TextField(
        _("text"), help_text=_("Markdown. {{ provider.name }} and the like are filled in.")
    )
    html = models.TextField(editable=False, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(excluded_fields=["html"])

    class Meta:
        ordering = ("title",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(slug__in=["terms", "privacy", "cancellation", "accessibility"]),
                name="legal_page_slug_known",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the page, rendered with what the provider's record says now."""
        self.render(Provider.current())
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "html"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Raises ValidationError for a placeholder that names no fact of the provider."""
        unknown = unknown_placeholders(self.source)
        if unknown:
            known = ", ".join(f"provider.{fact}" for fact in FACTS)
            message = gettext("“%(word)s” is not known. Known are: %(known)s.")
            raise ValidationError({"source": message % {"word": unknown[0], "known": known}})

    def render(self, provider: Provider | None) -> None:
        """Make the finished page from the text; nothing is stored yet."""
        self.html = render_legal_text(self.source, provider)

    def get_absolute_url(self) -> str:
        return reverse("legal_page", args=[self.slug])
