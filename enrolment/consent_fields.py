"""The boxes of the two consents, as parts of a form. Both are optional."""

from collections.abc import Iterable

from django import forms

from enrolment import consents
from enrolment.models import Consent


class AsksConsents(forms.Form):
    """A form that may ask for consents; which, it says by ``ask``."""

    def ask(self, kinds: Iterable[str]) -> None:
        """Add a box for each of these kinds."""
        for kind in kinds:
            self.fields[kind] = forms.BooleanField(
                required=False, label=consents.wordings()[kind].text
            )

    @property
    def consents(self) -> list[forms.BoundField]:
        """The boxes, where there are any."""
        return [self[kind] for kind in Consent.Kind.values if kind in self.fields]

    @property
    def ticked(self) -> list[str]:
        """The kinds whose boxes are ticked."""
        return [kind for kind in Consent.Kind.values if self.cleaned_data.get(kind)]


class ConsentForm(AsksConsents):
    """Nothing but the boxes, for a place whose student was not asked yet."""

    def __init__(self, data: object = None, *, kinds: Iterable[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.ask(kinds)
