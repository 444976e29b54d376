"""What goes with a mail: documents as PDF, and the days of the intake for a calendar."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from enrolment import calendars, printing
from enrolment.models import Document, Enrolment, Move
from enrolment.models.document import Kind

# The mails that say that someone is in.
COMING = {"enrolled", "enrolled_by_hand"}


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes
    type: str


def attachments(kind: str, context: dict[str, Any]) -> list[Attachment]:
    """What goes with the mail of this kind, which says what is in ``context``.

    Only what still holds when the mail goes out, which may be hours after it was queued.
    """
    enrolment = context.get("enrolment")
    if not isinstance(enrolment, Enrolment):
        return []
    if kind == "refund":
        return _files(Document.objects.filter(refund=context["refund"]))
    is_over = enrolment.status == Enrolment.Status.CANCELLED
    if kind in {"cancelled", "intake_called_off"} and is_over:
        return [*_files(_credit_notes(enrolment)), *_days(enrolment)]
    if kind in {"moved", "intake_called_off"} and enrolment.is_enrolled:
        return [*_files(_of_the_move(enrolment)), *_days(enrolment)]
    if kind in COMING and enrolment.is_enrolled:
        return [*_files(_receipts(enrolment)), *_days(enrolment)]
    return []


def _receipts(enrolment: Enrolment) -> QuerySet[Document]:
    """What was issued for the payment of the place."""
    paid = Document.objects.filter(payment__enrolment=enrolment, payment__flag="", replaced_by=None)
    return paid.exclude(kind=Kind.CREDIT_NOTE)


def _of_the_move(enrolment: Enrolment) -> QuerySet[Document]:
    """What was issued for the difference that the latest move made."""
    moved = enrolment.moves.filter(status=Move.Status.DONE).order_by("-ended_at").first()
    if moved is None:
        return Document.objects.none()
    return Document.objects.filter(payment__enrolment=enrolment, issued_at__gte=moved.ended_at)


def _credit_notes(enrolment: Enrolment) -> QuerySet[Document]:
    return Document.objects.filter(
        payment__enrolment=enrolment, kind=Kind.CREDIT_NOTE, issued_at__gte=enrolment.ended_at
    )


def _files(documents: QuerySet[Document]) -> list[Attachment]:
    named = documents.select_related("payment", "corrects", "replaces").order_by("kind", "number")
    return [
        Attachment(f"{one.reference}.pdf", printing.pdf(one), "application/pdf") for one in named
    ]


def _days(enrolment: Enrolment) -> list[Attachment]:
    content = calendars.for_enrolment(enrolment)
    if content is None:
        return []
    method = "CANCEL" if b"METHOD:CANCEL" in content else "PUBLISH"
    name = calendars.file_name(enrolment.intake)
    return [Attachment(name, content, f"text/calendar; method={method}")]
