"""``manage.py reconcile``: hold our records and Stripe's against each other, now."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from enrolment import reconciling


class Command(BaseCommand):
    """What the schedule does, by hand; and what the page in the admin shows."""

    help = "Find where Stripe, payments, places and access disagree, and repair what is safe."

    def add_arguments(self, parser: CommandParser) -> None:
        """How far back, and whether only to look."""
        parser.add_argument("--check", action="store_true", help="list, and repair nothing")
        parser.add_argument(
            "--days", type=int, default=2, help="how far back Stripe's lists are read (2)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 where something is left to see to."""
        if not 2 <= options["days"] <= 365:
            raise CommandError("--days must lie between 2 and 365.")
        run = reconciling.find if options["check"] else reconciling.reconcile
        report = run(at=timezone.now(), look_back=timedelta(days=options["days"]))
        for one in report.repaired:
            self.stdout.write(f"Repaired: {one}")
        for one in report.left:
            self.stdout.write(f"{one.kind.label.capitalize()}: {one}")
        if not report.is_clean:
            left = len(report.left)
            count = f"{left} {'thing is' if left == 1 else 'things are'} left to see to."
            raise CommandError("\n".join([*report.problems, count]))
        self.stdout.write("Nothing is left: Stripe, payments, places and access agree.")
