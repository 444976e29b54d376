"""``manage.py load_demo``: content, intakes and accounts for the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from courses.demo import loading
from enrolment import demo


class Command(BaseCommand):
    """Loads where the database is empty; changes nothing where there is content."""

    help = "Load the demonstration's content and accounts, where there are none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 outside the demonstration: its passwords are public."""
        if not settings.DEMO:
            raise CommandError("DEMO is not set: the demo's accounts have public passwords.")
        now = timezone.now()
        loading.load(at=now)
        demo.make_accounts()
        demo.enrol_the_learner(at=now)
        demo.let_the_learner_practise(at=now)
        demo.put_someone_on_a_waiting_list(at=now)
        demo.make_vouchers()
        for account in demo.ACCOUNTS:
            self.stdout.write(f"{account.email}  {demo.PASSWORD}  ({account.who})")
        self.stdout.write(f"{demo.VOUCHER}  (voucher: 10 % off, once a person)")
