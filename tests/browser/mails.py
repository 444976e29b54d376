"""Every kind of mail that the site writes, in each of its cases, from rows made for it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core import context
from django.core import mail
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

import enrolment.mail
from accounts.models import User
from courses import mailing, reminding, telling
from courses.account_mail import MailingAccountAdapter
from courses.calendar import london_date
from courses.models import PracticeReminder, Provider
from enrolment import checking, reconciling
from enrolment.at_stripe import AtStripe
from glossary import drafting
from glossary.drafting import News
from glossary.models import Draft
from glossary.practice.accounts import AccountMemories
from glossary.practice.keeping import Answer
from glossary.practice.scheduling import Rating
from tests.browser.letters import Letter
from tests.browser.mail_cases import Cast, every_case
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.glossary.drafts import a_draft
from tests.glossary.writing import a_glossary, a_term

Told = Iterator[tuple[str, Callable[[], Any]]]
CODE = "7QK2MD"
NOTE = "Say which way the bow turns."
# What allauth tells the mails that ask for something, and those that tell of a change.
ASKED: dict[str, dict[str, Any]] = {
    "email_confirmation_signup": {"code": CODE},
    "email_confirmation": {"code": CODE},
    "login_code": {"code": CODE},
    "password_reset_code": {"code": CODE},
    "password_reset_key": {"password_reset_url": "http://localhost:8000/account/password/reset/"},
    "account_already_exists": {
        "password_reset_url": "http://localhost:8000/account/password/reset/"
    },
    "unknown_account": {"signup_url": "http://localhost:8000/account/signup/"},
}
CHANGED: dict[str, dict[str, Any]] = {
    "account/email/email_changed": {"from_email": "old@example.org", "to_email": "ada@example.org"},
    "account/email/email_confirm": {},
    "account/email/email_deleted": {"deleted_email": "old@example.org"},
    "account/email/password_changed": {},
    "account/email/password_reset": {},
    "account/email/password_set": {},
    "mfa/email/recovery_codes_generated": {},
    "mfa/email/totp_activated": {},
    "mfa/email/totp_deactivated": {},
    "mfa/email/webauthn_added": {},
    "mfa/email/webauthn_removed": {},
}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def every_letter() -> Iterator[Letter]:
    """All of them, on a site with or without rows of its own; more rows are there afterwards.

    What is sent lies in ``mail.outbox``: the settings of tests have the backend that does so.
    """
    cast = _cast(timezone.now())
    for told in (_about_enrolments(cast), _about_drafts(cast), _about_practice(cast), _accounts()):
        for name, write in told:
            mail.outbox = []
            write()
            (message,) = mail.outbox
            kind, _, which = name.partition(" ")
            html = str(message.alternatives[0].content)
            yield Letter(kind, which, str(message.subject), html, str(message.body))


def _cast(at: datetime) -> Cast:
    if Provider.current() is None:
        a_provider(legal_name="Example College Ltd", phone="0113 496 0000")
    course, year = a_course("by-mail", title="Deep learning"), london_date(at).year + 1
    may, june = an_intake(course, f"{year}-05", capacity=12), an_intake(course, f"{year}-06")
    a_price(may)
    a_price(june)
    sam = User.objects.create_superuser("sam@example.org", name="Sam Staff")
    return Cast(course=course, may=may, june=june, sam=sam, at=at)


def _about_enrolments(cast: Cast) -> Told:
    for case in every_case(cast):
        name = f"{case.kind} {case.which}"
        yield name, partial(enrolment.mail.send, case.kind, str(case.key))
    yield "left_to_see_to", partial(_left_to_see_to, cast.at)


def _left_to_see_to(at: datetime) -> None:
    """As the daily job sends it, without what only Stripe could tell."""
    found = checking.check_with(AtStripe(at=at, since=at), is_thorough=True)
    left = [one for one in found if not reconciling.is_safe(one)]
    context = {"left": left, "admin_url": reverse("admin:enrolment_reconciliation")}
    message = mailing.message(
        "enrolment/mail/left_to_see_to",
        to="hello@example.org",
        name="left_to_see_to",
        context=context | mailing.of_the_house(),
    )
    message.send()


def _about_drafts(cast: Cast) -> Told:
    author = User.objects.create_user("ann@example.org", name="Ann Author", is_staff=True)
    term = a_term(a_glossary("Rigging", needs_review=True))
    draft = a_draft(term, author)
    draft.publish_at = cast.at + timedelta(days=7)
    draft.save()
    drafting.hand_in(draft, at=cast.at)
    yield "draft_waiting", _of_draft(draft, News.WAITING, cast.sam)
    drafting.send_back(draft, note=NOTE, by=cast.sam, at=cast.at)
    yield "draft_news returned", _of_draft(draft, News.RETURNED, author)
    drafting.hand_in(draft, at=cast.at)
    drafting.approve(draft, seen=1, by=cast.sam, at=cast.at)
    yield "draft_news approved", _of_draft(draft, News.APPROVED, author)
    drafting.publish_due(at=draft.publish_at)
    yield "draft_news published", _of_draft(draft, News.PUBLISHED, author)
    other = a_draft(term, author, "Said otherwise.")
    drafting.dismiss(other, by=cast.sam, at=cast.at)
    yield "draft_news dismissed", _of_draft(other, News.DISMISSED, author)


def _of_draft(draft: Draft, news: News, to: User) -> Callable[[], Any]:
    draft.refresh_from_db()
    moment = draft.updated_at.isoformat()
    return partial(telling.send, draft.pk, news, to_id=to.pk, moment=moment)


def _about_practice(cast: Cast) -> Told:
    learner = User.objects.create_user("otto@example.org", name="Otto Archer")
    reminding.ask(learner, at=cast.at)
    reminder, later = PracticeReminder.objects.get(learner=learner), cast.at + timedelta(days=30)
    glossary = a_glossary("Splicing")
    for name, which in (("Bend", "one term"), ("Hitch", "two terms")):
        memories, term = AccountMemories(learner), a_term(glossary, name)
        memories.rate(Answer(term.pk, 0, Rating.GOOD, "meaning"), at=cast.at)
        yield f"practice_due {which}", partial(reminding.send, reminder, on="today", at=later)


def _accounts() -> Told:
    """As allauth sends them, in a request."""
    ada = User.objects.create_user("ada@example.com", name="Ada Adams")
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    request = RequestFactory().get("/", headers={"host": "localhost", "user-agent": BROWSER})
    for name, told in ASKED.items():
        known = told if name in {"account_already_exists", "unknown_account"} else {"user": ada}
        yield name, partial(_ask, request, f"account/email/{name}", ada.email, told | known)
    for prefix, told in CHANGED.items():
        yield prefix.rpartition("/")[2], partial(_tell, request, prefix, ada, told)


def _ask(request: Any, prefix: str, email: str, told: dict[str, Any]) -> None:
    with context.request_context(request):
        MailingAccountAdapter(request).send_mail(prefix, email, told)


def _tell(request: Any, prefix: str, user: User, told: dict[str, Any]) -> None:
    with context.request_context(request):
        MailingAccountAdapter(request).send_notification_mail(prefix, user, told)
