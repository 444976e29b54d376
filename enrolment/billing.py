"""Whom an invoice is made out to: said before paying, or changed after."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from enrolment import documents, history
from enrolment.models import BillingDetails, Document, Enrolment, Payment


@dataclass(frozen=True)
class Details:
    """A company, or a person by name and address, as it is to stand on the invoice."""

    company: str
    address: str
    vat_number: str = ""
    order_number: str = ""


# Each change may issue an invoice, whose number stands in the provider's books for good.
MOST_CHANGES = 10  # a day


class ChangedTooOften(Exception):
    """The details were changed so often today that the next change has to wait."""


DETAILS = [field.name for field in fields(Details)]


@transaction.atomic
def change(enrolment: Enrolment, details: Details, *, by: User, at: datetime) -> list[Document]:
    """Keep the details; invoices that were issued are issued anew, which are returned.

    Nothing happens where they are the same as before. Raises ChangedTooOften.
    """
    locked = Enrolment.objects.locked(pk=enrolment.pk)
    if known(locked) == asdict(details):
        return []
    changes = locked.entries.filter(kind=history.Kind.BILLING_CHANGED)
    if changes.filter(at__gt=at - timedelta(days=1)).count() >= MOST_CHANGES:
        raise ChangedTooOften
    BillingDetails.objects.update_or_create(enrolment=locked, defaults=asdict(details))
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


def known(enrolment: Enrolment) -> dict[str, str]:
    """The details as they are; empty where none have been given."""
    return BillingDetails.objects.filter(enrolment=enrolment).values(*DETAILS).first() or {}


def can_be_said(enrolment: Enrolment) -> bool:
    """Whether there is, or may be, an invoice: something is to be paid, or was."""
    if enrolment.is_pending and enrolment.amount:
        return True
    paid = Q(status=Payment.Status.PAID, flag=Payment.Flag.NONE)
    return enrolment.payments.filter(paid | Q(status__in=Payment.OPEN)).exists()
