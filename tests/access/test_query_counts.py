"""Three times the rows, and no list asks the database more often."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from courses.models import Intake, LegalPage, Provider, SearchInVain
from enrolment.jobs import recount_places
from enrolment.models import (
    Dispute,
    Document,
    IntakeAlert,
    Payment,
    Refund,
    StripeEvent,
    Voucher,
    VoucherBatch,
    WaitingListEntry,
)
from glossary.content import TermContent
from glossary.drafting import keep
from glossary.models import AlternativeDefinition, DeletedTerm, Import, Passage
from tests.access.conftest import EMAILS, As
from tests.courses.making import a_course, a_lesson, a_price, an_intake, enrol
from tests.glossary.writing import a_glossary, a_term

NOW = datetime.now(tz=UTC)
# One row, or as many as there are laws; and texts, which have no list of their own.
NOT_MANY = {Provider, LegalPage, Passage}
numbers = count(1)


def one_more_of_everything(learner: User) -> None:
    """A row of each model, and each with rows of its own around it."""
    number = next(numbers)
    someone = User.objects.create(email=f"person{number}@example.org", name=f"Person {number}")
    Group.objects.create(name=f"Group {number}")
    EmailAddress.objects.create(user=someone, email=someone.email)
    Authenticator.objects.create(user=someone, type="recovery_codes", data={})
    glossary = a_glossary(f"Glossary {number}", slug=f"glossary-{number}")
    term = a_term(glossary, f"Term {number}")
    document = Import.objects.create(
        glossary=glossary,
        slug=glossary.slug,
        name="a.txt",
        state="applied",
        created_at=NOW,
        applied_at=NOW,
        created_by=someone,
    )
    AlternativeDefinition.objects.create(
        term=term,
        text="Or else.",
        document=document,
        decision="adopted",
        decided_by=someone,
        decided_at=NOW,
    )
    DeletedTerm.objects.create(
        glossary=glossary, name="Gone", slug="gone", is_published=True, at=NOW, by=someone
    )
    keep(
        glossary=glossary,
        term=term,
        content=TermContent(f"Term {number}", definition="Anew."),
        by=someone,
        at=NOW,
    )
    course = a_course(f"course-{number}", glossaries=[glossary])
    a_lesson(course, "first")
    intake = an_intake(course, f"{NOW:%Y-%m}", lessons_open=Intake.LessonsOpen.AT_ONCE)
    a_price(intake)
    for student in (learner, someone):
        enrolment = enrol(student, intake)
        payment = Payment.objects.create(
            enrolment=enrolment,
            status=Payment.Status.PAID,
            amount=9000,
            amount_received=9000,
            created_at=NOW,
            expires_at=NOW + timedelta(minutes=45),
            paid_at=NOW,
        )
        Refund.objects.create(payment=payment, amount=100, reason="Sorry", created_at=NOW)
        Dispute.objects.create(
            payment=payment, stripe_id=f"du_{payment.pk}", amount=9000, opened_at=NOW
        )
        Document.objects.create(
            kind="receipt", number=1000 + next(numbers), payment=payment, issued_at=NOW, amount=9000
        )
    learner.readings.create(lesson=course.lessons.get(), first_read_at=NOW, last_read_at=NOW)
    StripeEvent.objects.create(event_id=f"evt_{number}", type="x", payload={}, received_at=NOW)
    IntakeAlert.objects.create(course=course, email=someone.email, created_at=NOW)
    WaitingListEntry.objects.create(student=someone, intake=intake, joined_at=NOW)
    SearchInVain.objects.create(words=f"search {number}", first_at=NOW, last_at=NOW)
    batch = VoucherBatch.objects.create(name=f"Batch {number}", percent=10)
    Voucher.objects.create(batch=batch, code=f"CODE{number}")
    recount_places.configure(queueing_lock=f"lock-{number}").defer(timestamp=number)


def queries(browser: Client, address: str) -> int:
    """How many a page takes, the second time it is asked for."""
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200, address
    return len(captured)


@pytest.fixture
def learner(site: None) -> User:
    return User.objects.get(email=EMAILS["learner"])


def test_a_persons_own_lists_do_not_grow(as_: As, learner: User) -> None:
    browser = as_("learner")
    addresses = ("/account/enrolments/", "/account/payments/", "/account/", "/")
    # Beyond six courses the front page asks for their subjects too, however many there are.
    for _ in range(7):
        one_more_of_everything(learner)
    before = {address: queries(browser, address) for address in addresses}
    for _ in range(4):
        one_more_of_everything(learner)
    assert {address: queries(browser, address) for address in addresses} == before


def test_no_list_of_the_admin_grows(as_: As, learner: User) -> None:
    browser = as_("superuser")
    models = set(admin.site._registry) - NOT_MANY
    for _ in range(2):
        one_more_of_everything(learner)
    rows = {model: model._default_manager.count() for model in models}
    before = {model: queries(browser, list_of(model)) for model in models}
    for _ in range(4):
        one_more_of_everything(learner)
    assert [model for model in models if model._default_manager.count() <= rows[model]] == []
    assert {model: queries(browser, list_of(model)) for model in models} == before


def list_of(model: type) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
