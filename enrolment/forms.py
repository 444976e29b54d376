"""The form between an intake and a place in it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Intake, Price
from courses.panels import price_facts, price_vat
from courses.templatetags.money import money
from enrolment import consents, offering, pricing, vouchers
from enrolment.consent_fields import AsksConsents
from enrolment.models import Consent, Offer, Voucher

TOO_MANY_CODES = _(
    "You have tried many codes that we do not know. Try again in an hour, or leave this empty."
)


@dataclass(frozen=True)
class Choice:
    """A price as the form shows it, at what is paid for it without a voucher, in pence.

    Those that can be chosen have the ids that Django counts them by, to which the summary of what
    is wrong leads.
    """

    price: Price
    amount: int
    note: str
    html_id: str
    is_gone: bool = False

    @property
    def as_shown(self) -> str:
        """What the page showed, for comparison when the form comes back."""
        return f"{self.price.pk}:{self.amount}"


def _choices(intake: Intake, offer: Offer | None, *, at: datetime) -> list[Choice]:
    """What can be chosen, and what could be until its places were gone."""
    choices: list[Choice] = []
    for price in intake.prices.all():
        offered = offer is not None and offer.price_id == price.pk
        if not (offered or price.is_on_sale(at=at)):
            continue
        amount = offering.amount_now(offer, price, at=at) if offer and offered else price.amount
        vat = [price_vat(price)] if price.amount else []
        facts = [*vat, *price_facts(price, at=at)]
        if offer and offered:
            facts = [_offered_note(offer, amount), *vat]
        note = ", ".join(facts)
        is_gone = not (offered or price.is_bookable(at=at))
        before = sum(one.is_gone == is_gone for one in choices)
        html_id = f"id_price_gone_{before}" if is_gone else f"id_price_{before}"
        choices.append(Choice(price, amount, note, html_id, is_gone))
    return choices


def _offered_note(offer: Offer, amount: int) -> str:
    if amount < offer.amount:
        return gettext("less than the %(amount)s of your offer") % {"amount": money(offer.amount)}
    return gettext("the price of your offer")


class EnrolForm(AsksConsents):
    """Choose a price, say why a concession is due, use a voucher; give, or leave, two consents.

    A voucher's total is seen before anything is held: the form comes back with it until what is
    sent is what was shown (``shows_total_first``). ``guessed`` says that the code sent is none of
    ours; whoever sends many such may not try any (``may_try_vouchers``).
    """

    price = forms.ModelChoiceField(
        label=_("Price"),
        queryset=Price.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a price."),
            "invalid_choice": _("This price cannot be booked any more. Choose another."),
        },
    )
    declaration = forms.CharField(
        label=_("Why the concession is yours"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    voucher = forms.CharField(
        label=_("Voucher code"),
        max_length=60,
        required=False,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def __init__(
        self,
        *args: Any,
        intake: Intake,
        at: datetime,
        student: User | None = None,
        offer: Offer | None = None,
        may_try_vouchers: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.at, self.student, self.offer = at, student, offer
        self.may_try_vouchers = may_try_vouchers
        self.choices = _choices(intake, offer, at=at)
        self.bookable = [choice for choice in self.choices if not choice.is_gone]
        field = self.fields["price"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 as declared above
        field.queryset = intake.prices.filter(pk__in=[one.price.pk for one in self.bookable])
        if len(self.bookable) == 1:
            field.initial = self.bookable[0].price.pk
        elif offer:
            field.initial = offer.price_id
        dearest = max((one.amount for one in self.bookable), default=0)
        held_until = offer.expires_at if offer else None
        self.opening = consents.opening(intake, dearest, at=at, held_until=held_until)
        if self.opening:
            self.ask(Consent.Kind.values)
        self.used: Voucher | None = None
        self.guessed = False

    def clean_price(self) -> Price:
        """The price, if it is still what the page showed."""
        price: Price = self.cleaned_data["price"]
        choice = self._choice(price)
        if "shown" in self.data and choice.as_shown not in self.data["shown"].split():
            raise forms.ValidationError(
                gettext(
                    "This price has changed; it is now %(amount)s. "
                    "Nothing was charged. Is that all right?"
                )
                % {"amount": money(choice.amount)}
            )
        return price

    def clean(self) -> dict[str, Any]:
        """See whether the voucher applies, and whether a concession's reason was given."""
        cleaned = super().clean() or {}
        price, code = cleaned.get("price"), cleaned.get("voucher", "")
        if code and "voucher" not in self.errors:
            self._try(code, price)
        elif self.is_applying and not self.data.get("applied"):
            self.add_error("voucher", gettext("Type the code of your voucher."))
        if price and price.declaration and not self.is_applying and not cleaned.get("declaration"):
            self.add_error("declaration", gettext("Say in a few words why this price is yours."))
        return cleaned

    def _try(self, code: str, price: Price | None) -> None:
        if not self.may_try_vouchers:
            self.add_error("voucher", TOO_MANY_CODES)
            return
        try:
            found = vouchers.find(code)
            if price and self.student:
                amount = self._choice(price).amount
                vouchers.check(found, student=self.student, price=price, at=self.at, amount=amount)
                self.used = found
        except vouchers.VoucherRefused as refused:
            self.guessed = isinstance(refused, vouchers.VoucherUnknown)
            self.add_error("voucher", str(refused))

    def refuse_voucher(self, why: str) -> None:
        """The voucher does not apply after all: somebody else was quicker."""
        self.used = None
        self.add_error("voucher", why)

    def _choice(self, price: Price) -> Choice:
        return next(one for one in self.bookable if one.price.pk == price.pk)

    @property
    def is_applying(self) -> bool:
        """Whether the student only wants to see the total."""
        return "apply" in self.data

    @property
    def shows_total_first(self) -> bool:
        """Whether what was sent differs from the total that the page had shown."""
        if self.is_applying:
            return True
        had_shown = self.data.get("applied", "")
        return bool(self.used or had_shown) and self.total_as_shown != had_shown

    @property
    def total_as_shown(self) -> str:
        """Which voucher takes how much off which price, for comparison; empty without one."""
        if not (self.used and self.chosen and self.total):
            return ""
        return f"{self.used.code}:{self.chosen.price.pk}:{self.total.amount}"

    @property
    def chosen(self) -> Choice | None:
        """The price that was chosen, or the only one there is."""
        if self.is_bound and (self.is_valid() or "price" in self.cleaned_data):
            return self._choice(self.cleaned_data["price"])
        return self.bookable[0] if len(self.bookable) == 1 else None

    @property
    def total(self) -> pricing.Total | None:
        """What the place comes to; None while that depends on the price chosen."""
        if self.chosen is None:
            return None
        return pricing.total(self.chosen.amount, self.used.batch if self.used else None)

    @cached_property
    def declared(self) -> list[Price]:
        """The prices that ask for a declaration."""
        return [one.price for one in self.bookable if one.price.declaration]

    @property
    def shown(self) -> str:
        """What the page shows, for comparison when the form comes back."""
        return " ".join(choice.as_shown for choice in self.bookable)

    @property
    def is_free(self) -> bool:
        """Whether nothing is to be paid: whichever price is chosen, or with the voucher."""
        if self.total is not None:
            return self.total.amount == 0
        return not any(choice.amount for choice in self.bookable)

    @property
    def takes_vouchers(self) -> bool:
        """Whether there is anything to take something off."""
        return any(choice.amount for choice in self.bookable)

    @property
    def agreed(self) -> list[str]:
        """The kinds of consent that were given; none where nothing is paid, so nothing asked."""
        return [] if self.is_free else self.ticked


class AlertForm(forms.Form):
    """One address to tell."""

    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Give the address that we should write to.")},
    )
