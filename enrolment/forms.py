"""The form between an intake and a place in it."""

from datetime import datetime
from typing import Any

from django import forms

from courses.models import Intake, Price
from courses.templatetags.money import money
from enrolment import consents
from enrolment.models import Consent


def _as_shown(price: Price) -> str:
    return f"{price.pk}:{price.amount}"


class EnrolForm(forms.Form):
    """Choose a price; give, or leave, the two consents."""

    price = forms.ModelChoiceField(
        queryset=Price.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a price.",
            "invalid_choice": "This price cannot be booked any more. Choose another.",
        },
    )

    def __init__(self, *args: Any, intake: Intake, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prices = [price for price in intake.prices.all() if price.is_bookable(at=at)]
        field = self.fields["price"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 as declared above
        field.queryset = intake.prices.filter(pk__in=[price.pk for price in prices])
        if len(prices) == 1:
            field.initial = prices[0].pk
        self.bookable = prices
        dearest = max((price.amount for price in prices), default=0)
        self.wants_consents = consents.are_wanted(intake, dearest, at=at)
        if self.wants_consents:
            for kind in Consent.Kind.values:
                self.fields[kind] = forms.BooleanField(
                    required=False, label=consents.wordings()[kind].text
                )

    def clean_price(self) -> Price:
        """The price, if it is still what the page showed."""
        price: Price = self.cleaned_data["price"]
        if "shown" in self.data and _as_shown(price) not in self.data["shown"].split():
            raise forms.ValidationError(
                f"This price has changed; it is now {money(price.amount)}. "
                "Nothing was charged. Is that all right?"
            )
        return price

    @property
    def shown(self) -> str:
        """What the page shows, for comparison when the form comes back."""
        return " ".join(map(_as_shown, self.bookable))

    @property
    def is_free(self) -> bool:
        """Whether nothing is to be paid, whichever price is chosen."""
        return not any(price.amount for price in self.bookable)

    @property
    def agreed(self) -> list[str]:
        """The kinds of consent that were given."""
        return [kind for kind in Consent.Kind.values if self.cleaned_data.get(kind)]


class AlertForm(forms.Form):
    """One address to tell."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Give the address that we should write to."},
    )
