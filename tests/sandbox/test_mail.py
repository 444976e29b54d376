"""The reader for the demo's mail."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.sandbox.browsing import visit
from tests.sandbox.process import Sandbox, fetch, start_sandbox

EVIL = '<script>alert("x")</script>{title}'


def write(folder: Path, name: str, *messages: EmailMessage) -> None:
    """Write messages as Django's file backend does."""
    rule = b"-" * 79 + b"\n"
    content = b"".join(message.as_bytes() + b"\n" + rule for message in messages)
    (folder / name).write_bytes(content)


def letter(subject: str, text: str, date: str = "Sun, 22 Nov 2026 10:00:00 -0000") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Provider <hello@example.com>"
    message["To"] = "ada@example.com"
    message["Date"] = date
    message.set_content(text)
    return message


def test_messages_are_listed_newest_first(sandbox: Sandbox, mail_folder: Path) -> None:
    early = letter("First", "1", "Sun, 22 Nov 2026 09:00:00 -0000")
    late = letter("Third", "3", "Sun, 22 Nov 2026 11:00:00 -0000")
    write(mail_folder, "a.log", early, late)
    write(mail_folder, "b.log", letter("Second", "2"))
    text = visit(f"{sandbox.url}/mail/").text
    assert text.index("Third") < text.index("Second") < text.index("First")
    assert "to ada@example.com" in text
    assert "22 Nov 2026, 09:00:00 UTC" in text


def test_a_message_is_shown_with_links_that_can_be_followed(
    sandbox: Sandbox, mail_folder: Path
) -> None:
    text = (
        "Confirm: http://localhost:8000/account/confirm/abc:def-1/?a=1&b=2.\nBye (see https://x.y/)"
    )
    write(mail_folder, "a.log", letter("Confirm your address", text))
    (link,) = [a for a in visit(f"{sandbox.url}/mail/").links if a.startswith("/mail/a.log")]
    page = visit(f"{sandbox.url}{link}")
    assert "http://localhost:8000/account/confirm/abc:def-1/?a=1&b=2" in page.links
    assert "https://x.y/" in page.links
    assert text in page.text


def test_a_line_of_dashes_inside_a_message_does_not_end_it(
    sandbox: Sandbox, mail_folder: Path
) -> None:
    ruled = letter("Ruled", "")
    rule = "-" * 79
    ruled.set_content(f"Above\n{rule}\nNote: below\n{rule}\nthe end\n", cte="7bit")
    write(mail_folder, "a.log", ruled, letter("Next", "second"))
    first = visit(f"{sandbox.url}/mail/a.log/0/").text
    assert f"Above\n{rule}\nNote: below\n{rule}\nthe end" in first
    assert "second" in visit(f"{sandbox.url}/mail/a.log/1/").text
    assert visit(f"{sandbox.url}/mail/a.log/2/").answer.status == 404


def test_html_is_shown_in_a_frame_where_nothing_runs(sandbox: Sandbox, mail_folder: Path) -> None:
    message = letter("Both", "Plain")
    message.add_alternative(f"<p>Rich</p>{EVIL}", subtype="html")
    write(mail_folder, "a.log", message)
    page = visit(f"{sandbox.url}/mail/a.log/0/")
    (frame,) = [found for tag, found in page.tags if tag == "iframe"]
    assert frame["src"] == "/mail/a.log/0/html"
    assert "allow-scripts" not in str(frame["sandbox"])
    assert "Rich" not in page.text
    html = fetch(f"{sandbox.url}/mail/a.log/0/html")
    assert "<p>Rich</p>" in html.body
    policy = html.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups ")
    assert "default-src 'none'" in policy


def test_attachments_are_listed_and_can_only_be_saved(sandbox: Sandbox, mail_folder: Path) -> None:
    message = letter("With a calendar", "See the file.")
    message.add_attachment(b"BEGIN:VCALENDAR", "text", "calendar", filename="intake.ics")
    write(mail_folder, "a.log", message)
    page = visit(f"{sandbox.url}/mail/a.log/0/")
    (link,) = [a for a in page.links if "/attachments/" in a]
    assert "intake.ics" in page.text
    saved = fetch(f"{sandbox.url}{link}")
    assert saved.body == "BEGIN:VCALENDAR"
    assert saved.headers["content-disposition"] == "attachment; filename=intake.ics"
    assert saved.headers["content-type"] == "application/octet-stream"
    assert fetch(f"{sandbox.url}{link}7").status == 404


def test_whatever_a_message_says_is_escaped(sandbox: Sandbox, mail_folder: Path) -> None:
    message = letter(EVIL, EVIL)
    write(mail_folder, "<b>&.log", message)
    for path in ("/mail/", "/mail/%3Cb%3E%26.log/0/"):
        page = visit(f"{sandbox.url}{path}")
        assert EVIL in page.text
        assert not [tag for tag, _ in page.tags if tag in ("script", "b")]


@pytest.mark.parametrize("name", ["..%2Fsandbox.sqlite3", "%2E%2E", "nothing.log", "%00"])
def test_nothing_outside_the_folder_can_be_read(
    sandbox: Sandbox, mail_folder: Path, name: str
) -> None:
    assert fetch(f"{sandbox.url}/mail/{name}/0/").status == 404


def test_a_broken_file_does_not_break_the_list(sandbox: Sandbox, mail_folder: Path) -> None:
    (mail_folder / "broken.log").write_bytes(b"\xff\xfe not mail \x00")
    (mail_folder / "empty.log").write_bytes(b"")
    write(mail_folder, "good.log", letter("Good", "text"))
    page = visit(f"{sandbox.url}/mail/")
    assert page.answer.status == 200
    assert "Good" in page.text


def test_an_odd_charset_is_still_readable(sandbox: Sandbox, mail_folder: Path) -> None:
    raw = b"Subject: Odd\nContent-Type: text/plain; charset=martian\n\nStill here\n"
    (mail_folder / "odd.log").write_bytes(raw + b"-" * 79 + b"\n")
    assert "Still here" in visit(f"{sandbox.url}/mail/odd.log/0/").text


def test_without_mail_or_a_folder_the_page_says_so(
    sandbox: Sandbox, mail_folder: Path, tmp_path: Path
) -> None:
    assert "No mail yet" in visit(f"{sandbox.url}/mail/").text
    without = start_sandbox(tmp_path)
    assert "started without a mail folder" in visit(f"{without.url}/mail/").text
    assert without.stop() == 0
