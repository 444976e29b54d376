"""The form for what an invoice is made out to."""

import re

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enrolment.billing import Details

# Great Britain has nine digits, or twelve for a part of a group; Northern Ireland's trade with the
# European Union is under XI. What other countries have is theirs to know.
BRITISH = re.compile(r"(GB|XI)(\d{9}|\d{12}|GD\d{3}|HA\d{3})")
FOREIGN = re.compile(r"(?!GB|XI)[A-Z]{2}(?=.*\d.*\d)[0-9A-Z+*]{2,13}")
MOST_LINES = 8


class BillingForm(forms.Form):
    """Company, address, VAT number and order number."""

    company = forms.CharField(
        label=_("Company or name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Say whom the invoice is for.")},
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "street-address"}),
        error_messages={"required": _("Give the address that should stand on the invoice.")},
    )
    vat_number = forms.CharField(
        label=_("VAT number"),
        max_length=30,
        required=False,
        help_text=_("For example GB 123 4567 89."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    order_number = forms.CharField(
        label=_("Your order number"),
        max_length=60,
        required=False,
        help_text=_("If your company wants one on its invoices."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_address(self) -> str:
        """The address, without empty lines."""
        lines = [line.strip() for line in self.cleaned_data["address"].splitlines()]
        kept = [line for line in lines if line]
        if len(kept) > MOST_LINES:
            raise forms.ValidationError(
                gettext("Use %(count)s lines at most.") % {"count": MOST_LINES}
            )
        return "\n".join(kept)

    def clean_vat_number(self) -> str:
        """The number without spaces; nine or twelve digits alone are British."""
        number = re.sub(r"[\s.\-]", "", self.cleaned_data["vat_number"]).upper()
        if re.fullmatch(r"\d{9}|\d{12}", number):
            number = f"GB{number}"
        if number and not (BRITISH.fullmatch(number) or FOREIGN.fullmatch(number)):
            raise forms.ValidationError(
                gettext(
                    "This does not look like a VAT number. A British one is GB and 9 or 12 digits; "
                    "others begin with the two letters of their country."
                )
            )
        return number

    @property
    def details(self) -> Details:
        """What was said."""
        return Details(**self.cleaned_data)
