"""A visitor over HTTP who costs the machine as little as can be, and the same for every page."""

import re
import socket
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

LOCATION = re.compile(rb"^location: *([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
COOKIE = re.compile(r"^set-cookie: *([^;\r\n]*)", re.IGNORECASE | re.MULTILINE)
# Fields that a browser leaves out, or that are buttons.
NOT_SENT = {"submit", "button", "image", "reset", "file"}
CHOICES = {"radio", "checkbox"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    location: str
    size: int


def get(path: str, cookies: str) -> bytes:
    """A request for a page, as it goes over the wire."""
    return _head("GET", path, cookies) + b"\r\n"


def post(path: str, cookies: str, fields: list[tuple[str, str]]) -> bytes:
    """A form sent, as it goes over the wire."""
    body = urlencode(fields).encode()
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    return _head("POST", path, cookies) + kind + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _head(method: str, path: str, cookies: str) -> bytes:
    lines = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    return f"{lines}Cookie: {cookies}\r\n".encode()


def exchange(port: int, request: bytes) -> bytes:
    """Send one request on a connection of its own; everything that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
        link.sendall(request)
        received = []
        while chunk := link.recv(65_536):
            received.append(chunk)
    return b"".join(received)


def visit(port: int, request: bytes) -> Answer:
    """Send one request; what came back, in short."""
    head, _, body = exchange(port, request).partition(b"\r\n\r\n")
    found = LOCATION.search(head)
    return Answer(int(head[9:12]), found[1].decode() if found else "", len(body))


def filled_in(port: int, path: str, cookies: str) -> bytes:
    """Open the page at ``path``; the request that sends its enrol form as it stands there.

    Raises RuntimeError with the page where there is no such form.
    """
    head, _, page = exchange(port, get(path, cookies)).decode().partition("\r\n\r\n")
    reader = FormReader()
    reader.feed(page)
    forms = [form for form in reader.forms if "price" in dict(form)]
    if not forms:
        raise RuntimeError(f"no form to enrol with: {head}\n{page[:500]}")
    given = "; ".join([cookies, *COOKIE.findall(head)])
    return post(path, given, forms[0])


class FormReader(HTMLParser):
    """Reads what each form of a page sends when nothing in it is touched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a form, or a field of the last one."""
        found = dict(attrs)
        if tag == "form":
            self.forms.append([])
        elif tag == "input" and self.forms and self._is_sent(found):
            self.forms[-1].append((found["name"] or "", found.get("value") or ""))

    def _is_sent(self, found: dict[str, str | None]) -> bool:
        kind = found.get("type") or "text"
        if "name" not in found or kind in NOT_SENT:
            return False
        return kind not in CHOICES or "checked" in found
