"""A deleted term made anew, as it was: with its address, what it said, and its versions."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from glossary import editing, versions
from glossary.models import DeletedTerm, FormerTermAddress, Term, Version


@transaction.atomic
def bring_back(deleted: DeletedTerm, *, by: Any, at: datetime) -> Term:
    """Make the term anew, published where it was; what it says is a version of its own.

    It has its old address unless that has been taken since. No review is asked for, as none was
    for deleting it: it says what it said. Raises CannotSave where that is not possible any more,
    or was done already.
    """
    glossary = editing.lock(deleted.glossary)
    held = DeletedTerm.objects.select_for_update(of=("self",)).get(pk=deleted.pk)
    if held.brought_back_at:
        raise editing.CannotSave([_("%(held)s is brought back already.") % {"held": held}])
    is_free = not glossary.terms.filter(slug=held.slug).exists()
    term = Term(
        glossary=glossary, slug=held.slug if is_free else "", is_published=held.is_published
    )
    if problems := editing.problems_of(term, held.said):
        raise editing.CannotSave(problems)
    editing.save_term(term, held.said, at=at, by=by, what=Version.What.RESTORED)
    versions.set_back(term, held)
    FormerTermAddress.objects.bulk_create(
        [
            FormerTermAddress(glossary_slug=former, slug=slug, term=term)
            for former, slug in held.addresses
        ],
        ignore_conflicts=True,  # what another term has had since is that one's
    )
    held.versions, held.addresses = [], []
    held.brought_back_at, held.brought_back_by = at, by
    held.save()
    return term
