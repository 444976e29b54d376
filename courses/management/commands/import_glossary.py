"""``manage.py import_glossary FILE``: a glossary document becomes published pages."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.utils import timezone
from django.utils.text import slugify

from courses.importing import ImportPlan, ImportRefused, apply, plan_import, plan_rows
from glossary import reporting
from glossary.documents import Document, DocumentError, report_lines
from glossary.importing.applying import PlanOutdated, new_record
from glossary.parsing import MAX_BYTES, read_document


class Command(BaseCommand):
    """Reads, compares, shows, asks where something is there already, and applies."""

    help = (
        "Reads a glossary document and publishes it: its terms and takeaways, and the course and "
        "intake it names. What staff edited, decided or deleted stays as it is. A document that "
        "cannot be read changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the document")
        parser.add_argument("--dry-run", action="store_true", help="only show what would be done")
        parser.add_argument("--yes", action="store_true", help="apply changes without asking")
        parser.add_argument("--glossary", metavar="SLUG", help="its address; else from the title")
        parser.add_argument("--course", metavar="SLUG", help="the course's address")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            data = _read(path)
            document = read_document(data, path.name)
        except DocumentError as error:
            self.stderr.write(error.located(str(path)))
            raise SystemExit(1) from error
        plan = _plan(path, document, options)
        self._show(path, plan)
        if options["dry_run"]:
            self.stdout.write("\nThis was a dry run: nothing was changed.")
        elif not plan.does_something and plan.glossary.is_known_document:
            self.stdout.write("\nNothing to do: the site says all this already.")
        elif self._may_apply(plan, is_agreed=options["yes"]):
            self._apply(plan, path, data)

    def _show(self, path: Path, plan: ImportPlan) -> None:
        document = plan.glossary.document
        self.stdout.write(f"\n{path.name} says:\n")
        self.stdout.write(reporting.table(report_lines(document)))
        self.stdout.write("\nOn the site:\n")
        rows = [*reporting.plan_rows(plan.glossary), *plan_rows(plan)]
        self.stdout.write(reporting.table(rows))
        if not plan.glossary.is_new and (changes := reporting.change_rows(plan.glossary)):
            self.stdout.write("\nTerm by term (+ added, ~ changed, ? for staff to decide):\n")
            self.stdout.write(reporting.table(changes))

    def _may_apply(self, plan: ImportPlan, *, is_agreed: bool) -> bool:
        """Whether to go ahead: what is new needs no asking, what is there already does."""
        if is_agreed or not plan.touches_what_is_there:
            return True
        if not sys.stdin.isatty():
            raise CommandError("Nothing was changed. To apply this without being asked, add --yes.")
        answer = input("\nApply this? Type yes: ")
        if answer.strip().lower() == "yes":
            return True
        self.stdout.write("Nothing was changed.")
        return False

    def _apply(self, plan: ImportPlan, path: Path, data: bytes) -> None:
        at = timezone.now()
        try:
            record = new_record(plan.glossary, name=path.name, data=data, at=at)
            glossary = apply(plan, record, at=at)
        except PlanOutdated as error:
            raise CommandError(
                "Nothing was changed: somebody else changed the glossary meanwhile. Run this again."
            ) from error
        if plan.does_something:
            self.stdout.write(f"\nDone: {glossary.get_absolute_url()}")
        else:
            self.stdout.write("\nNothing to change on the site; the document is noted.")


def _read(path: Path) -> bytes:
    """The file's bytes. Raises DocumentError where it cannot be read."""
    try:
        with path.open("rb") as file:
            # One byte more than is allowed is enough to refuse it.
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DocumentError((error.strerror or "it cannot be read").lower()) from error


def _plan(path: Path, document: Document, options: dict[str, Any]) -> ImportPlan:
    slug = options["glossary"] or slugify(document.title)
    for name in (slug, options["course"]):
        if name is not None and not _is_address(name):
            raise CommandError(f"“{name}” is no address; say one with --glossary, as deep-learning")
    try:
        return plan_import(document, glossary_slug=slug, course_slug=options["course"])
    except ImportRefused as error:
        raise CommandError(f"{path}: {error} (--course)") from error


def _is_address(name: str) -> bool:
    try:
        validate_slug(name)
    except ValidationError:
        return False
    return len(name) <= 200
