"""``manage.py seed_legal_pages``: the legal pages to start from."""

from typing import Any

from django.core.management.base import BaseCommand

from courses.models import Provider
from courses.seeding import seed_legal_pages


class Command(BaseCommand):
    """Adds the pages that are missing; changes none that exists."""

    help = "Add the legal pages that are missing. Read them and make them yours in the admin."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say which pages were added."""
        added = seed_legal_pages()
        for page in added:
            self.stdout.write(f"Added {page.get_absolute_url()} ({page.title}).")
        if not added:
            self.stdout.write("Every legal page exists. Nothing was changed.")
        if added and Provider.current() is None:
            self.stdout.write(
                "The pages name the provider, which is not set up yet: "
                "add it in the admin, and they fill in by themselves."
            )
