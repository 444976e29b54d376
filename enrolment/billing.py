"""Whom an invoice is made out to: said before paying, or changed after."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from enrolment import documents, history
from enrolment.models import BillingDetails, Document, Enrolment


@dataclass(frozen=True)
class Details:
    """A company, or a person by name and address, as it is to stand on the invoice."""

    company: str
    address: str
    vat_number: str = ""
    order_number: str = ""


@transaction.atomic
def change(enrolment: Enrolment, details: Details, *, by: User, at: datetime) -> list[Document]:
    """Keep the details; invoices that were issued are issued anew, which are returned.

    Nothing happens where they are the same as before.
    """
    locked = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    known = BillingDetails.objects.filter(enrolment=locked)
    if known.filter(**asdict(details)).exists():
        return []
    known.update_or_create(enrolment=locked, defaults=asdict(details))
    replacements = documents.replace_invoices(locked, at=at)
    history.note(
        locked,
        history.Kind.BILLING_CHANGED,
        at=at,
        by=by,
        company=details.company,
        invoices=[one.reference for one in replacements],
    )
    return replacements


def can_be_said(enrolment: Enrolment) -> bool:
    """Whether there is, or may be, an invoice: something is to be paid, or was."""
    if enrolment.is_pending and enrolment.amount:
        return True
    return enrolment.payments.filter(status="paid", flag="").exists()
