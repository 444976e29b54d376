"""``manage.py reconcile``: bring our records and Stripe's together, now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from enrolment import reconciling, recounting


class Command(BaseCommand):
    """What the job does every minute and every night, by hand."""

    help = "Find payments, webhooks and refunds that got lost, and recount the places."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 where something could not be finished."""
        report = reconciling.reconcile(at=timezone.now())
        corrections = recounting.recount()
        self.stdout.write(
            f"Checkouts opened: {report.opened}. Payments looked at: {report.settled}. "
            f"Webhooks worked on: {report.events}. Refunds followed: {report.refunds}."
        )
        for correction in corrections:
            self.stdout.write(
                f"Corrected: {correction.what}, {correction.counter}: "
                f"{correction.before} → {correction.now}."
            )
        if report.problems:
            raise CommandError("\n".join(report.problems))
