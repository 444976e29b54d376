"""The plain text of a mail is its HTML, read out."""

import pytest
from django.template.loader import render_to_string

from courses.mail_text import plain_text
from courses.models import Provider


def letter(body: str) -> str:
    return plain_text(f"<h1>Not this</h1><main>{body}</main>")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello Ada,</p>\n<p>A place  is\n free.</p>", "Hello Ada,\n\nA place is free.\n"),
        ("<p>It is <strong>£90</strong> &amp; no more.</p>", "It is £90 & no more.\n"),
        ('<p><a href="https://x.example/a">Pay</a></p>', "Pay:\nhttps://x.example/a\n"),
        (
            '<p>You can <a href="https://x.example/a">pay</a> now.</p>',
            "You can pay <https://x.example/a> now.\n",
        ),
        ('<p>Or <a href="mailto:a@x.example">a@x.example</a>.</p>', "Or a@x.example.\n"),
        ("<p>In:</p><ul><li>May</li><li>June</li></ul><p>Bye</p>", "In:\n- May\n- June\n\nBye\n"),
        ("<h2>Then</h2><p>One<br>two</p>", "Then\n----\n\nOne\ntwo\n"),
    ],
)
def test_paragraphs_lists_and_links_read_as_people_write_them(html: str, text: str) -> None:
    assert letter(html) == text


def test_a_mail_ends_with_who_sent_it_and_has_nothing_from_elsewhere() -> None:
    provider = Provider(
        name="Example <College>", legal_name="", address="1 Lane\nLeeds", email="a@x.example"
    )
    facts = {"provider": provider, "site_url": "https://x.example", "subject": "Hello"}
    html = render_to_string("mail/base.html", facts)
    assert (
        plain_text(html) == "Example <College>\n--\nExample <College>\n1 Lane\nLeeds\na@x.example\n"
    )
    assert "prefers-color-scheme: dark" in html
    for remote in ("<img", "url(", "src=", "@import", "<script"):
        assert remote not in html
