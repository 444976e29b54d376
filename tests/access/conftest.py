"""A small site with something to hide in every corner, and the people who come to its doors."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from courses.models import Course, Intake
from courses.seeding import seed_legal_pages
from enrolment import documents
from enrolment.models import Enrolment, IntakeAlert, Offer, Payment, WaitingListEntry
from glossary.models import Glossary
from tests.courses.making import LONDON, a_course, a_lesson, a_price, a_provider, an_intake
from tests.glossary.writing import a_glossary, a_term

# The keys of Alice's things, so that addresses can be written out.
ENROLMENT = uuid.UUID("11111111-1111-4111-8111-111111111111")
PAYMENT = uuid.UUID("22222222-2222-4222-8222-222222222222")
RECEIPT = uuid.UUID("55555555-5555-4555-8555-555555555555")
ENTRY = uuid.UUID("33333333-3333-4333-8333-333333333333")
ALERT = "a-token-that-only-the-mail-knows"

PEOPLE = ("outsider", "student", "learner", "other", "staff", "superuser")
EMAILS = {
    "student": "stu@example.org",
    "learner": "alice@example.org",
    "other": "bob@example.org",
    "staff": "pat@example.org",
    "superuser": "sam@example.org",
}
As = Callable[[str], Client]


@pytest.fixture
def site(db: None) -> None:
    """A published and an unpublished one of everything; Alice and Bob learn, each their course."""
    a_provider()
    seed_legal_pages()
    _make_people()
    course = a_course(glossaries=[_make_glossaries()])
    a_lesson(course, "introduction", is_free=True)
    a_lesson(course, "backpropagation")
    a_lesson(course, "draft-lesson", is_published=False)
    a_price(an_intake(course, "2126-05"))
    an_intake(course, "2126-06", is_published=False)
    statistics = a_course("statistics")
    a_lesson(statistics, "mean")
    draft = a_course("draft-course", is_published=False)
    a_lesson(draft, "hidden-lesson", is_free=True)
    a_price(an_intake(draft, "2126-05"))
    _enrol(EMAILS["learner"], course, key=ENROLMENT)
    _enrol(EMAILS["other"], statistics, key=uuid.uuid4())
    _offer(EMAILS["learner"], an_intake(course, "2126-07", capacity=1), key=ENTRY)
    IntakeAlert.objects.create(
        course=course, email="ann@example.org", token=ALERT, created_at=datetime.now(tz=UTC)
    )


@pytest.fixture
def as_(site: None) -> As:
    """The browser of one of PEOPLE."""

    def browser(person: str) -> Client:
        client = Client()
        if person != "outsider":
            user = User.objects.get(email=EMAILS[person])
            client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return browser


def _make_people() -> None:
    for person, email in EMAILS.items():
        is_staff = person in {"staff", "superuser"}
        user = User.objects.create_user(
            email,
            "correct horse battery",
            name=email.partition("@")[0].title(),
            is_staff=is_staff,
            is_superuser=person == "superuser",
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


def _make_glossaries() -> Glossary:
    published = a_glossary("Deep learning", slug="deep-learning")
    a_term(published, "Neuron", "A weighted sum and a bend.")
    a_term(published, "Draft term", "Nobody knows yet.", is_published=False)
    draft = a_glossary("Draft glossary", slug="draft-glossary", is_published=False)
    a_term(draft, "Hidden term", "Not before the glossary is.")
    return published


def _offer(email: str, intake: Intake, *, key: uuid.UUID) -> None:
    """A place from the waiting list, the only one there is."""
    now = datetime.now(tz=UTC)
    entry = WaitingListEntry.objects.create(
        id=key,
        student=User.objects.get(email=email),
        intake=intake,
        status=WaitingListEntry.Status.OFFERED,
        joined_at=now,
    )
    Offer.objects.create(
        entry=entry,
        intake=intake,
        price=a_price(intake),
        price_name="Standard",
        amount=9000,
        created_at=now,
        expires_at=now + timedelta(hours=48),
    )
    Intake.objects.filter(pk=intake.pk).update(places_held=1)
    intake.prices.update(places_booked=1)


def _enrol(email: str, course: Course, *, key: uuid.UUID) -> None:
    """A paid place in an intake that has begun."""
    now = datetime.now(tz=UTC)
    intake = an_intake(
        course,
        f"{now.astimezone(LONDON):%Y-%m}",
        starts_on=now.astimezone(LONDON).date(),
        lessons_open=Intake.LessonsOpen.AT_ONCE,
    )
    enrolment = Enrolment.objects.create(
        id=key,
        student=User.objects.get(email=email),
        intake=intake,
        status=Enrolment.Status.ENROLLED,
        price_name="Standard",
        list_amount=9000,
        amount=9000,
        vat_treatment="not_registered",
        created_at=now,
        enrolled_at=now,
    )
    payment = Payment.objects.create(
        id=PAYMENT if key == ENROLMENT else uuid.uuid4(),
        enrolment=enrolment,
        status=Payment.Status.PAID,
        amount=9000,
        amount_received=9000,
        payment_intent_id=f"pi_{course.slug}",
        created_at=now,
        expires_at=now + timedelta(minutes=45),
        paid_at=now,
    )
    Intake.objects.filter(pk=intake.pk).update(places_taken=1)
    documents.issue_for_payment(payment, at=now)
    if key == ENROLMENT:
        payment.documents.filter(kind="receipt").update(id=RECEIPT)
