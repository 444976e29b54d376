"""Addresses of glossaries and terms, and those that they had before.

Former ones are written down when they change, and followed. A present address always wins; among
former ones it is the last owner's. What was deleted is gone, and its addresses with it, until it is
brought back.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from glossary.models import FormerGlossaryAddress, FormerTermAddress, Glossary, Term


def absolute(path: str) -> str:
    """The whole address of ``path``, as the world knows the site."""
    return f"{settings.SITE_URL}{path}"


def terms_under(glossary: str) -> str:
    """What the addresses of a glossary's terms begin with, before the term's own part and a "/".

    For many at once: each ``reverse`` takes longer than all else that is done for a link.
    """
    return reverse("term_detail", args=[glossary, "x"]).removesuffix("x/")


def glossary_moved(before: Glossary, *, at: datetime) -> None:
    """Write down the address that the glossary leaves."""
    FormerGlossaryAddress.objects.update_or_create(
        slug=before.slug, glossary=before, defaults={"left_at": at}
    )


def terms_added(glossary: Glossary, slugs: Iterable[str]) -> None:
    """Write down that new terms have these addresses now, whoever had them before."""
    FormerTermAddress.objects.filter(glossary_slug=glossary.slug, slug__in=list(slugs)).delete()


def term_moved(before: Term | None, after: Term) -> None:
    """Write down the address that the term leaves, and that the one it takes is its own.

    Under every address that its glossary ever had: the glossary may be deleted after the term
    has moved to another.
    """
    terms_added(after.glossary, [after.slug])
    if before is None:
        return
    left = FormerGlossaryAddress.objects.filter(glossary=before.glossary_id)
    slugs = {before.glossary.slug, *left.values_list("slug", flat=True)}
    FormerTermAddress.objects.bulk_create(
        [
            FormerTermAddress(glossary_slug=slug, slug=before.slug, term=after)
            for slug in sorted(slugs)
        ],
        update_conflicts=True,
        unique_fields=["glossary_slug", "slug"],
        update_fields=["term"],
    )


def find_moved_glossary(slug: str) -> Glossary | None:
    """The glossary that had this address last."""
    former = FormerGlossaryAddress.objects.filter(slug=slug).select_related("glossary").first()
    return former.glossary if former else None


def find_moved_term(glossary_slug: str, slug: str) -> Term | None:
    """The term that had this address last, or whose glossary was at the first part of it."""
    former = FormerTermAddress.objects.filter(glossary_slug=glossary_slug, slug=slug)
    if found := former.select_related("term__glossary").first():
        return found.term
    return (
        Term.objects.filter(slug=slug, glossary__former_addresses__slug=glossary_slug)
        .select_related("glossary")
        .order_by("-glossary__former_addresses__left_at")
        .first()
    )
