"""What forms for terms and for drafts share."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from glossary.wording import name_key

MAX_NAME = 200


class NameLines(forms.CharField):
    """Several names, one a line: cleaned, a list of those that say anything."""

    def __init__(self, *, label: Any, help_text: Any) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            max_length=5_000,
            widget=forms.Textarea({"rows": 3, "cols": 60}),
        )

    def clean(self, value: str | None) -> list[str]:
        """Raises ValidationError for a name that is too long."""
        names = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        for name in names:
            if len(name) > MAX_NAME:
                told = _("“%(words)s…” is longer than %(most)s characters.") % {
                    "words": name[:40],
                    "most": MAX_NAME,
                }
                raise forms.ValidationError(told)
        return [name for name in names if name_key(name)]


def alias_lines() -> NameLines:
    """The field for a term's other names."""
    return NameLines(
        label=gettext_lazy("Also known as"),
        help_text=gettext_lazy(
            "One name a line. Each is linked in texts like the term's own name."
        ),
    )
