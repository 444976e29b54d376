"""``manage.py make_roles``: the permission groups of staff, as this version has them."""

from typing import Any

from django.core.management.base import BaseCommand

from enrolment import roles


class Command(BaseCommand):
    """Gives what is lacking; takes nothing away."""

    help = "Make the permission groups for staff, and give them what they lack."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0, also where there was nothing to do."""
        for name, number in roles.make().items():
            self.stdout.write(f"{name}: {number} permission{'' if number == 1 else 's'} given.")
