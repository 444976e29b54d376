"""The plain text of a mail, made from its HTML, so that the two never say different things."""

import re
from html.parser import HTMLParser

# What needs no colon before a link.
ENDS = (".", "!", "?", ":")
# Where a line of the text ends.
_BLOCKS = {"p", "h1", "h2", "h3", "li", "ul", "ol", "div", "blockquote", "main", "footer"}


def plain_text(html: str) -> str:
    """What stands in ``<main>`` and, under the two dashes of a signature, in ``<footer>``.

    A link alone in its paragraph or item comes on a line below its words; one within a sentence
    behind its words, between angle brackets (RFC 3986, appendix C).
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return _joined(reader.blocks)


class _Reader(HTMLParser):
    """Collects blocks of text, each with the element that it stood in."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self.reads = False
        self.kind, self.text = "p", ""
        self.link_at, self.href = 0, ""
        self.alone = ("", "", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"main", "footer"}:
            self.reads = True
        if tag == "footer":
            self.blocks.append(("footer", "--"))
        if tag in _BLOCKS:
            self._end_block()
            self.kind = tag
        elif tag == "br":
            self.text += "\n"
        elif tag == "a":
            self.link_at, self.href = len(self.text), dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        elif tag in _BLOCKS:
            self._end_block()
        if tag in {"main", "footer"}:
            self.reads = False

    def handle_data(self, data: str) -> None:
        if self.reads:
            self.text += re.sub(r"\s+", " ", data)

    def _end_link(self) -> None:
        words = self.text[self.link_at :].strip()
        if not self.reads or self.href.startswith("mailto:") or words == self.href:
            return
        self.text += f" <{self.href}>"
        self.alone = (f"{words} <{self.href}>", words, self.href)

    def _end_block(self) -> None:
        lines = [line.strip() for line in self.text.strip().split("\n")]
        text = "\n".join(lines).strip()
        whole, words, href = self.alone
        if text and text == whole:
            text = f"{words}{'' if words.endswith(ENDS) else ':'}\n{href}"
        if text:
            self.blocks.append((self.kind, text))
        self.kind, self.text, self.alone = "p", "", ("", "", "")


def _joined(blocks: list[tuple[str, str]]) -> str:
    written = ""
    for kind, text in blocks:
        if kind == "li":
            written += "\n- " + text.replace("\n", "\n  ")
        elif kind == "h2":
            written += f"\n\n{text}\n{'-' * len(text)}"
        elif kind == "footer" or written.endswith("\n--"):
            written += f"\n{text}"
        else:
            written += f"\n\n{text}"
    return written.strip() + "\n"
