"""HTML pages: a layout, escaping, and the headers that go with them."""

import time
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Response

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'{forms}"
)


@cache
def _source(name: str) -> str:
    return (HERE / "pages" / f"{name}.html").read_text(encoding="utf-8")


def fill(template: str, /, **values: Any) -> Markup:
    """Return a template with its `{names}` filled in; whatever is not Markup is escaped."""
    return Markup(_source(template)).format(**values)  # noqa: S704 - the template is ours


def join(parts: list[Markup]) -> Markup:
    """Return pieces of HTML one after another."""
    return Markup("\n").join(parts)


def page(title: str, body: Markup, *, status: int = 200, forms: str = "") -> Response:
    """Return a whole page; `forms` is another origin that a form's redirect may lead to."""
    html = fill("layout", title=title, body=body)
    response = Response(html, status, mimetype="text/html")
    policy = POLICY.format(forms=f" {forms}" if forms else "")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def message(title: str, text: str, *, status: int = 200, link: Markup | None = None) -> Response:
    """Return a page that says one thing."""
    body = fill("message", title=title, text=text, link=link or Markup())
    return page(title, body, status=status)


def stylesheet() -> Response:
    """Return the one CSS file."""
    css = (HERE / "static" / "sandbox.css").read_text(encoding="utf-8")
    return Response(css, mimetype="text/css", headers={"Cache-Control": "max-age=60"})


def money(pence: int, currency: str) -> str:
    """Return an amount as people write it: `£90.00`."""
    sign = {"gbp": "£", "eur": "€", "usd": "$"}.get(currency, f"{currency.upper()} ")
    return f"{sign}{pence / 100:,.2f}"


def moment(seconds: float) -> str:
    """Return a time in UTC, to the second."""
    return time.strftime("%d %b %Y, %H:%M:%S UTC", time.gmtime(seconds))
