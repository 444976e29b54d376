"""The hosted payment page, as a customer meets it. It works without JavaScript."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox import cards, pages, payments, sessions
from sandbox.payments import AUTHENTICATE, DECLINED, Payer
from sandbox.store import Store, Work

Json = dict[str, Any]
VERB = {"book": "Book", "donate": "Donate", "pay": "Pay", "subscribe": "Subscribe"}
#: Test cards shown at once; the others are a press away.
SHOWN_FIRST = 7
METHOD_NAMES = {"card": "Card", "bacs_debit": "Bacs Direct Debit"}


def show(store: Store, request: Request, identifier: str) -> Response:
    """Show the page, or say why it cannot be paid."""
    with store.work() as work:
        session = sessions.load(work, identifier)
        if session is None or session["status"] != "open":
            return _closed(session)
        return _page(work, session, _method(session, request.args.get("method")), {}, {})


def submit(store: Store, request: Request, identifier: str) -> Response:
    """Fill in a test card, or try to pay."""
    typed = {name: value[:200] for name, value in request.form.items()}
    with store.work() as work:
        session = sessions.load(work, identifier)
        if session is None or session["status"] != "open":
            return _closed(session)
        method = _method(session, typed.get("method"))
        if "fill" in typed:
            return _page(work, session, method, _filled(typed, method), {})
        wrong, pay = _read(work, session, typed, method)
        if pay is None:
            return _page(work, session, method, typed, wrong)
        return _after(work, session, pay(), typed)


def authentication(store: Store, request: Request, identifier: str) -> Response:
    """Show the bank's question, or take its answer."""
    with store.work() as work:
        session = sessions.load(work, identifier)
        if session is None or session["status"] != "open":
            return _closed(session)
        intent = payments.waiting_to_authenticate(work, session)
        if intent is None:
            return redirect(f"/c/pay/{identifier}", 303)
        if request.method == "GET":
            amount = pages.money(session["amount_total"], session["currency"])
            body = pages.fill("authenticate", amount=amount, session=identifier)
            return pages.page("3-D Secure", body, forms=_origins(session))
        passed = request.form.get("outcome") == "complete"
        return _after(
            work, session, payments.authenticate(work, session, intent, passed=passed), {}
        )


def _method(session: Json, asked: str | None) -> str:
    methods = session["payment_method_types"]
    return asked if asked and asked in methods else str(methods[0])


def _filled(typed: Json, method: str) -> Json:
    """Put a test card or account in, and keep whatever else was typed."""
    kept = typed | {"name": typed.get("name") or "Test Student"}
    kept["email"] = typed.get("email") or "student@example.com"
    if method == "card":
        return kept | {"number": _grouped(typed["fill"]), "expiry": "12/34", "cvc": "123"}
    return kept | {"sort_code": "10-88-00", "account_number": typed["fill"]}


def _grouped(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _read(
    work: Work, session: Json, typed: Json, method: str
) -> tuple[dict[str, str], Callable[[], str] | None]:
    """Return what is wrong by field, and if nothing is, what pays."""
    email = session["customer_email"] or typed.get("email", "").strip()
    payer = Payer(email, typed.get("name", "").strip())
    wrong: dict[str, str] = {}
    if not sessions.is_email(email):
        wrong["email"] = "Your email address is incomplete."
    if not session["amount_total"]:
        return wrong, None if wrong else lambda: _free(work, session, payer)
    if not payer.name:
        wrong["name"] = "Your name is missing."
    if method == "card":
        today = datetime.fromtimestamp(work.now, UTC).date()
        card, also = cards.parse_card(
            typed.get("number", ""), typed.get("expiry", ""), typed.get("cvc", ""), today
        )
        if wrong or card is None:
            return wrong | also, None
        return {}, lambda: payments.by_card(work, session, card, payer)
    account, also = cards.parse_account(typed.get("sort_code", ""), typed.get("account_number", ""))
    if wrong or account is None:
        return wrong | also, None
    return {}, lambda: _debit(work, session, account, payer)


def _free(work: Work, session: Json, payer: Payer) -> str:
    payments.nothing_to_pay(work, session, payer)
    return payments.PAID


def _debit(work: Work, session: Json, account: cards.Account, payer: Payer) -> str:
    payments.by_bacs(work, session, account, payer)
    return payments.PAID


def _after(work: Work, session: Json, outcome: str, typed: Json) -> Response:
    """Lead on: to the shop, to the bank's question, or back to the form with the reason."""
    if outcome == AUTHENTICATE:
        return redirect(f"/c/pay/{session['id']}/authenticate", 303)
    if outcome != DECLINED:
        return redirect(return_address(session), 303)
    intent = work.get(session["payment_intent"]) or {}
    error = {"": intent["last_payment_error"]["message"]}
    typed = {name: value for name, value in typed.items() if name != "cvc"}
    return _page(work, session, "card", typed, error)


def return_address(session: Json) -> str:
    """Return where a customer who has paid is sent.

    https://docs.stripe.com/payments/checkout/custom-success-page
    """
    return str(session["success_url"]).replace(sessions.PLACEHOLDER, session["id"])


def _origins(session: Json) -> str:
    """Return the origin that the form's redirect leads to, for the policy of the page."""
    parts = urlsplit(session["success_url"])
    return f"{parts.scheme}://{parts.netloc}"


def _closed(session: Json | None) -> Response:
    if session is None:
        return pages.message("Not found", "There is no such payment page.", status=404)
    if session["status"] == "complete":
        link = _link(return_address(session), "Go on")
        return pages.message(
            "You have already paid", "This payment page has been completed.", link=link
        )
    link = _link(session["cancel_url"], "Back") if session["cancel_url"] else Markup()
    text = "The time to pay here is over. Nothing was charged; start again where you came from."
    return pages.message("This payment page has expired", text, status=410, link=link)


def _link(address: str, text: str) -> Markup:
    return Markup('<p><a class="button" href="{}">{}</a></p>').format(address, text)


def _page(
    work: Work,
    session: Json,
    method: str,
    typed: Json,
    wrong: dict[str, str],
) -> Response:
    total = pages.money(session["amount_total"], session["currency"])
    free = not session["amount_total"]
    verb = VERB.get(session["submit_type"] or "pay", "Pay")
    back = Markup('<a href="{}">← Back</a>').format(session["cancel_url"])
    error = Markup('<p class="alert" role="alert">{}</p>').format(wrong[""]) if "" in wrong else ""
    note = (session["custom_text"]["submit"] or {}).get("message", "")
    body = pages.fill(
        "pay",
        back=back if session["cancel_url"] else "",
        heading=f"{verb} by test {'card' if method == 'card' else 'account'}"
        if not free
        else "Confirm",
        total=total,
        items=pages.join([_item(work, item) for item in work.children(session["id"], "item")]),
        expires=pages.moment(session["expires_at"]),
        how="Your details" if free else "Payment details",
        tabs="" if free else _tabs(session, method),
        error=error,
        session=session["id"],
        method=method,
        fields=_fields(session, "free" if free else method, typed, wrong),
        button="Complete order" if free else f"{verb} {total}",
        note=Markup('<p class="muted">{}</p>').format(note) if note else "",
        hints="" if free else _hints(method),
    )
    return pages.page(f"Pay {total}", body, forms=_origins(session))


def _item(work: Work, item: Json) -> Markup:
    product = work.get(item["price"]["product"]) or {}
    more = Markup(' <span class="muted">{}</span>')
    description = more.format(product["description"]) if product.get("description") else ""
    quantity = f" × {item['quantity']}" if item["quantity"] > 1 else ""
    amount = pages.money(item["amount_total"], item["currency"])
    return pages.fill(
        "item", name=item["description"] + quantity, description=description, amount=amount
    )


def _tabs(session: Json, method: str) -> Markup:
    methods = session["payment_method_types"]
    if len(methods) < 2:
        return Markup()
    link = Markup('<a href="?method={}"{}>{}</a>')
    here = Markup(' aria-current="page"')
    links = [link.format(m, here if m == method else "", METHOD_NAMES[m]) for m in methods]
    return Markup('<nav class="tabs" aria-label="Ways to pay">{}</nav>').format(pages.join(links))


#: name, label, width, autocomplete, inputmode, placeholder
EMAIL = ("email", "Email", "", "email", "email", "you@example.com")
NAME = ("name", "Name on the card", "", "cc-name", "text", "")
FIELDS = {
    "free": (EMAIL,),
    "card": (
        EMAIL,
        ("number", "Card number", "", "cc-number", "numeric", "1234 1234 1234 1234"),
        ("expiry", "Expiry (MM/YY)", "half", "cc-exp", "numeric", "MM/YY"),
        ("cvc", "Security code", "half", "cc-csc", "numeric", "CVC"),
        NAME,
    ),
    "bacs_debit": (
        EMAIL,
        ("name", "Name on the account", "", "name", "text", ""),
        ("sort_code", "Sort code", "half", "off", "numeric", "10-88-00"),
        ("account_number", "Account number", "half", "off", "numeric", "00012345"),
    ),
}


def _fields(session: Json, kind: str, typed: Json, wrong: dict[str, str]) -> Markup:
    rows = []
    for name, label, width, autocomplete, inputmode, placeholder in FIELDS[kind]:
        fixed = session["customer_email"] if name == "email" else None
        row = pages.fill(
            "field",
            name=name,
            label=label,
            width=width,
            autocomplete=autocomplete,
            inputmode=inputmode,
            placeholder=placeholder,
            type="email" if name == "email" else "text",
            value=fixed or typed.get(name, ""),
            readonly=Markup("readonly") if fixed else "",
            error=wrong.get(name, ""),
            invalid="true" if name in wrong else "false",
        )
        rows.append(row)
    return pages.join(rows)


def _hints(method: str) -> Markup:
    if method == "card":
        title, explanation = "Test cards", "Press one to fill it in, then pay."
        pairs = [(number, _grouped(number), card.says) for number, card in cards.TEST_CARDS.items()]
    else:
        title = "Test accounts"
        explanation = "The debit ends later: by itself after a while, or on the control page."
        pairs = [
            (number, number, "Fails later" if decline else "Succeeds later")
            for number, decline in cards.TEST_ACCOUNTS.items()
        ]
    hints = [pages.fill("hint", value=v, shown=shown, says=says) for v, shown, says in pairs]
    more = Markup("<details><summary>More</summary><ul>{}</ul></details>")
    return pages.fill(
        "hints",
        title=title,
        explanation=explanation,
        hints=pages.join(hints[:SHOWN_FIRST]),
        more=more.format(pages.join(hints[SHOWN_FIRST:])) if hints[SHOWN_FIRST:] else "",
    )
