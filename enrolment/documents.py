"""Receipts, invoices and credit notes, issued in the transaction in which money moves.

What a VAT invoice says is set by regulation 14 of the Value Added Tax Regulations 1995 (HMRC's
VAT guide, VAT Notice 700, section 16.3, lists it in plain words): a sequential number, the time of
supply, the date of issue, the supplier's name, address and VAT number, the customer's name and
address, what was supplied, how much of it, its unit price, the rate of VAT, the amount without
VAT, and the VAT in sterling. A credit note says what it corrects, as regulation 15C has it.

Nothing that shows VAT is issued without the number of a registered seller: what was sold with VAT
in it all the same, before that was refused or by a provider who has left the register since, is
documented as a sale without VAT.

Numbers have no gaps: each kind's series is locked last of all locks until the document is
committed, and a transaction that is undone gives its number back. So whoever calls these functions
calls them after everything else that locks.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from courses.models import Provider
from courses.models.provider import VatTreatment
from courses.templatetags.money import money
from enrolment.models import BillingDetails, Document, DocumentSeries, Enrolment, Payment, Refund
from enrolment.models.document import Kind
from enrolment.vat import vat_in

SELLER = ("name", "legal_name", "company_number", "address", "email", "phone", "vat_number")
SIMPLIFIED_UNTIL = 25_000  # pence
BUYER = ("company", "address", "vat_number", "order_number")


def issue_for_payment(payment: Payment, *, at: datetime) -> list[Document]:
    """The receipt for money that came, and an invoice where it paid for a place.

    Inside the transaction that has locked the payment, after all other locks. What was issued
    before is not issued again; nothing is issued where no money came.
    """
    if not payment.is_paid:
        return []
    issued = {one.kind: one for one in payment.documents.exclude(kind=Kind.CREDIT_NOTE)}
    kinds = [Kind.RECEIPT] if payment.flag else [Kind.RECEIPT, Kind.INVOICE]
    for kind in kinds:
        if kind not in issued:
            issued[kind] = _issue_for_payment(kind, payment, at=at)
    return [issued[kind] for kind in kinds]


def _issue_for_payment(kind: Kind, payment: Payment, *, at: datetime) -> Document:
    treatment, rate = _vat_of(payment)
    amount = payment.amount_received
    vat_amount = vat_in(amount, rate)
    return _issue(
        kind,
        payment,
        at=at,
        amount=amount,
        vat_treatment=treatment,
        vat_rate=rate,
        vat_amount=vat_amount,
        lines=[{**_line(payment), "net": amount - vat_amount, "amount": amount}],
        notes=_notes(payment, treatment),
        seller=_seller(),
        buyer=buyer_of(payment.enrolment),
    )


def issue_for_refund(refund: Refund, *, at: datetime) -> Document | None:
    """The credit note for money that goes back, once it is begun; None where none is due.

    Inside the transaction that has locked the payment, after all other locks. Together the credit
    notes of a payment say what has gone back or is on its way: where a refund failed, and another
    takes its place, the note of the first stands, and no second is issued for the same money.
    """
    payment = refund.payment
    notes = payment.documents.filter(kind=Kind.CREDIT_NOTE)
    if existing := notes.filter(refund=refund).first():
        return existing
    going_back = payment.refunds.exclude(status=Refund.Status.FAILED)
    total = going_back.aggregate(pence=Sum("amount"))["pence"] or 0
    credited = notes.aggregate(pence=Sum("amount"), vat=Sum("vat_amount"))
    amount = total - (credited["pence"] or 0)
    if amount <= 0:
        return None
    corrects = _corrected(payment, at=at)
    # Counted from the whole, so that the parts of a refund in parts add up to the invoice's VAT.
    # Less has been credited than was charged, unless the invoice was issued anew without its VAT.
    vat_amount = max(0, vat_in(total, corrects.vat_rate) - (credited["vat"] or 0))
    return _issue(
        Kind.CREDIT_NOTE,
        payment,
        at=at,
        refund=refund,
        corrects=corrects,
        amount=amount,
        vat_treatment=corrects.vat_treatment,
        vat_rate=corrects.vat_rate,
        vat_amount=vat_amount,
        lines=[
            {
                "description": corrects.lines[0]["description"],
                "detail": f"Refund: {refund.reason}",
                "net": amount - vat_amount,
                "amount": amount,
            }
        ],
        notes=[*_vat_notes(corrects.vat_treatment), _goes_back(payment)],
        seller=corrects.seller,
        buyer=corrects.buyer,
    )


def _corrected(payment: Payment, *, at: datetime) -> Document:
    """The invoice that holds, or the receipt where money came for nothing that was supplied."""
    issued = issue_for_payment(payment, at=at)
    current = payment.documents.filter(kind=Kind.INVOICE, replaced_by=None).first()
    return current or issued[0]


def replace_invoices(enrolment: Enrolment, *, at: datetime) -> list[Document]:
    """Issue each invoice of the enrolment anew, made out as its billing details now say.

    Inside the transaction that has locked the enrolment, after all other locks. The old ones stay
    as they are, and name what replaces them. One that showed VAT and no VAT number, as was once
    possible, gets the number that the seller has now; without any, the new one shows no VAT.
    """
    current = Document.objects.filter(
        payment__enrolment=enrolment, kind=Kind.INVOICE, replaced_by=None
    )
    return [_replace(one, enrolment, at=at) for one in current.order_by("number")]


def _replace(old: Document, enrolment: Enrolment, *, at: datetime) -> Document:
    seller = {**old.seller}
    if old.has_vat and not seller.get("vat_number"):
        seller["vat_number"] = _seller().get("vat_number", "")
    said: dict[str, Any] = {
        "vat_treatment": old.vat_treatment,
        "vat_rate": old.vat_rate,
        "vat_amount": old.vat_amount,
        "lines": old.lines,
        "notes": old.notes,
    }
    if old.has_vat and not seller["vat_number"]:
        said = _without_vat(old)
    return _issue(
        Kind.INVOICE,
        old.payment,
        at=at,
        replaces=old,
        amount=old.amount,
        seller=seller,
        buyer=buyer_of(enrolment),
        **said,
    )


def _without_vat(old: Document) -> dict[str, Any]:
    return {
        "vat_treatment": VatTreatment.NOT_REGISTERED,
        "lines": [{**line, "net": line["amount"]} for line in old.lines],
        "notes": [*_vat_notes(VatTreatment.NOT_REGISTERED), *old.notes],
    }


def issue_missing(*, at: datetime) -> int:
    """Issue what payments and refunds lack, made before there were documents; how many.

    Not inside a transaction: each gets one of its own.
    """
    paid = Payment.objects.filter(status=Payment.Status.PAID, documents=None)
    begun = Refund.objects.exclude(status=Refund.Status.FAILED).filter(documents=None)
    count = 0
    for key in list(paid.order_by("paid_at").values_list("pk", flat=True)):
        with transaction.atomic():
            count += len(issue_for_payment(Payment.objects.select_for_update().get(pk=key), at=at))
    for refund in begun.order_by("created_at").select_related("payment"):
        with transaction.atomic():
            Payment.objects.select_for_update().get(pk=refund.payment_id)
            count += bool(issue_for_refund(refund, at=at))
    return count


def _issue(kind: Kind, payment: Payment, *, at: datetime, **fields: Any) -> Document:
    return Document.objects.create(
        kind=kind, number=next_number(kind), payment=payment, issued_at=at, **fields
    )


def next_number(kind: Kind) -> int:
    """The next number of a kind; its series stays locked until the transaction ends."""
    series = DocumentSeries.objects.filter(kind=kind)
    if not series.update(last_number=F("last_number") + 1):
        DocumentSeries.objects.bulk_create([DocumentSeries(kind=kind)], ignore_conflicts=True)
        series.update(last_number=F("last_number") + 1)
    return series.values_list("last_number", flat=True).get()


def _vat_of(payment: Payment) -> tuple[str, int]:
    """How VAT applies, and its rate; neither where nothing was supplied for the money.

    Who is not registered charges no VAT, whatever the price said.
    """
    if payment.flag:
        return "", 0
    enrolment = payment.enrolment
    if enrolment.vat_treatment == VatTreatment.INCLUSIVE and not Provider.charges_vat():
        return VatTreatment.NOT_REGISTERED, 0
    return enrolment.vat_treatment, enrolment.vat_rate


def _line(payment: Payment) -> dict[str, str]:
    enrolment, move = payment.enrolment, payment.move
    student = _("Place for %(name)s") % {"name": enrolment.student.get_full_name()}
    if move:
        words = _("%(course)s: difference for moving from the %(left)s to the %(joined)s")
        intakes = {"left": move.from_intake.label, "joined": move.to_intake.label}
        return {
            "description": words % {"course": enrolment.intake.course.title, **intakes},
            "detail": student,
        }
    price = enrolment.price_name
    if enrolment.discount:
        words = (
            _("%(name)s, %(price)s less %(discount)s by voucher")
            if enrolment.voucher_id
            else _("%(name)s, %(price)s less %(discount)s")
        )
        amounts = {"price": money(enrolment.list_amount), "discount": money(enrolment.discount)}
        price = words % {"name": price, **amounts}
    return {
        "description": f"{enrolment.intake.course.title}, {enrolment.intake.label}",
        "detail": f"{price}. {student}",
    }


def _notes(payment: Payment, treatment: str) -> list[str]:
    if payment.flag:
        why = payment.get_flag_display()
        return [_("This money could not be used (%(why)s). All of it goes back.") % {"why": why}]
    return [*_vat_notes(treatment), _came_by(payment)]


def _vat_notes(treatment: str) -> list[str]:
    """Why there is no VAT in it; nothing where there is."""
    if treatment == VatTreatment.EXEMPT:
        return [_("This supply is exempt from VAT.")]
    if treatment == VatTreatment.NOT_REGISTERED:
        return [_("No VAT is charged: the seller is not registered for VAT.")]
    return []


def _came_by(payment: Payment) -> str:
    if payment.method == Payment.Method.STRIPE:
        return _("Paid in full through Stripe. Nothing is owed.")
    if payment.note:
        return _("Paid in full: %(how)s. Nothing is owed.") % {"how": payment.note}
    return _("Paid in full. Nothing is owed.")


def _goes_back(payment: Payment) -> str:
    if payment.method == Payment.Method.STRIPE:
        return _("The money goes back through Stripe, to where it was paid from.")
    return _("The money goes back in the way that it was paid.")


def lacks_address(invoice: Document) -> bool:
    """Whether a buyer could not reclaim the VAT by it: above £250 it has to name an address.

    Up to there the simplified invoice of regulation 16A will do, which names no buyer.
    """
    return invoice.has_vat and invoice.amount > SIMPLIFIED_UNTIL and not invoice.buyer["address"]


def _seller() -> dict[str, str]:
    provider = Provider.current()
    return {name: getattr(provider, name) for name in SELLER} if provider else {}


def buyer_of(enrolment: Enrolment) -> dict[str, str]:
    """Whom its documents are made out to at this moment."""
    student = enrolment.student
    details = BillingDetails.objects.filter(enrolment=enrolment).first()
    known = {"name": student.get_full_name(), "email": student.email}
    return {**known, **{name: getattr(details, name) if details else "" for name in BUYER}}
