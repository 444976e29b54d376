"""The JSON form: what a term says under the names of ``glossary.content.TermContent``."""

import json

from glossary.documents import GlossaryContent

FORM = "termtime-glossary-1"


def as_json_file(content: GlossaryContent) -> bytes:
    """The glossary as JSON, in UTF-8."""
    said = {
        "form": FORM,
        "title": content.title,
        "summary": content.summary,
        "terms": [term.as_json() for term in content.terms],
        "takeaways": list(content.takeaways),
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
