"""What a new site begins with: the legal pages, in words that a provider can start from."""

from pathlib import Path

from courses.documents import read_document
from courses.models import LegalPage

FOLDER = Path(__file__).parent / "legal"


def seed_legal_pages() -> list[LegalPage]:
    """Add the legal pages that are missing, and return them. Pages that exist are left alone."""
    added = []
    for path in sorted(FOLDER.glob("*.md")):
        document = read_document(path)
        page, is_new = LegalPage.objects.get_or_create(
            slug=document.facts["slug"],
            defaults={
                "title": document.facts["title"],
                "version": document.facts["version"],
                "source": document.text,
            },
        )
        if is_new:
            added.append(page)
    return added
