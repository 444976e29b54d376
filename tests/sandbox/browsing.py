"""A customer without JavaScript: follows links and submits the forms that are on the page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from tests.sandbox.process import Answer, fetch


@dataclass
class Form:
    """A form as the page holds it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """The forms, links and text of a page."""

    def __init__(self, url: str, answer: Answer) -> None:
        """Read a page."""
        super().__init__()
        self.url, self.answer = url, answer
        self.forms: dict[str, Form] = {}
        self.links: list[str] = []
        self.text = ""
        self._form: Form | None = None
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(answer.body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in forms, fields, buttons and links."""
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "form":
            self._form = Form(urljoin(self.url, found.get("action") or ""))
            self.forms[found.get("id") or found.get("action") or ""] = self._form
        elif tag == "input" and self._form is not None:
            self._form.fields[found.get("name") or ""] = found.get("value") or ""
        elif tag == "button":
            owner = self.forms[str(found["form"])] if "form" in found else self._form
            if owner:
                owner.buttons.append((found.get("name") or "", found.get("value") or "", ""))
        elif tag == "a":
            self.links.append(found.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """Leave a form."""
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data


def visit(url: str) -> Page:
    """GET a page."""
    return Page(url, fetch(url))


def submit(form: Form, button: str = "", value: str = "", **typed: str) -> Page:
    """Fill a form in and press a button, which must be there."""
    if button:
        assert (button, value, "") in form.buttons
    fields = form.fields | typed | ({button: value} if button else {})
    return Page(form.action, fetch(form.action, urlencode(fields).encode()))
