"""Commands about what follows a payment: refunds and disputes."""

from typing import Any

from sandbox import disputes, refunds, sessions
from sandbox.disputes import Claim
from sandbox.errors import ApiError
from sandbox.store import Work

Json = dict[str, Any]


class Refused(Exception):
    """A command that cannot be followed; the message says why."""


def existing(work: Work, identifier: str, kind: str) -> Json:
    """Return an object, or raise the 404 that names it."""
    body = work.get(identifier, kind)
    if body is None:
        raise ApiError(404, f"no such {kind}: {identifier}")
    return body


def whole(asked: Json, name: str) -> int | None:
    """Return a whole number that was asked for, or None where it was left out."""
    value = asked.get(name)
    if value in (None, ""):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refused(f"{name} must be a whole number") from None


def refund_by_hand(work: Work, asked: Json, identifier: str) -> Json:
    """Refund a session's payment as staff do in Stripe's dashboard: without our metadata."""
    intent = sessions.found(work, identifier)["payment_intent"]
    if not intent:
        raise Refused("this session has no payment")
    params: Json = {"payment_intent": intent}
    for name in ("amount", "reason"):
        if asked.get(name) not in (None, ""):
            params[name] = whole(asked, name) if name == "amount" else asked[name]
    return refunds.create(work, params)


def refund(work: Work, asked: Json, identifier: str) -> Json:
    """Change what became of a refund."""
    status = asked.get("status")
    body = existing(work, identifier, "refund")
    choices = refunds.NEXT.get(body["status"], ())
    if status not in choices:
        can = f"can only become {' or '.join(choices)}" if choices else "stays so"
        raise Refused(f"this refund is {body['status']} and {can}")
    return refunds.become(work, body, str(status))


def next_refunds(work: Work, asked: Json) -> Json:
    """Say how the next refunds start: `count` of them, or all."""
    status = asked.get("status")
    if status not in refunds.STATUSES:
        raise Refused(f"status must be one of {', '.join(refunds.STATUSES)}")
    count = asked.get("count", 1)
    rule = {"status": status, "count": None if count in (None, "", "all") else int(count)}
    work.set("refunds", None if status == "succeeded" else rule)
    return rule


def dispute(work: Work, asked: Json) -> Json:
    """Dispute the charge of a `charge`, a `payment_intent` or a `session`."""
    intent = asked.get("payment_intent")
    if "session" in asked:
        intent = sessions.found(work, asked["session"])["payment_intent"]
    charge = asked.get("charge")
    if intent:
        charge = existing(work, intent, "payment_intent")["latest_charge"]
    if not charge:
        raise Refused("say which charge, payment_intent or session")
    body = existing(work, charge, "charge")
    if body["status"] != "succeeded" or disputes.of_charge(work, body):
        raise Refused("only a charge that succeeded can be disputed, and only once")
    return disputes.open_for(work, body, _claim(asked, body))


def _claim(asked: Json, charge: Json) -> Claim:
    claim = Claim(
        reason=asked.get("reason", "fraudulent"),
        amount=whole(asked, "amount"),
        is_inquiry=asked.get("inquiry") in (True, "true", "yes"),
        due_by=whole(asked, "due_by"),
    )
    if claim.reason not in disputes.REASONS:
        raise Refused(f"reason must be one of {', '.join(disputes.REASONS)}")
    if claim.amount is not None and not 1 <= claim.amount <= charge["amount"]:
        raise Refused(f"amount must lie between 1 and {charge['amount']}")
    if claim.is_inquiry and charge["payment_method_details"]["type"] != "card":
        raise Refused("no bank asks about a debit before it takes the money back")
    return claim


def change_dispute(work: Work, asked: Json, identifier: str, step: str) -> Json:
    """Do to a dispute what staff or the bank do."""
    steps = {"respond": _respond, "deadline": _deadline, "escalate": _escalate, "close": _close}
    body = existing(work, identifier, "dispute")
    if step not in steps:
        raise ApiError(404, f"no such command for a dispute: {step}")
    if body["status"] not in disputes.OPEN:
        raise Refused(f"this dispute is {body['status']}")
    return steps[step](work, asked, body)


def _respond(work: Work, asked: Json, body: Json) -> Json:  # noqa: ARG001 - one signature
    if body["status"] not in disputes.UNANSWERED:
        raise Refused("evidence was submitted already")
    return disputes.respond(work, body)


def _deadline(work: Work, asked: Json, body: Json) -> Json:
    due_by = whole(asked, "due_by")
    if due_by is None:
        raise Refused("due_by is missing: Unix seconds, or 0 where the bank takes no evidence")
    return disputes.set_deadline(work, body, due_by)


def _escalate(work: Work, asked: Json, body: Json) -> Json:  # noqa: ARG001 - one signature
    if body["status"] not in disputes.INQUIRY:
        raise Refused("only an inquiry can become a chargeback")
    return disputes.escalate(work, body)


def _close(work: Work, asked: Json, body: Json) -> Json:
    choices = disputes.ends(body)
    if asked.get("outcome") not in choices:
        raise Refused(f"outcome must be {' or '.join(choices)}")
    return disputes.close(work, body, asked["outcome"])
