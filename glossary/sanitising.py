"""What may stand in a finished page: the last gate that text passes before it is stored.

Everything that staff write, and everything that documents bring, goes through ``sanitise`` once,
as finished HTML, after Markdown, mathematics and code colours have been made. Nothing but links
to terms (``glossary.linking``) is put in afterwards.
"""

import nh3

from glossary.mathematics import MATH_ATTRIBUTES, MATH_TAGS
from glossary.wording import word_set

BLOCK_TAGS = word_set(
    """
    p h2 h3 h4 h5 h6 ul ol li blockquote pre hr div table thead tbody tr th td img
    """
)
INLINE_TAGS = word_set(
    """
    a em strong s code span br sub sup
    """
)

ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "h5": {"id"},
    "h6": {"id"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "span": {"class"},
    "code": {"class"},
    "th": {"class"},
    "td": {"class"},
    **{tag: set(MATH_ATTRIBUTES) for tag in MATH_TAGS},
}
# Inside these not even the text is kept: what a browser would run or load is no text.
DROPPED_WITH_CONTENT = {"script", "style", "template", "noscript", "iframe", "object"}

_PAGE = nh3.Cleaner(
    tags=set(BLOCK_TAGS | INLINE_TAGS | MATH_TAGS),
    clean_content_tags=DROPPED_WITH_CONTENT,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
_LINE = nh3.Cleaner(
    tags=set((INLINE_TAGS - {"br"}) | MATH_TAGS),
    clean_content_tags=DROPPED_WITH_CONTENT,
    attributes={tag: names for tag, names in ATTRIBUTES.items() if tag not in BLOCK_TAGS},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)


def sanitise(html: str) -> str:
    """The page's HTML with everything taken out that the allow-list does not name."""
    return _PAGE.clean(html)


def sanitise_line(html: str) -> str:
    """The same for one line: no blocks."""
    return _LINE.clean(html)
