"""What the mails about intakes that may not run are about; sent by ``enrolment.mail``."""

from enrolment import refunding
from enrolment.mail_kinds import Context, Kinds
from enrolment.models import HistoryEntry, Move, Refund


def _about_calling_off(key: str) -> tuple[str, Context]:
    """To a student, by the entry in the history: moved, cancelled, or let go before paying."""
    rows = HistoryEntry.objects.select_related("enrolment__student", "enrolment__intake__course")
    entry = rows.get(pk=key)
    enrolment = entry.enrolment
    move = None
    if entry.kind == HistoryEntry.Kind.MOVED:
        moves = enrolment.moves.filter(status=Move.Status.DONE, ended_at=entry.at)
        move = moves.select_related("from_intake", "to_intake").get()
    refunds = Refund.objects.filter(payment__enrolment=enrolment, created_at=entry.at)
    return enrolment.student.email, {
        "enrolment": enrolment,
        "course": enrolment.intake.course,
        "intake": move.from_intake if move else enrolment.intake,
        "to": move.to_intake if move else None,
        "reason": entry.reason,
        "refund": sum(refund.amount for refund in refunds),
        "by_hand": refunds.filter(payment__method="elsewhere").exists(),
        "owed": entry.facts.get("owed") or (refunding.waits_for_bank(enrolment) if move else 0),
        "was_paid_for": entry.kind != HistoryEntry.Kind.GIVEN_UP,
    }


KINDS: Kinds = {
    "intake_called_off": _about_calling_off,
}
