"""The control page: what the stand-in holds, and buttons that make it misbehave."""

from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Response

from sandbox import disputes, misbehaviour, pages, refunds
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
        offered = "bacs_debit" in session["payment_method_types"]
        debit = [(f"{place}/pay", "outcome", "bacs", "Pay by Bacs")] if offered else []
        buttons = _buttons(
            (f"{place}/pay", "outcome", "success", "Pay"),
            (f"{place}/pay", "outcome", "decline", "Decline"),
            *debit,
            (f"{place}/expire", "confirm", "yes", "Expire"),
        )
    elif intent.get("status") == "processing":
        buttons = _buttons(
            (f"{place}/settle", "outcome", "success", "Settle"),
            (f"{place}/settle", "outcome", "failure", "Let it fail"),
        )
    elif session["payment_status"] == "paid":
        buttons = _buttons(
            (f"{place}/refund", "confirm", "yes", "Refund as in the dashboard"),
            ("disputes", "session", session["id"], "Dispute"),
        )
    email = (session["customer_details"] or {}).get("email") or ""
    return _row(link, email, total, session["status"], session["payment_status"], buttons)


def _refund(refund: Json) -> Markup:
    place = f"refunds/{refund['id']}"
    choices = refunds.NEXT.get(refund["status"], ())
    buttons = _buttons(*[(place, "status", status, f"Make it {status}") for status in choices])
    amount = pages.money(refund["amount"], refund["currency"])
    return _row(_short(refund["id"]), amount, refund["status"], buttons)


def _dispute(dispute: Json) -> Markup:
    place, status = f"disputes/{dispute['id']}", dispute["status"]
    buttons: list[tuple[str, str, str, str]] = []
    if status in disputes.UNANSWERED:
        buttons.append((f"{place}/respond", "confirm", "yes", "Give evidence"))
    if status in disputes.INQUIRY:
        buttons.append((f"{place}/escalate", "confirm", "yes", "Make it a chargeback"))
    if status in disputes.OPEN:
        ends = disputes.ends(dispute)
        buttons += [(f"{place}/close", "outcome", end, f"Make it {end}") for end in ends]
    amount = pages.money(dispute["amount"], dispute["currency"])
    due_by = dispute["evidence_details"]["due_by"]
    due = f"evidence by {pages.moment(due_by)}" if due_by else ""
    return _row(_short(dispute["id"]), amount, status, due, _buttons(*buttons))


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
