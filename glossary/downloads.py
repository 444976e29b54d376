"""What of a glossary anybody may take away; ``glossary.exporting`` writes it."""

from collections.abc import Container
from dataclasses import replace

from glossary.content import TermContent
from glossary.documents import GlossaryContent
from glossary.models import Glossary
from glossary.versions import contents_of

# Goes up when the same terms are written another way, so that nobody keeps the old.
SHAPE = 1


def public_content(glossary: Glossary) -> GlossaryContent:
    """The glossary with its published terms, from A to Z; none names one that is not published."""
    terms = glossary.terms.filter(is_published=True)
    contents = contents_of(terms)
    names = {content.name for content in contents.values()}
    return GlossaryContent(
        title=glossary.title,
        summary=glossary.summary,
        terms=tuple(
            _without_hidden(contents[key], names)
            for key in terms.in_order().values_list("pk", flat=True)
            if key in contents
        ),
        takeaways=tuple(glossary.takeaways.values_list("text", flat=True)),
    )


def _without_hidden(content: TermContent, names: Container[str]) -> TermContent:
    return replace(content, see_also=tuple(name for name in content.see_also if name in names))
