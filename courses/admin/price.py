"""Prices in the admin: written at their intake, and looked up where vouchers name some."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from courses.admin.fields import PoundsField
from courses.models import Price, Provider
from glossary.history_admin import PoliteLists


class PriceForm(forms.ModelForm):
    """A price; a new one takes VAT from the provider."""

    amount = PoundsField(help_text=_("With VAT and every compulsory fee; 0 is free."))

    class Meta:
        model = Price
        fields = (
            "name", "kind", "amount", "vat_treatment", "vat_rate", "available_from",
            "available_until", "places_limit", "declaration", "position",
        )  # fmt: skip
        labels = {
            "available_from": _("On sale from"),
            "available_until": _("On sale until"),
            "places_limit": _("For the first … places"),
            "declaration": _("What a concession declares"),
        }
        help_texts = {
            "kind": _(
                "A concession is never the price that pages begin with. "
                "An early price ends on a day, or after so many places."
            ),
            "available_from": _("Left empty, as long as the intake sells."),
            "position": _("Prices are listed by this number, then by amount."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider = None if self.instance.pk else Provider.current()
        if provider:
            self.initial["vat_treatment"] = provider.vat_treatment
            self.initial["vat_rate"] = provider.rate_for_prices


class PriceInline(admin.StackedInline):
    """The prices of an intake. One that somebody has booked at is kept; it can end its sale."""

    model = Price
    form = PriceForm
    extra = 0
    readonly_fields = ("places_booked",)
    fields = (
        ("name", "kind", "amount"),
        ("vat_treatment", "vat_rate"),
        ("available_from", "available_until"),
        ("places_limit", "places_booked"),
        "declaration",
        "position",
    )


def prices_by_name() -> QuerySet[Price]:
    """Every price with the course and the intake in its name, to be chosen from."""
    full_name = Concat(
        "name", Value(" · "), "intake__course__title", Value(", "), "intake__slug",
        output_field=CharField(),
    )  # fmt: skip
    return Price.objects.annotate(full_name=full_name)


@admin.register(Price)
class PriceAdmin(PoliteLists, admin.ModelAdmin):
    """For looking up: prices are written at their intake."""

    list_display = ("__str__", "kind", "amount", "places_booked", "places_limit")
    search_fields = ("name", "intake__course__title", "intake__slug")
    ordering = ("intake__course__title", "-intake__starts_at", "position", "amount", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        return prices_by_name().order_by(*self.ordering)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Not on the front page: whoever looks for a price looks for its intake."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
