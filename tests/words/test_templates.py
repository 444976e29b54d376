"""No template says a word that is not looked up, whichever state of its page shows it."""

import re

from config.local.messages import CHECKOUT, sources
from tests.words.forgotten import SAME, SPOKEN, WORD, said

TRANSLATED = re.compile(
    r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}"
    r"|\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|\{\{.*?\}\}|\{%(?!\s*include\b).*?%\}",
    re.DOTALL,
)
INCLUDE = re.compile(r"\{%\s*include\b.*?%\}", re.DOTALL)
# What an included template is told in so many words: a sentence, or a word with a capital.
TOLD = re.compile(r'\b\w+="([A-Z][a-z]+[^"]*|[^"/.{]*[a-z] [a-z][^"/{]*)"')
# A class of the page, said in a block.
CLASS = re.compile(r"[a-z]+(?:-[a-z]+)+")


def words_left(template: str) -> list[str]:
    """The words that stand in a template by themselves."""
    bare = TRANSLATED.sub("", template)
    told = [words for tag in INCLUDE.findall(bare) for words in TOLD.findall(tag)]
    page = INCLUDE.sub("", bare)
    shown = [text for where, text in said(page) if where == "text" or where.endswith(SPOKEN_ENDS)]
    return [
        " ".join(words.split())
        for words in shown + told
        if WORD.search(words)
        and words.strip(" \n·,.:()") not in SAME
        and not CLASS.fullmatch(words.strip())
    ]


SPOKEN_ENDS = tuple(f"[{name}]" for name in SPOKEN)


def test_no_template_says_what_is_not_looked_up() -> None:
    templates = [path for path in sources() if path.suffix != ".py"]
    assert len(templates) > 200
    left = {
        path.relative_to(CHECKOUT).as_posix(): words
        for path in templates
        if (words := words_left(path.read_text("utf-8")))
    }
    assert left == {}


def test_words_in_a_template_are_found_wherever_they_stand() -> None:
    assert words_left('<p>{% translate "Read" %} or leave</p>') == ["or leave"]
    assert words_left('<img alt="A map">{# not this #}') == ["A map"]
    assert words_left('{% include "components/notice.html" with title="Not saved" only %}') == [
        "Not saved"
    ]
    assert words_left('<a class="card link" href="/terms/">{{ name }}, £{{ price }}</a>') == []
    assert words_left('{% include "x.html" with title=_("Not saved") look="danger" only %}') == []
