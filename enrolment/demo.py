"""The demo's people, and what they have: one of each kind who uses the site."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts.models import User
from courses.demo import practice
from courses.models import Intake
from enrolment import checkout, roles, vouchers, waiting
from enrolment.models import Voucher, VoucherBatch

VOUCHER = "WELCOME10"
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
    Account("wanda@termtime.example", "Wanda Waiting", "student: waits for a place to come free"),
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


def let_the_learner_practise(*, at: datetime) -> None:
    """Give the learner two months of practice to look back on."""
    practice.practise(User.objects.get(email="learner@termtime.example"), at=at)


def put_someone_on_a_waiting_list(*, at: datetime) -> None:
    """Let somebody wait for the free place that the learner has, by the journey for everyone."""
    person = User.objects.get(email="wanda@termtime.example")
    learner = User.objects.get(email="learner@termtime.example")
    taken = learner.enrolments.select_related("intake__course").first()
    if taken is None or person.waiting_list_entries.exists():
        return
    if waiting.invites(taken.intake, at=at):
        waiting.join(student=person, intake=taken.intake, at=at)


def make_vouchers() -> None:
    """A code for everybody, and a batch of single ones, where there are none."""
    if VoucherBatch.objects.exists():
        return
    welcome = VoucherBatch.objects.create(name="Welcome", percent=10)
    Voucher.objects.create(batch=welcome, code=VOUCHER, limit=None)
    partners = VoucherBatch.objects.create(name="Partners, £25 off", amount_off=2500)
    vouchers.make(partners, count=20, prefix="PARTNER")
