"""Places in intakes, and the money paid for them."""

from enrolment.models.alert import IntakeAlert
from enrolment.models.enrolment import Consent, Enrolment
from enrolment.models.payment import Payment, Refund, StripeEvent

__all__ = ["Consent", "Enrolment", "IntakeAlert", "Payment", "Refund", "StripeEvent"]
