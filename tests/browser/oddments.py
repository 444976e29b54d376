"""One of everything that the admin shows and the demo has none of; visitors see none of it."""

from datetime import timedelta
from typing import Any

from tests.browser.people import a_person


def write_oddments(*, paid: str, left: str) -> dict[str, str]:
    """Beside the payment ``paid`` and the enrolment ``left``, which was cancelled; their keys."""
    from django.utils import timezone

    from courses.models import Course, SearchInVain
    from enrolment.models import Dispute, IntakeAlert, Payment, Refund, StripeEvent

    at = timezone.now()
    payment = Payment.objects.get(pk=paid)
    SearchInVain.objects.create(words="knitting", times=3, first_at=at, last_at=at)
    alert = IntakeAlert.objects.create(
        course=Course.objects.get(slug="deep-learning"), email="curious@example.org", created_at=at
    )
    Dispute.objects.create(
        payment=payment,
        stripe_id="du_oddment",
        outcome=Dispute.Outcome.WON,
        stripe_status="won",
        amount=payment.amount,
        opened_at=at - timedelta(days=9),
        closed_at=at,
    )
    StripeEvent.objects.create(
        event_id="evt_oddment", type="x", payload={}, received_at=at, processed_at=at
    )
    refund = Refund.objects.create(
        payment=Payment.objects.get(enrolment__pk=left),
        amount=1,
        reason="Sorry",
        created_at=at,
        status=Refund.Status.PENDING,  # paid elsewhere, it waits for hands
    )
    letters = {"alert": alert.token, "reminder": _reminder(at), "refund_by_hand": str(refund.pk)}
    return _of_knots(at) | _secured() | letters


def _reminder(at: Any) -> str:
    from accounts.models import User
    from courses import reminding
    from courses.models import PracticeReminder

    payer = User.objects.get(email="payer@example.org")
    reminding.ask(payer, at=at)
    return reminding.token_of(PracticeReminder.objects.get(learner=payer))


def _secured() -> dict[str, str]:
    """Two people with a second factor each, and one who signs in by codes alone."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from allauth.mfa.webauthn.internal.auth import WebAuthn

    from tests.accounts.soft_key import SoftKey

    for name in ("doubted", "secured"):
        person = a_person(f"{name}@example.org", name.title())
        TOTP.activate(person, generate_totp_secret())
        RecoveryCodes.activate(person)
        asked = {"rp": {"id": "localhost"}, "challenge": "an invitation"}
        key = WebAuthn.add(person, "Blue key", SoftKey().create(asked))
    codes = a_person("codes@example.org", "Cora Codes")
    codes.set_unusable_password()
    codes.save()
    return {"a_key": str(key.instance.pk)}


def _of_knots(at: Any) -> dict[str, str]:
    """In a glossary that is not published: a draft, a deleted term, a second definition."""
    from accounts.models import User
    from glossary.editing import delete_term
    from glossary.models import AlternativeDefinition, Term
    from tests.glossary.drafts import a_draft

    staff = User.objects.get(email="staff@termtime.example")
    bend, hitch, bowline = Term.objects.filter(glossary__slug="knots").order_by("-name")
    draft = a_draft(bowline, staff)
    AlternativeDefinition.objects.create(term=bend, text="A bend for two ropes.")
    delete_term(hitch, at=at, by=staff)
    return {"a_draft": str(draft.pk), "a_term": str(bowline.pk)}
