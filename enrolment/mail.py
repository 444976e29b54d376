"""The mails about enrolments. Queued by a job's row, so once; sent at least once."""

from courses import mailing
from courses.models import Provider
from enrolment import attaching, consents, deciding_mail, refunding, staff_mail, waiting_mail
from enrolment.mail_kinds import Context, Kinds
from enrolment.models import Consent, Enrolment, HistoryEntry, Move, Payment, Refund


def send(kind: str, key: str) -> None:
    """Write the mail of this kind about the row with this key, and hand it over.

    Raises KeyError for a kind there is none of, ObjectDoesNotExist where the row is gone,
    NothingToSay where that is as it should be, and what the mail server's connection raises.
    """
    to, context = _KINDS[kind](key)
    context |= mailing.of_the_house()
    message = mailing.message(
        f"enrolment/mail/{kind}", to=to, name=f"{kind}.{key}", context=context
    )
    for file in attaching.attachments(kind, context):
        message.attach(file.name, file.content, file.type)
    message.send()


def _about_enrolment(key: str) -> tuple[str, Context]:
    enrolment = Enrolment.objects.select_related("student", "intake__course").get(pk=key)
    return enrolment.student.email, {
        "enrolment": enrolment,
        "intake": enrolment.intake,
        "course": enrolment.intake.course,
        "payment": enrolment.payments.filter(status="paid", flag="").first(),
        "consents": list(enrolment.consents.order_by("kind")),
        "last_day_to_cancel": consents.last_day_to_cancel(
            enrolment.enrolled_at or enrolment.created_at
        ),
        "model_form": consents.model_form(Provider.current()),
    }


def _about_move(key: str) -> tuple[str, Context]:
    move = Move.objects.select_related("from_intake", "to_intake").get(pk=key)
    to, context = _about_enrolment(str(move.enrolment_id))
    refunds = Refund.objects.filter(
        payment__enrolment=move.enrolment_id, created_at=move.ended_at or move.created_at
    )
    return to, {
        **context,
        "move": move,
        "intake": move.to_intake,
        "left": move.from_intake,
        "gone_back": sum(refund.amount for refund in refunds),
        "owed": refunding.waits_for_bank(move.enrolment),
        # Those that were given with this move.
        "consents": list(
            Consent.objects.filter(enrolment=move.enrolment_id, given_at=move.created_at)
        ),
        "last_day_to_cancel": consents.last_day_to_cancel(move.ended_at or move.created_at),
        "called_off": move.to_intake.cancelled_at is not None,
    }


def _about_refund(key: str) -> tuple[str, Context]:
    refund = Refund.objects.select_related("payment").get(pk=key)
    to, context = _about_enrolment(str(refund.payment.enrolment_id))
    return to, {**context, "refund": refund, "payment": refund.payment}


def _about_waiting_payment(key: str) -> tuple[str, Context]:
    payments = Payment.objects.select_related("move__to_intake__course")
    payment = payments.get(pk=key)
    to, context = _about_enrolment(str(payment.enrolment_id))
    context |= {"payment": payment, "is_move": payment.move is not None}
    if payment.move:
        context["intake"] = payment.move.to_intake
    return to, context


def _about_failed_payment(key: str) -> tuple[str, Context]:
    """``key`` is the enrolment's, with the payment's behind it."""
    return _about_enrolment(key.partition(".")[0])


def _about_cancelling(key: str) -> tuple[str, Context]:
    to, context = _about_enrolment(key)
    entry = HistoryEntry.objects.filter(enrolment_id=key, kind="cancelled").latest("at")
    refunds = Refund.objects.filter(payment__enrolment_id=key, created_at=entry.at)
    return to, {
        **context,
        "refund": entry.facts["refund"],
        "reason": entry.reason,
        "why": entry.facts["why"],
        "is_quoted": entry.facts["refund"] == entry.facts["quoted"],
        "by_hand": refunds.filter(payment__method="elsewhere").exists(),
    }


_KINDS: Kinds = {
    "enrolled": _about_enrolment,
    "enrolled_by_hand": _about_enrolment,
    "pay_link": _about_enrolment,
    "expired": _about_enrolment,
    "awaiting": _about_waiting_payment,
    "payment_failed": _about_failed_payment,
    "cancelled": _about_cancelling,
    "moved": _about_move,
    "move_lapsed": _about_move,
    "refund": _about_refund,
    **waiting_mail.KINDS,
    **deciding_mail.KINDS,
    **staff_mail.KINDS,
}
