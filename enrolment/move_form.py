"""The form between a learner and another intake of the course."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrolment import consents
from enrolment.consent_fields import AsksConsents
from enrolment.destinations import Option
from enrolment.models import Consent, Enrolment


class MoveForm(AsksConsents):
    """Which intake, with the difference that the page showed for it, in pence; and consents.

    They are asked for once, where they make a difference in any of the intakes (``openings``),
    and count for those alone. Whoever has given one already is asked for the other.
    """

    to = forms.TypedChoiceField(
        label=_("Where to?"),
        choices=(),
        coerce=lambda value: int(value.partition(":")[0]),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an intake."),
            "invalid_choice": _("This intake, or its price, has changed. Choose again."),
        },
    )

    def __init__(
        self,
        *args: Any,
        enrolment: Enrolment,
        options: list[Option],
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.enrolment, self.at = enrolment, at
        self.options = {option.intake.pk: option for option in options}
        choices = [(self.value_of(option), option.intake.label) for option in options]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]
        if self.openings:
            is_new = enrolment.amount == 0
            self.ask(Consent.Kind.values if is_new else consents.missing(enrolment))

    @staticmethod
    def value_of(option: Option) -> str:
        """An intake with the difference that is shown for it."""
        return f"{option.intake.pk}:{option.difference}"

    @property
    def rows(self) -> list[tuple[str, Option]]:
        """Each choice with its value."""
        return [(self.value_of(option), option) for option in self.options.values()]

    @cached_property
    def openings(self) -> list[tuple[Option, consents.Opening]]:
        """The choices for which consents make a difference, with when lessons open there."""
        asked = (
            (one, consents.opening_after_move(self.enrolment, one.intake, one.amount, at=self.at))
            for one in self.options.values()
        )
        return [(option, opening) for option, opening in asked if opening]

    @property
    def chosen(self) -> Option:
        """What was chosen."""
        return self.options[self.cleaned_data["to"]]

    @property
    def agreed(self) -> list[str]:
        """The kinds of consent given, where they make a difference in the intake chosen."""
        asked_of = {option.intake.pk for option, _ in self.openings}
        return self.ticked if self.chosen.intake.pk in asked_of else []
