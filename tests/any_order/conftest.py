"""The stand-in for Stripe, shared with the tests of enrolment."""

from tests.enrolment.conftest import running_stand_in

__all__ = ["running_stand_in"]
