"""The demo's people, and what they have: one of each kind who uses the site."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts.models import User
from courses.models import Intake
from enrolment import checkout, roles

PASSWORD = "term-time-demo"  # noqa: S105 the demo prints it for everyone to read


@dataclass(frozen=True)
class Account:
    """Someone to sign in as."""

    email: str
    name: str
    who: str
    is_staff: bool = False
    role: str = ""


ACCOUNTS = (
    Account("staff@termtime.example", "Sam Staff", "staff: everything in the admin", is_staff=True),
    Account(
        "editor@termtime.example",
        "Edna Editor",
        "staff: glossaries, courses, lessons, legal pages",
        is_staff=True,
        role="Content editor",
    ),
    Account(
        "admissions@termtime.example",
        "Ada Admissions",
        "staff: intakes, enrolments, waiting lists, rosters",
        is_staff=True,
        role="Admissions",
    ),
    Account(
        "finance@termtime.example",
        "Fay Finance",
        "staff: payments, refunds, vouchers, documents",
        is_staff=True,
        role="Finance",
    ),
    Account("learner@termtime.example", "Leah Learner", "learner: enrolled, can read on"),
    Account("student@termtime.example", "Stu Student", "student: has an account, nothing else"),
)


def make_accounts() -> None:
    """Make the demo's accounts where they are missing, with confirmed addresses."""
    roles.make()
    for account in ACCOUNTS:
        if User.objects.filter(email=account.email).exists():
            continue
        user = User.objects.create_user(
            account.email,
            PASSWORD,
            name=account.name,
            is_staff=account.is_staff,
            is_superuser=account.is_staff and not account.role,
        )
        if account.role:
            user.groups.add(Group.objects.get(name=account.role))
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def enrol_the_learner(*, at: datetime) -> None:
    """Put the learner into the free course by the same journey that everyone takes.

    Into a paid intake nobody gets without paying, in the demo as well.
    """
    learner = User.objects.get(email="learner@termtime.example")
    on_sale = Intake.objects.on_sale(at=at)
    free = next((intake for intake in on_sale if intake.from_amount == 0), None)
    if free is None or learner.enrolments.exists():
        return
    price = free.prices.get(amount=0)
    checkout.begin(checkout.Order(student=learner, intake=free, price=price), at=at)
