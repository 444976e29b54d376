"""What the page of a course says of it at a glance, beside the next intake."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.contents import LessonRow
from courses.models import Intake
from courses.panels import Offered, PriceShown
from courses.templatetags.dates import day

# As many intakes stand side by side; what comes after them opens when it is asked for.
SIDE_BY_SIDE = 12
# Minutes; below this a course is said in minutes, above in hours.
AN_HOUR_OR_SO = 90


@dataclass(frozen=True)
class Glance:
    """What somebody gets: each fact a name and a value, none that the data does not hold."""

    lessons: Sequence[LessonRow]
    intakes: Sequence[Offered]

    @property
    def nearest(self) -> Offered | None:
        """The next intake that can be joined."""
        return next((offered for offered in self.intakes if offered.is_joinable), None)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Name and value of each: the lessons, the next intake's places, when it can be read."""
        nearest = self.nearest
        known = [(_("Lessons"), self.lessons_line), (_("Reading"), self.time_line)]
        if nearest:
            known += [
                (_("Places"), nearest.places_line),
                (_("Lessons open"), opening_line(nearest)),
                (_("Access"), access_line(nearest.intake)),
            ]
        return [(name, value) for name, value in known if value]

    @property
    def lessons_line(self) -> str:
        """``12, 2 of them free to read``; empty where there are none."""
        number = len(self.lessons)
        free = sum(row.is_free for row in self.lessons)
        if not free:
            return str(number or "")
        if free == number:
            words = ngettext("%(number)d, free to read", "%(number)d, all free to read", number)
            return words % {"number": number}
        words = ngettext(
            "%(number)d, %(free)d of them free to read",
            "%(number)d, %(free)d of them free to read",
            free,
        )
        return words % {"number": number, "free": free}

    @property
    def time_line(self) -> str:
        """``about 4 hours`` for all lessons together; empty where there are none."""
        minutes = sum(row.minutes for row in self.lessons)
        if minutes < AN_HOUR_OR_SO:
            words = ngettext("about %(number)d minute", "about %(number)d minutes", minutes)
            return words % {"number": minutes} if minutes else ""
        hours = round(minutes / 60)
        return ngettext("about %(number)d hour", "about %(number)d hours", hours) % {
            "number": hours
        }

    @property
    def first_intakes(self) -> Sequence[Offered]:
        """Those that stand side by side."""
        return self.intakes[:SIDE_BY_SIDE]

    @property
    def later_intakes(self) -> Sequence[Offered]:
        """Those that open when they are asked for."""
        return self.intakes[SIDE_BY_SIDE:]

    @property
    def vat(self) -> str:
        """How VAT applies, where it is the same for every price that is paid."""
        sold = [offered for offered in self.intakes if any(one.is_paid for one in offered.prices)]
        said = {offered.vat_of_all for offered in sold}
        return said.pop() if len(said) == 1 else ""


def opening_line(offered: Offered) -> str:
    """When its lessons open. Paid ones do within the 14 days only for who asks for it."""
    if offered.intake.lessons_open == Intake.LessonsOpen.AT_START:
        return _("when the intake starts")
    if offered.from_amount:
        return _("as soon as you are enrolled, if you ask for that")
    return _("as soon as you are enrolled")


def access_line(intake: Intake) -> str:
    """For how long its lessons can be read."""
    if intake.access_ends_on:
        return _("until %(day)s") % {"day": day(intake.access_ends_on)}
    return _("for as long as you like")


def sample_prices() -> list[PriceShown]:
    """Some for the style guide."""
    return [
        PriceShown("£75", "Early bird", "until 28 February 2026, for the first 10", is_off=False),
        PriceShown("£90", "Standard", "", is_off=False),
        PriceShown("£45", "Concession", "for the first 5, all gone", is_off=True),
    ]
