"""What the pages of an import take and show."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Course
from glossary.comparing import FieldChange, changes
from glossary.content import TermContent
from glossary.diffing import Piece, pieces
from glossary.importing.choosing import choices
from glossary.importing.entries import plan_of
from glossary.models import Glossary, Import, ImportEntry
from glossary.parsing import MAX_BYTES

Choice = ImportEntry.Choice
Kind = ImportEntry.Kind

CHANGES = (
    (ImportEntry.Change.ADDED, gettext_lazy("Added")),
    (ImportEntry.Change.CHANGED, gettext_lazy("Changed")),
    (ImportEntry.Change.CONFLICT, gettext_lazy("Not what the site says")),
    (ImportEntry.Change.KEPT, gettext_lazy("Kept as staff have it")),
    (ImportEntry.Change.SAME, gettext_lazy("The same")),
    (ImportEntry.Change.GONE, gettext_lazy("Not in the document")),
    (ImportEntry.Change.DELETED, gettext_lazy("Deleted by staff")),
)
LABELS = dict(CHANGES)
_CHOICE = re.compile(r"choice-[0-9]{1,18}")


class ImportForm(forms.Form):
    """A document, as a file or as text, and where it belongs."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("Plain text, Markdown, CSV, an Excel workbook (XLSX) or JSON."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or pasted text"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 12, "cols": 90}),
        help_text=gettext_lazy(
            "A term a line, as “Term: what it means”. Most other ways are understood too."
        ),
    )
    glossary = forms.ModelChoiceField(
        label=gettext_lazy("Glossary"),
        queryset=Glossary.objects.order_by("title"),
        required=False,
        empty_label=gettext_lazy("A new one, by the document’s title"),
    )
    address = forms.SlugField(
        label=gettext_lazy("Address of a new glossary"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Left empty, it is made from the document’s title."),
    )
    course = forms.ModelChoiceField(
        label=gettext_lazy("Course"),
        queryset=Course.objects.order_by("title"),
        required=False,
        empty_label=gettext_lazy("The one that uses the glossary"),
        help_text=gettext_lazy(
            "Needed only where the document names an intake and several courses use the glossary."
        ),
    )

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and file.size and file.size > MAX_BYTES:
            most = MAX_BYTES // 1_000_000
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Divide it.") % {"most": most}
            )
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file, text = given.get("file"), given.get("text", "")
        if "file" not in self.errors and bool(file) == bool(text.strip()):
            told = (
                _("Send a file or paste text, not both.")
                if file
                else _("Send a file or paste text.")
            )
            raise forms.ValidationError(told)
        if file:
            given |= {"name": file.name or "document", "data": file.read()}
        else:
            given |= {"name": _("Pasted text"), "data": text.encode()}
        glossary = given.get("glossary")
        given["slug"] = glossary.slug if glossary else given.get("address", "")
        return given


@dataclass(frozen=True)
class Row:
    """An entry as the page shows it."""

    entry: ImportEntry
    label: str
    # What a term would say, field by field, beside what it says.
    changes: list[FieldChange]
    # The same of a text.
    pieces: list[Piece]
    # Definitions besides, and what may be decided about it all, with what is chosen.
    others: list[str]
    choices: list[tuple[str, str]]


def row_of(entry: ImportEntry) -> Row:
    """What there is to see of an entry."""
    is_term = entry.kind == Kind.TERM
    offered = choices(plan_of(entry)) if is_term else {}
    return Row(
        entry=entry,
        label=str(LABELS[ImportEntry.Change(entry.change)]),
        changes=_changes(entry) if is_term else [],
        pieces=[] if is_term else _pieces(entry),
        others=entry.others,
        choices=list(offered.items()),
    )


def wanted_of(record: Import, posted: Mapping[str, str]) -> dict[int, str]:
    """The decisions in what was posted: one by one, or one for all that wait.

    Only what the import has an entry for; a decision for all is made where it is offered.
    """
    waiting = record.entries.undecided()
    if every := posted.get("every", ""):
        return {entry.pk: every for entry in waiting if every in choices(plan_of(entry))}
    sent = {name: text for name, text in posted.items() if _CHOICE.fullmatch(name)}
    return {int(name.removeprefix("choice-")): text for name, text in sent.items()}


def _changes(entry: ImportEntry) -> list[FieldChange]:
    plan = plan_of(entry)
    if plan.taken is None:
        return []
    # A new term is shown whole, so that what is added is seen field by field.
    before = plan.before or replace(TermContent(""), name=plan.taken.name)
    return changes(before, plan.taken)


def _pieces(entry: ImportEntry) -> list[Piece]:
    before, after = (entry.before or {}).get("text", ""), (entry.taken or {}).get("text", "")
    return pieces(before, after)
