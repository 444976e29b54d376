"""The control page: what the stand-in holds, and buttons that make it misbehave."""

from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Response

from sandbox import misbehaviour, pages
from sandbox.store import Store, Work

Json = dict[str, Any]
SHOWN = 15
BUTTON = Markup(
    '<form method="post" action="/_control/{address}"><input type="hidden" name="{name}" '
    'value="{value}"><button class="small" type="submit">{label}</button></form>'
)


def show(store: Store) -> Response:
    """Show the newest sessions, rules, deliveries and requests."""
    with store.work() as work:
        body = pages.fill(
            "control",
            now=pages.moment(work.now),
            offset=work.setting("clock_offset", 0),
            sessions=_rows([_session(work, body) for body in _newest(work, "checkout.session")]),
            refunds=_rows([_refund(body) for body in _newest(work, "refund")]),
            disputes=_rows([_dispute(body) for body in _newest(work, "dispute")]),
            rules=_rows([_rule(rule) for rule in misbehaviour.listed(work)]),
            deliveries=_rows([_delivery(row) for row in _table(work, "deliveries")]),
            requests=_rows([_request(row) for row in _table(work, "requests")]),
        )
    return pages.page("Control page", body)


def _newest(work: Work, kind: str) -> list[Json]:
    rows = work.connection.execute(
        "SELECT id FROM objects WHERE kind = ? ORDER BY seq DESC LIMIT ?", (kind, SHOWN)
    ).fetchall()
    return [work.get(row["id"]) or {} for row in rows]


def _table(work: Work, table: str) -> list[Json]:
    rows = work.connection.execute(
        f"SELECT * FROM {table} ORDER BY seq DESC LIMIT ?",  # noqa: S608 - the names are ours
        (SHOWN,),
    ).fetchall()
    return [dict(row) for row in rows]


def _rows(rows: list[Markup]) -> Markup:
    return pages.join(rows) if rows else Markup('<tr><td class="muted">None</td></tr>')


def _row(*cells: object) -> Markup:
    cell = Markup("<td>{}</td>")
    return Markup("<tr>{}</tr>").format(pages.join([cell.format(one) for one in cells]))


def _buttons(*buttons: tuple[str, str, str, str]) -> Markup:
    made = [BUTTON.format(address=a, name=n, value=v, label=label) for a, n, v, label in buttons]
    return Markup('<div class="buttons">{}</div>').format(pages.join(made))


def _session(work: Work, session: Json) -> Markup:
    place = f"sessions/{session['id']}"
    total = pages.money(session["amount_total"], session["currency"])
    intent = work.get(session["payment_intent"] or "") or {}
    buttons: Markup | str = ""
    link: Markup | str = _short(session["id"])
    if session["status"] == "open":
        link = Markup('<a href="{}">{}</a>').format(
            f"/c/pay/{session['id']}", _short(session["id"])
        )
        buttons = _buttons(
            (f"{place}/pay", "outcome", "success", "Pay"),
            (f"{place}/pay", "outcome", "decline", "Decline"),
            (f"{place}/pay", "outcome", "bacs", "Pay by Bacs"),
            (f"{place}/expire", "confirm", "yes", "Expire"),
        )
    elif intent.get("status") == "processing":
        buttons = _buttons(
            (f"{place}/settle", "outcome", "success", "Settle"),
            (f"{place}/settle", "outcome", "failure", "Let it fail"),
        )
    elif session["payment_status"] == "paid":
        buttons = _buttons(("disputes", "session", session["id"], "Dispute"))
    email = (session["customer_details"] or {}).get("email") or ""
    return _row(link, email, total, session["status"], session["payment_status"], buttons)


def _refund(refund: Json) -> Markup:
    place = f"refunds/{refund['id']}"
    choices = {"pending": ("succeeded", "failed"), "succeeded": ("failed",), "failed": ()}
    buttons = _buttons(*[(place, "status", s, f"Make it {s}") for s in choices[refund["status"]]])
    amount = pages.money(refund["amount"], refund["currency"])
    return _row(_short(refund["id"]), amount, refund["status"], buttons)


def _dispute(dispute: Json) -> Markup:
    place = f"disputes/{dispute['id']}/close"
    is_open = dispute["status"] == "needs_response"
    buttons = _buttons((place, "outcome", "won", "Win"), (place, "outcome", "lost", "Lose"))
    amount = pages.money(dispute["amount"], dispute["currency"])
    return _row(_short(dispute["id"]), amount, dispute["status"], buttons if is_open else "")


def _rule(rule: Json) -> Markup:
    left = "all" if rule["remaining"] is None else f"{rule['remaining']} more"
    return _row(rule["kind"], rule["action"], rule["match"], left)


def _delivery(row: Json) -> Markup:
    again = _buttons((f"events/{row['event']}/redeliver", "confirm", "yes", "Again"))
    return _row(row["type"], row["state"], row["attempts"], row["answer"] or "", again)


def _request(row: Json) -> Markup:
    status = row["status"] or "no answer"
    replayed = "replayed" if row["replayed"] else row["misbehaviour"] or ""
    return _row(pages.moment(row["at"]), row["method"], row["path"], status, replayed)


def _short(identifier: str) -> str:
    return identifier if len(identifier) < 24 else f"{identifier[:16]}…{identifier[-4:]}"
