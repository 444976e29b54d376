"""Form fields that staff type money into."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models.price import MINIMUM_CHARGE

MAX_POUNDS = 1_000_000


class PoundsField(forms.DecimalField):
    """Shows and takes pounds; its value is whole pence."""

    def __init__(self, **options: Any) -> None:
        known = {
            "min_value": 0,
            "max_value": MAX_POUNDS,
            "decimal_places": 2,
            "label": gettext_lazy("Pounds"),
        }
        super().__init__(**{**known, **options})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            pounds = Decimal(value) / 100
            return f"{pounds:.2f}" if value % 100 else f"{pounds:.0f}"
        return value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.strip().removeprefix("£").replace(",", "")
        pounds = super().to_python(value)
        if pounds is not None and not pounds.is_finite():
            # A signalling NaN would raise in the first comparison.
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return pounds

    def clean(self, value: Any) -> Any:
        """Pence. Raises ValidationError for what Stripe would not charge."""
        pounds = super().clean(value)
        if pounds is None:
            return None
        pence = int(pounds * 100)
        if 0 < pence < MINIMUM_CHARGE:
            raise forms.ValidationError(_("A price is 0 (free) or at least £0.30."))
        return pence

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            pounds = self.to_python(data)
            return bool(initial != (None if pounds is None else int(pounds * 100)))
        except (forms.ValidationError, ValueError, OverflowError):
            # No amount at all, or NaN, or Infinity: cleaning says what is wrong with it.
            return True
