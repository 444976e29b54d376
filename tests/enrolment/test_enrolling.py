"""From the enrol page to a learner, over HTTP, against the stand-in for Stripe."""

import re

from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from accounts.models import User
from courses.models import Course, Intake
from enrolment.models import Enrolment, Payment
from tests.courses.making import a_lesson, a_price, an_intake
from tests.enrolment.driving import (
    TEACHING_AND_LESSONS,
    begin_paying,
    deliver,
    enrol,
    events,
    only_enrolment,
    pay,
    places,
    queued,
    run_jobs,
)
from tests.sandbox.process import Sandbox

ENROL = "/courses/deep-learning/intakes/2126-05/enrol/"


def test_a_visitor_is_sent_to_sign_in_and_back_to_the_intake(
    client: Client, intake: Intake
) -> None:
    response = client.get(ENROL)
    assert response.status_code == 302
    assert response.url == f"/account/login/?next={ENROL}"


def test_the_enrol_page_says_the_fee_and_what_happens_next(alices: Client, intake: Intake) -> None:
    page = alices.get(ENROL).content.decode()
    assert "£90" in page
    assert "We hold your place for 45 minutes" in page
    assert "1 May 2126" in page


def test_before_a_price_is_chosen_the_page_names_no_total(alices: Client, intake: Intake) -> None:
    a_price(intake, 12000, name="With a tutor")
    page = alices.get(ENROL).content.decode()
    assert "It is the price that you have chosen, paid once." in page


def test_enrolling_holds_a_place_and_leads_to_stripe(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    response = enrol(alices, intake)
    assert response.status_code == 302
    assert response.url.startswith(stand_in.url)
    assert places(intake) == (0, 1)
    payment = Payment.objects.get()
    assert payment.amount == 9000
    assert payment.session_id
    session = stand_in.client().v1.checkout.sessions.retrieve(payment.session_id)
    assert session.amount_total == 9000
    assert session.currency == "gbp"
    assert session.customer_email == "alice@example.org"


def test_the_return_page_settles_and_shows_the_truth(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    page = alices.get(f"/account/enrolments/{payment.enrolment_id}/return/", follow=True)
    assert "You are enrolled" in page.content.decode()
    assert places(intake) == (1, 0)
    assert only_enrolment().is_enrolled


def test_the_return_page_trusts_nothing_in_its_address(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    address = f"/account/enrolments/{payment.enrolment_id}/return/?session=cs_paid&paid=1"
    page = alices.get(address, follow=True)
    assert "Waiting for your payment" in page.content.decode()
    assert only_enrolment().is_pending


def test_the_webhook_enrols_and_a_mail_confirms(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    event = events(stand_in, "checkout.session.completed")[0]
    assert deliver(alices, event).status_code == 200
    run_jobs()
    assert only_enrolment().is_enrolled
    assert [one.to for one in mail.outbox] == [["alice@example.org"]]
    written = mail.outbox[0]
    assert written.subject == "You are enrolled: Deep learning, May 2126 intake"
    assert "You paid £90.00 (Standard)" in str(written.body)
    assert written.from_email == "Example College <hello@localhost>"
    assert written.reply_to == ["hello@example.org"]
    assert written.extra_headers["Message-ID"] == f"<enrolled.{payment.enrolment_id}@localhost>"


def test_what_was_charged_is_what_was_shown(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    page = alices.get(ENROL).content.decode()
    assert "£90" in page
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    payment.refresh_from_db()
    intent = stand_in.client().v1.payment_intents.retrieve(payment.payment_intent_id)
    assert intent.amount_received == payment.amount_received == 9000


def test_a_free_place_skips_stripe(alices: Client, course: Course, stand_in: Sandbox) -> None:
    free = an_intake(course, "2126-06")
    a_price(free, 0, name="Free")
    response = enrol(alices, free)
    enrolment = only_enrolment()
    assert response.url == f"/account/enrolments/{enrolment.pk}/"
    assert enrolment.is_enrolled
    assert places(free) == (1, 0)
    assert not Payment.objects.exists()
    assert stand_in.see("log")["requests"] == []
    run_jobs()
    assert "booked" in str(mail.outbox[0].body)
    assert "You paid" not in str(mail.outbox[0].body)


def test_enrolling_twice_leads_to_the_enrolment_that_exists(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    begin_paying(alices, intake)
    existing = only_enrolment()
    again = enrol(alices, intake)
    assert again.url == f"/account/enrolments/{existing.pk}/"
    assert alices.get(ENROL).url == f"/account/enrolments/{existing.pk}/"
    assert Payment.objects.count() == 1
    assert places(intake) == (0, 1)


def test_an_expired_session_frees_the_place_and_says_so(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    stand_in.control(f"sessions/{payment.session_id}/expire")
    deliver(alices, events(stand_in, "checkout.session.expired")[0])
    run_jobs()
    assert only_enrolment().status == Enrolment.Status.EXPIRED
    assert places(intake) == (0, 0)
    assert mail.outbox[0].subject == "Your payment for Deep learning was not completed"
    page = alices.get(f"/account/enrolments/{payment.enrolment_id}/").content.decode()
    assert "Nothing was taken" in page


def test_after_an_expired_hold_one_can_enrol_again(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    first = begin_paying(alices, intake)
    stand_in.control(f"sessions/{first.session_id}/expire")
    alices.get(f"/account/enrolments/{first.enrolment_id}/return/")
    second = begin_paying(alices, intake)
    assert second.enrolment_id != first.enrolment_id
    assert places(intake) == (0, 1)


def test_a_declined_card_keeps_the_place_held(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment, "decline")
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    assert only_enrolment().is_pending
    assert places(intake) == (0, 1)
    pay(stand_in, payment)
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    assert only_enrolment().is_enrolled


def test_a_full_intake_says_so_politely(
    alices: Client, course: Course, stand_in: Sandbox, bob: User
) -> None:
    full = an_intake(course, "2126-07", capacity=1)
    a_price(full)
    other = Client()
    other.force_login(bob)
    begin_paying(other, full)
    response = enrol(alices, full)
    assert response.status_code == 409
    assert "The last places are being booked" in response.content.decode()
    assert places(full) == (0, 1)


def test_both_consents_are_kept_with_their_wording_and_sent(
    alices: Client, course: Course, stand_in: Sandbox
) -> None:
    at_once = an_intake(course, "2126-08", lessons_open="at_once")
    a_price(at_once)
    payment = begin_paying(alices, at_once, **TEACHING_AND_LESSONS)
    pay(stand_in, payment)
    alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    enrolment = only_enrolment()
    assert sorted(enrolment.consents.values_list("kind", flat=True)) == [
        "digital_content",
        "teaching",
    ]
    assert enrolment.lessons_wait_until is None
    run_jobs()
    for consent in enrolment.consents.all():
        assert consent.wording in str(mail.outbox[0].body)


def test_without_consents_the_place_sells_and_lessons_wait_until_day_15(
    alices: Client, course: Course, stand_in: Sandbox
) -> None:
    at_once = an_intake(course, "2126-08", lessons_open="at_once")
    a_price(at_once)
    payment = begin_paying(alices, at_once)
    pay(stand_in, payment)
    page = alices.get(f"/account/enrolments/{payment.enrolment_id}/return/", follow=True)
    enrolment = only_enrolment()
    assert enrolment.is_enrolled
    waited = enrolment.lessons_wait_until
    assert waited is not None
    assert enrolment.enrolled_at is not None
    assert 14 <= (waited - enrolment.enrolled_at).days <= 15
    assert "Your lessons open on" in page.content.decode()


def test_a_mail_is_queued_once_however_often_it_is_settled(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    pay(stand_in, payment)
    for _ in range(3):
        alices.get(f"/account/enrolments/{payment.enrolment_id}/return/")
    assert len(queued("send_mail")) == 1


def test_someone_given_the_permission_reads_without_being_enrolled(
    alices: Client, alice: User, course: Course
) -> None:
    lesson = a_lesson(course)
    assert "The secret of the lesson" not in alices.get(lesson.get_absolute_url()).content.decode()
    alice.user_permissions.add(Permission.objects.get(codename="read_lesson"))
    assert "The secret of the lesson" in alices.get(lesson.get_absolute_url()).content.decode()


def test_a_page_that_waits_is_told_only_what_it_does_not_show_yet(
    alices: Client, intake: Intake, stand_in: Sandbox
) -> None:
    payment = begin_paying(alices, intake)
    page = f"/account/enrolments/{payment.enrolment_id}/"
    asks = re.search(r'hx-get="([^"]+)" hx-trigger="every 3s"', alices.get(page).text)
    assert asks is not None
    assert alices.get(asks[1]).status_code == 204
    pay(stand_in, payment)
    alices.get(f"{page}return/")
    news = alices.get(asks[1])
    assert (news.status_code, "You are enrolled" in news.text) == (200, True)
    assert "What happens now" in news.text
    assert "hx-trigger" not in news.text, "once it is done nobody asks again"
