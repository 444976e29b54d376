"""Drafts of terms, and what is asked of them, for tests."""

from dataclasses import replace
from datetime import timedelta

from accounts.models import User
from glossary import drafting
from glossary.models import Draft, Glossary, Term
from glossary.versions import content_of
from tests.glossary.writing import MOMENT

LATER = MOMENT + timedelta(days=30)


def a_draft(term: Term, by: User, definition: str = "Said anew.") -> Draft:
    content = replace(content_of(term), definition=definition)
    return drafting.keep(glossary=term.glossary, term=term, content=content, by=by, at=MOMENT)


def definition(term: Term) -> str:
    return content_of(Term.objects.get(pk=term.pk)).definition


def state(draft: Draft) -> str:
    draft.refresh_from_db()
    return draft.state


def form(glossary: Glossary, **fields: object) -> dict[str, object]:
    known = {
        "glossary": glossary.pk,
        "name": "Tack",
        "slug": "tack",
        "definition_text": "Said anew.",
        "is_published": "on",
        "is_linked": "on",
        "alternatives-TOTAL_FORMS": "0",
        "alternatives-INITIAL_FORMS": "0",
    }
    return {**known, **fields}
