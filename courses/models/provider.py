"""The provider: one record behind every receipt, mail and legal page."""

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords


class VatTreatment(models.TextChoices):
    """How VAT applies to a price. Consumers are always shown the price with VAT in it."""

    NOT_REGISTERED = "not_registered", "provider is not registered for VAT"
    EXEMPT = "exempt", "exempt from VAT"
    INCLUSIVE = "inclusive", "VAT included"


class Provider(models.Model):
    """Who sells and teaches. There is one row, whose key is always 1."""

    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    company_number = models.CharField(max_length=20, blank=True)
    address = models.TextField(help_text="One line of the address on each line.")
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True)
    vat_treatment = models.CharField(
        "VAT",
        max_length=20,
        choices=VatTreatment.choices,
        default=VatTreatment.NOT_REGISTERED,
        help_text="How VAT applies to prices, unless a price says otherwise.",
    )
    # Basis points: 2000 is 20 %.
    vat_rate = models.PositiveIntegerField(
        "VAT rate", default=2000, help_text="In hundredths of a per cent: 2000 is 20 %."
    )
    vat_number = models.CharField("VAT number", max_length=20, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "provider"
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="provider_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(vat_treatment__in=VatTreatment.values),
                name="provider_vat_treatment_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(vat_treatment="inclusive") | ~models.Q(vat_number=""),
                name="provider_vat_number_given",
                violation_error_message="A provider that charges VAT needs its VAT number here.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Provider | None":
        """The record, or None on a site that nobody has set up yet."""
        return cls.objects.filter(pk=1).first()


class LegalPage(models.Model):
    """Terms, privacy, cancellation: what the law or good manners ask to be said."""

    slug = models.SlugField("address", unique=True)
    title = models.CharField(max_length=200)
    version = models.CharField(
        max_length=40, help_text="Change this with the text: consents name it."
    )
    source = models.TextField(
        "text", help_text="Markdown. {{ provider.name }} and the like are filled in."
    )
    html = models.TextField(editable=False, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(excluded_fields=["html"])

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("legal_page", args=[self.slug])
