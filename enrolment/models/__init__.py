"""Places in intakes, who waits for them, and the money paid for them."""

from enrolment.models.alert import IntakeAlert
from enrolment.models.dispute import Dispute
from enrolment.models.document import BillingDetails, Document, DocumentSeries
from enrolment.models.enrolment import Consent, Enrolment
from enrolment.models.history import HistoryEntry
from enrolment.models.move import Move
from enrolment.models.payment import Payment, Refund, StripeEvent
from enrolment.models.voucher import Voucher, VoucherBatch
from enrolment.models.waiting import Offer, WaitingListEntry

__all__ = [
    "BillingDetails",
    "Consent",
    "Dispute",
    "Document",
    "DocumentSeries",
    "Enrolment",
    "HistoryEntry",
    "IntakeAlert",
    "Move",
    "Offer",
    "Payment",
    "Refund",
    "StripeEvent",
    "Voucher",
    "VoucherBatch",
    "WaitingListEntry",
]
