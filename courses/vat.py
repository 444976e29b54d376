"""How VAT applies to an amount, in the words that stand beside it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from courses.models.provider import VatTreatment


def percent(basis_points: int) -> str:
    """A rate in hundredths of a per cent: 2000 is ``20%``."""
    return f"{Decimal(basis_points).scaleb(-2).normalize():f}%"


def vat_note(*, amount: int, treatment: str, rate: int) -> str:
    """How VAT applies to ``amount`` pence, in a few words; nothing where nothing is paid.

    Consumers are shown what they pay, VAT in it; so the rate is said to be included, never added.
    Source: the Digital Markets, Competition and Consumers Act 2024, s. 230 (an invitation to
    purchase gives the total price, with the taxes that cannot be avoided).
    """
    if not amount:
        return ""
    if treatment == VatTreatment.INCLUSIVE:
        return _("VAT at %(rate)s included") % {"rate": percent(rate)}
    return _("exempt from VAT") if treatment == VatTreatment.EXEMPT else _("no VAT is charged")
