"""What changed between two versions of a record, in the site's words.

The package writes what Python writes: ``False``, ``None``, ``2026-05-03 13:30:00+00:00``, and of
a link that led nowhere "Deleted passage (pk=None)".
"""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from simple_history.models import DeletedObject, ModelChange
from simple_history.template_utils import HistoricalRecordContextHelper

from courses.templatetags.dates import day, moment

NOTHING = "–"


class ChangesInWords(HistoricalRecordContextHelper):
    """The package's, with every value as its reader would say it."""

    def prepare_delta_change_value(self, change: ModelChange, value: Any) -> Any:
        """One side of a change."""
        prepared = super().prepare_delta_change_value(change, value)
        if isinstance(prepared, list):
            return [in_words(one) for one in prepared]
        labels = dict(self.model._meta.get_field(change.field).flatchoices)
        known = isinstance(prepared, str | int) and labels.get(prepared)
        return known or in_words(prepared)


def in_words(value: Any) -> Any:
    """A value of a field; text and numbers as they are."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, DeletedObject):
        return NOTHING if value.pk is None else _("one that was deleted since")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value
