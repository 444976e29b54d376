"""A reader for the mail that Django's file backend writes, so that a demo can be followed.

Each file holds the messages of one connection, each followed by a line of 79 dashes.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from sandbox import pages

RULE = re.compile(rb"^-{79}\r?\n?", re.MULTILINE)
#: The start of a message: headers, among them one that every mail has.
HEADERS = re.compile(
    rb"\A\s*(?:[!-9;-~]+:.*\r?\n(?:[ \t].*\r?\n)*)*(?:subject|message-id|mime-version):",
    re.IGNORECASE,
)
LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?')\]]")
NEWEST = 200
#: The frame around a message's HTML: nothing runs, nothing is fetched, links open outside.
HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:"
)


@dataclass(frozen=True)
class Letter:
    """One message and where it lies."""

    file: str
    number: int
    written: float
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Return the subject, or that there is none."""
        return str(self.message["subject"] or "(no subject)")

    @property
    def when(self) -> float:
        """Return the time of its Date header, or of its file, in Unix seconds."""
        date = self.message["date"]
        sent: datetime | None = getattr(date, "datetime", None)
        return sent.timestamp() if sent else self.written

    def body(self, kind: str) -> str | None:
        """Return the text of its `plain` or `html` part, or None."""
        part = self.message.get_body(preferencelist=(kind,))
        if part is None:
            return None
        try:
            return str(part.get_content())
        except (LookupError, UnicodeError):
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else None

    @property
    def attachments(self) -> list[EmailMessage]:
        """Return the parts that are files."""
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]


class Mailbox:
    """The folder that the site's mail is written to."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder; it need not exist yet."""
        self.folder = folder

    def letters(self) -> list[Letter]:
        """Return the newest messages, newest first."""
        if self.folder is None or not self.folder.is_dir():
            return []
        files = [path for path in self.folder.iterdir() if path.is_file()]
        files.sort(key=lambda path: (path.stat().st_mtime, path.name), reverse=True)
        found = [letter for path in files[:NEWEST] for letter in _read(path)]
        return sorted(found, key=lambda x: (x.when, x.file, x.number), reverse=True)[:NEWEST]

    def find(self, file: str, number: int) -> Letter | None:
        """Return one message, only from a file that really lies in the folder."""
        if self.folder is None or not self.folder.is_dir():
            return None
        known = {path.name: path for path in self.folder.iterdir() if path.is_file()}
        if file not in known:
            return None
        return next((x for x in _read(known[file]) if x.number == number), None)


def _read(path: Path) -> Iterator[Letter]:
    for number, raw in enumerate(_split(path.read_bytes())):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        yield Letter(path.name, number, path.stat().st_mtime, message)


def _split(content: bytes) -> list[bytes]:
    """Return the messages of a file; a rule inside a message does not end it.

    The backend writes the rule after each message. What follows a real end is nothing, or
    the headers of the next message.
    """
    pieces = RULE.split(content)
    messages: list[bytes] = []
    for piece in pieces:
        if messages and piece.strip() and not HEADERS.match(piece):
            messages[-1] += b"-" * 79 + b"\n" + piece
        elif piece.strip():
            messages.append(piece.lstrip(b"\r\n"))
    return messages


def index(box: Mailbox) -> Response:
    """List the messages."""
    rows = [
        pages.fill(
            "letter_row",
            file=letter.file,
            number=letter.number,
            to=letter.message["to"] or "",
            subject=letter.subject,
            when=pages.moment(letter.when),
        )
        for letter in box.letters()
    ]
    if box.folder is None:
        empty = "This stand-in was started without a mail folder."
    else:
        empty = "No mail yet. What the site sends appears here."
    body = pages.fill(
        "mailbox",
        rows=pages.join(rows),
        count=len(rows),
        empty=empty if not rows else "",
    )
    return pages.page("Mail", body)


def show(box: Mailbox, file: str, number: int) -> Response:
    """Show one message: its text with links, its HTML in a frame, its attachments."""
    letter = box.find(file, number)
    if letter is None:
        return _missing()
    text, html = letter.body("plain"), letter.body("html")
    here = f"/mail/{file}/{number}/"
    frame = Markup('<h2>As HTML</h2><iframe class="letter" sandbox="allow-popups '
                   'allow-popups-to-escape-sandbox" title="The message as HTML" src="{}html">'
                   '</iframe>')  # fmt: skip
    body = pages.fill(
        "letter",
        subject=letter.subject,
        sender=letter.message["from"] or "",
        to=letter.message["to"] or "",
        when=pages.moment(letter.when),
        text=linked(text) if text is not None else "",
        html=frame.format(here) if html is not None else "",
        attachments=_attachments(letter, here),
    )
    return pages.page(letter.subject, body)


def linked(text: str) -> Markup:
    """Return text as HTML, its web addresses as links."""
    pieces: list[Markup] = []
    end = 0
    for match in LINK.finditer(text):
        link = Markup('<a href="{0}" rel="noopener">{0}</a>').format(match[0])
        pieces += [escape(text[end : match.start()]), link]
        end = match.end()
    return Markup().join([*pieces, escape(text[end:])])


def _attachments(letter: Letter, here: str) -> Markup:
    parts = letter.attachments
    if not parts:
        return Markup()
    link = Markup('<li><a href="{}attachments/{}">{}</a> <span class="muted">{}</span></li>')
    links = [
        link.format(here, n, part.get_filename() or f"part {n}", part.get_content_type())
        for n, part in enumerate(parts)
    ]
    return Markup("<h2>Attachments</h2><ul>{}</ul>").format(pages.join(links))


def show_html(box: Mailbox, file: str, number: int) -> Response:
    """Return the HTML part alone, for the frame."""
    letter = box.find(file, number)
    html = letter.body("html") if letter else None
    if html is None:
        return _missing()
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = HTML_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def attachment(box: Mailbox, file: str, number: int, part: int) -> Response:
    """Return an attachment to be saved, never to be shown."""
    letter = box.find(file, number)
    parts = letter.attachments if letter else []
    if part >= len(parts):
        return _missing()
    payload = parts[part].get_payload(decode=True)
    response = Response(payload if isinstance(payload, bytes) else b"")
    response.mimetype = "application/octet-stream"
    name = parts[part].get_filename() or f"part-{part}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _missing() -> Response:
    return pages.message("Not found", "There is no such message.", status=404)
