"""Commands that make the stand-in misbehave, hurry or forget: POST /_control/…

Loopback only, so without a password. Each takes JSON or a form and answers JSON; a form from
the control page is led back to it. docs/sandbox.md lists them all.
"""

import json
from collections.abc import Callable
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox import control_refunds, events, misbehaviour, payments, sessions, sweeper
from sandbox.cards import NOT_AUTHORISED, TEST_ACCOUNTS, Account, Card
from sandbox.control_refunds import Refused, existing
from sandbox.errors import ApiError
from sandbox.misbehaviour import BadRule
from sandbox.payments import Payer
from sandbox.store import Store, Work

Json = dict[str, Any]
Command = Callable[..., Any]
#: What POST /_control/sessions/:id/pay may be asked for, and the card that does it.
OUTCOMES = {
    "success": "4242424242424242",
    "decline": "4000000000000002",
    "insufficient_funds": "4000000000009995",
    "expired_card": "4000000000000069",
    "incorrect_cvc": "4000000000000127",
    "3ds": "4000002760003184",
    "3ds_fail": "4000002760003184",
    "3ds_pending": "4000002760003184",
    "dispute": "4000000000000259",
    "inquiry": "4000000000001976",
    "refund_pending": "4000000000007726",
    "refund_fails": "4000000000005126",
}


def answer(store: Store, request: Request, command: str) -> Response:
    """Run one command."""
    try:
        asked = _asked(request)
        result = _run(store, request.method, command.strip("/"), asked)
    except (Refused, BadRule) as error:
        return _json({"error": str(error)}, 400)
    except ApiError as error:
        return _json({"error": error.message}, error.status)
    if request.method == "POST" and not request.is_json and request.form:
        return redirect("/_control/", 303)
    return _json(result, 200)


def _asked(request: Request) -> Json:
    if request.method == "GET":
        return request.args.to_dict()
    if request.form:
        return request.form.to_dict()
    try:
        asked = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise Refused("the body is not JSON") from None
    if not isinstance(asked, dict):
        raise Refused("the body must be a JSON object")
    return asked


def _json(body: Any, status: int) -> Response:
    return Response(json.dumps(body, indent=2, default=str), status, mimetype="application/json")


def _run(store: Store, method: str, command: str, asked: Json) -> Any:
    if (method, command) == ("POST", "reset"):
        store.empty()
        store.pauses.end()
        store.deliveries.wait()
        return {"reset": True}
    noun, *steps = command.split("/")
    handler = COMMANDS.get((method, noun, len(steps)))
    if handler is None:
        raise ApiError(404, f"no such command: {method} /_control/{command}")
    with store.work() as work:
        result = handler(work, asked, *steps)
    if noun == "clock" and method == "POST":
        sweeper.sweep_all(store)
    if noun in ("requests", "rules") and steps == ["clear"]:
        store.pauses.end()
    return result


def _open(work: Work, identifier: str) -> Json:
    session = sessions.found(work, identifier)
    if session["status"] != "open":
        raise Refused(f"this session is {session['status']}, not open")
    return session


def change_session(work: Work, asked: Json, identifier: str, step: str) -> Json:
    """Do to a session what a customer, a bank or the time would do, or staff to its payment."""
    if step == "refund":
        return control_refunds.refund_by_hand(work, asked, identifier)
    steps = {"pay": _pay, "authenticate": _authenticate, "settle": _settle, "expire": _expire}
    if step not in steps:
        raise ApiError(404, f"no such command for a session: {step}")
    steps[step](work, asked, identifier)
    return sessions.found(work, identifier)


def _pay(work: Work, asked: Json, identifier: str) -> None:
    session = _open(work, identifier)
    outcome = asked.get("outcome", "success")
    payer = Payer(
        session["customer_email"] or asked.get("email", "student@example.com"),
        asked.get("name", "Test Student"),
    )
    _offered(session, outcome)
    if not session["amount_total"]:
        payments.nothing_to_pay(work, session, payer)
    elif outcome in ("bacs", "bacs_fail"):
        number = list(TEST_ACCOUNTS)[outcome == "bacs_fail"]
        payments.by_bacs(work, session, Account("108800", number), payer)
    elif outcome in OUTCOMES:
        card = Card(OUTCOMES[outcome], 12, 2034, "123")
        payments.by_card(work, session, card, payer)
        if outcome in ("3ds", "3ds_fail"):
            passed = "complete" if outcome == "3ds" else "fail"
            _authenticate(work, {"outcome": passed}, identifier)
    else:
        raise Refused(f"outcome must be one of {', '.join([*OUTCOMES, 'bacs', 'bacs_fail'])}")


def _offered(session: Json, outcome: str) -> None:
    """Refuse what the payment page would not offer."""
    method = "bacs_debit" if outcome in ("bacs", "bacs_fail") else "card"
    if session["amount_total"] and method not in session["payment_method_types"]:
        raise Refused(f"this session does not offer {method}")


def _authenticate(work: Work, asked: Json, identifier: str) -> None:
    session = _open(work, identifier)
    intent = payments.waiting_to_authenticate(work, session)
    if intent is None:
        raise Refused("this session is not waiting for 3-D Secure")
    passed = asked.get("outcome", "complete") == "complete"
    payments.authenticate(work, session, intent, passed=passed)


def _settle(work: Work, asked: Json, identifier: str) -> None:
    session = sessions.found(work, identifier)
    intent = work.get(session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise Refused("this session has no debit that is being processed")
    note = work.note(intent["id"])
    outcome = asked.get("outcome", note)
    if outcome not in ("success", "failure"):
        raise Refused("outcome must be success or failure")
    payments.settle(work, intent, succeeded=outcome == "success", decline=NOT_AUTHORISED)


def _expire(work: Work, asked: Json, identifier: str) -> None:  # noqa: ARG001 - one signature
    sessions.close(work, _open(work, identifier), "expired")


def redeliver(work: Work, asked: Json, identifier: str, step: str) -> Json:  # noqa: ARG001
    """Deliver an event once more."""
    if step != "redeliver":
        raise ApiError(404, f"no such command for an event: {step}")
    event = existing(work, identifier, "event")
    events.redeliver(work, event)
    return {"event": identifier}


def clock(work: Work, asked: Json) -> Json:
    """Set the clock forward by `advance` seconds, or the `offset` as a whole."""
    try:
        offset = int(work.setting("clock_offset", 0)) + int(asked.get("advance", 0))
        offset = int(asked.get("offset", offset))
    except (TypeError, ValueError):
        raise Refused("advance and offset are whole seconds") from None
    work.now += offset - int(work.setting("clock_offset", 0))
    work.set("clock_offset", offset)
    return {"offset": offset, "now": work.now}


def read_clock(work: Work, asked: Json) -> Json:  # noqa: ARG001 - one signature
    """Tell the time by the stand-in's clock."""
    return {"offset": work.setting("clock_offset", 0), "now": work.now}


def settings(work: Work, asked: Json) -> Json:
    """Set `bacs_delay` (seconds, or null for never) and the `methods` a session offers."""
    if "bacs_delay" in asked:
        delay = asked["bacs_delay"]
        work.set("bacs_delay", None if delay in (None, "") else int(delay))
    if "methods" in asked:
        methods = asked["methods"]
        methods = methods.split(",") if isinstance(methods, str) else methods
        if not methods or set(methods) - set(sessions.METHODS):
            raise Refused(f"methods are {', '.join(sessions.METHODS)}")
        work.set("methods", methods)
    return {name: work.setting(name) for name in ("bacs_delay", "methods")}


def request_rule(work: Work, asked: Json) -> Json:
    """Add a rule for API requests."""
    return {"rule": misbehaviour.add(work, misbehaviour.request_rule(asked))}


def webhook_rule(work: Work, asked: Json) -> Json:
    """Add a rule for webhooks."""
    return {"rule": misbehaviour.add(work, misbehaviour.webhook_rule(asked))}


def _clear(kind: str | None) -> Command:
    def run(work: Work, asked: Json, step: str) -> Json:  # noqa: ARG001 - one signature
        if step == "release" and kind == "webhook":
            events.release(work)
        elif step == "clear":
            misbehaviour.clear(work, kind)
        else:
            raise ApiError(404, f"no such command: {step}")
        return {"rules": misbehaviour.listed(work)}

    return run


def _rows(work: Work, table: str, asked: Json) -> list[Json]:
    limit = min(int(asked.get("limit", 1000)), 10_000)
    rows = work.connection.execute(
        f"SELECT * FROM {table} ORDER BY seq DESC LIMIT ?",  # noqa: S608 - the names are ours
        (limit,),
    ).fetchall()
    return [dict(row) for row in reversed(rows)]


def log(work: Work, asked: Json) -> Json:
    """List the API requests received, oldest first."""
    rows = _rows(work, "requests", asked)
    wanted = asked.get("path")
    return {"requests": [row for row in rows if wanted in (None, row["path"])]}


def deliveries(work: Work, asked: Json) -> Json:
    """List the webhook deliveries, oldest first."""
    return {"deliveries": _rows(work, "deliveries", asked)}


def rules(work: Work, asked: Json) -> Json:  # noqa: ARG001 - one signature
    """List the rules that still stand."""
    return {"rules": misbehaviour.listed(work)}


#: Method, first word of the address, how many words follow.
COMMANDS: dict[tuple[str, str, int], Command] = {
    ("POST", "requests", 0): request_rule,
    ("POST", "requests", 1): _clear("request"),
    ("POST", "webhooks", 0): webhook_rule,
    ("POST", "webhooks", 1): _clear("webhook"),
    ("POST", "rules", 1): _clear(None),
    ("GET", "rules", 0): rules,
    ("POST", "sessions", 2): change_session,
    ("POST", "refunds", 0): control_refunds.next_refunds,
    ("POST", "refunds", 1): control_refunds.refund,
    ("POST", "disputes", 0): control_refunds.dispute,
    ("POST", "disputes", 2): control_refunds.change_dispute,
    ("POST", "events", 2): redeliver,
    ("GET", "clock", 0): read_clock,
    ("POST", "clock", 0): clock,
    ("POST", "settings", 0): settings,
    ("GET", "log", 0): log,
    ("GET", "deliveries", 0): deliveries,
}
