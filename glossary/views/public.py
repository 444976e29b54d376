"""What visitors may see, at the address that it has or at one that it had."""

from django.http import Http404

from glossary.addresses import find_moved_glossary, find_moved_term
from glossary.models import Glossary, Term


def public_glossary_or_404(slug: str) -> Glossary:
    """The published glossary at this address, else the one that had it last."""
    found = Glossary.objects.filter(slug=slug).first() or find_moved_glossary(slug)
    if found is None or not found.is_published:
        raise Http404
    return found


def moved_term_or_404(glossary: str, slug: str) -> Term:
    """The public term that had this address last."""
    found = find_moved_term(glossary, slug)
    if found is None or not found.is_public:
        raise Http404
    return found
