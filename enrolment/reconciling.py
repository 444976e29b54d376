"""Finding what never came, and putting right what disagrees, as far as that is safe.

Runs every minute and every hour as a job, as ``manage.py reconcile``, and from the page in the
admin; all of them check with ``enrolment.checking`` and repair with ``enrolment.repairing``. Each
repair stands alone: when Stripe is away, what could not be done is done the next time.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from accounts.models import User
from enrolment import checking, payments, repairing
from enrolment.at_stripe import AtStripe, look, short, unanswered
from enrolment.checking import Disagreement

logger = logging.getLogger(__name__)

# How far back Stripe's own lists are read: every minute, as long as a place is held and a little
# more; every hour, far enough to make up for a day on which nothing of ours ran.
SHORTLY = timedelta(minutes=settings.PLACE_HOLD_MINUTES + 30)
LONG = timedelta(hours=48)
# One repair may uncover the next: money that is noticed can be refunded or disputed already.
ROUNDS = 3


@dataclass
class Report:
    """What a run found: repaired, and left for staff or another time.

    ``problems`` say what Stripe did not answer, and which repairs failed.
    """

    repaired: list[Disagreement] = field(default_factory=list)
    left: list[Disagreement] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to see to."""
        return not self.left and not self.problems


def find(*, at: datetime, look_back: timedelta = LONG) -> Report:
    """What disagrees, with nothing repaired.

    Stripe's lists are read from ``look_back`` before ``at``; from ``LONG`` on, everything is
    looked at, and before that only what cannot wait.
    """
    seen, found = _check(at=at, look_back=look_back)
    return Report(left=found, problems=seen.problems)


def reconcile(*, at: datetime, look_back: timedelta = LONG, by: User | None = None) -> Report:
    """Repair all that is safe to repair; ``by`` is who asked for it, if anybody did."""
    report, tried = Report(), set[tuple[str | None, str]]()
    for _ in range(ROUNDS if look_back >= LONG else 1):
        seen, found = _check(at=at, look_back=look_back)
        report.problems.extend(one for one in seen.problems if one not in report.problems)
        todo = [one for one in found if is_safe(one) and (one.repair, one.key) not in tried]
        tried.update((one.repair, one.key) for one in todo)
        done = _repair_all(todo, report, seen, by=by)
        report.repaired.extend(done)
        report.left = [one for one in found if one not in done]
        if not done:
            break
    return report


def _check(*, at: datetime, look_back: timedelta) -> tuple[AtStripe, list[Disagreement]]:
    is_thorough = look_back >= LONG
    seen = look(at=at, look_back=look_back, is_thorough=is_thorough)
    return seen, checking.check_with(seen, is_thorough=is_thorough)


def is_safe(one: Disagreement) -> bool:
    """Whether it is repaired without anybody asking."""
    return one.repair is not None and repairing.REPAIRS[one.repair].is_safe


def _repair_all(
    todo: Iterable[Disagreement], report: Report, seen: AtStripe, *, by: User | None
) -> list[Disagreement]:
    """Repair each; what is done. Once Stripe turns out to be away, what needs it waits."""
    done, is_away = [], seen.is_away
    for one in todo:
        name = one.repair or ""
        if is_away and repairing.REPAIRS[name].asks_stripe:
            continue
        try:
            repairing.repair(name, one.key, at=seen.at, by=by)
            done.append(one)
        except payments.OutcomeUnknown as error:
            report.problems.append(unanswered(error))
            is_away = True
        except payments.PaymentsError as error:
            report.problems.append(f"{one} {short(error)}")
        except ObjectDoesNotExist:
            done.append(one)  # it is not there any more
        except Exception as error:
            # One row that nobody foresaw must not keep the money of all others waiting.
            logger.exception("Repairing failed: %s", one)
            report.problems.append(f"{one} {error!r}")
    return done
