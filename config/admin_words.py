"""What the admin says of every record, in the site's words.

Days and times that are only shown read as everywhere else: Django writes them by a format of its
own, "7:29 a.m." without a zone, and no format can say what the site's filters do. A list is headed
by what is in it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from config.history_words import NOTHING, ChangesInWords
from courses.templatetags.dates import day, moment


class TellsTimes:
    """Mixed into each admin: in the place of a field of time, what says its value."""

    model: Any

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns of the list."""
        return [self._told(name) for name in super().get_list_display(request)]  # type: ignore[misc]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What a form only shows: every time, where nobody may change any."""
        names = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        if self._is_only_read(request, obj):
            fields = self.model._meta.concrete_fields
            times = (one for one in fields if one.editable and isinstance(one, DateField))
            names += [one.name for one in times if one.name not in names]
        return [self._told(name) for name in names]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """With the same in the places of those."""
        whole = super().get_fieldsets(request, obj)  # type: ignore[misc]
        told = self._times_told(request, obj)
        return [
            (name, {**options, "fields": [self._placed(one, told) for one in options["fields"]]})
            for name, options in whole
        ]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Never a field for what is only shown, though the form does not know it by its name."""
        excluded = super().get_exclude(request, obj)  # type: ignore[misc]
        told = self._times_told(request, obj)
        if excluded is None:
            excluded = getattr(getattr(self.form, "_meta", None), "exclude", None)  # type: ignore[attr-defined]
        return [*(excluded or ()), *told] if told else excluded

    def _is_only_read(self, request: HttpRequest, obj: Any) -> bool:
        # Rows inside a record are changed with it, or not.
        whole = getattr(self, "parent_model", self.model)
        record = self.admin_site._registry[whole]  # type: ignore[attr-defined]
        return obj is not None and not record.has_change_permission(request, obj)

    def _times_told(self, request: HttpRequest, obj: Any) -> set[str]:
        told = (getattr(one, "field_name", "") for one in self.get_readonly_fields(request, obj))
        return {name for name in told if name}

    def _placed(self, name: Any, told: set[str]) -> Any:
        if isinstance(name, list | tuple):  # several on one line
            return [self._placed(one, told) for one in name]
        return self._told(name) if name in told else name

    def _told(self, name: Any) -> Any:
        try:
            field = self.model._meta.get_field(name)
        except (FieldDoesNotExist, TypeError):
            return name  # a method
        return _telling(field) if isinstance(field, DateField) else name


class Whole:
    """Mixed into the admin of a whole record: its rows of other records tell their times, too."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Django's; "Enrolments" rather than "Select enrolment to change"."""
        title = capfirst(self.opts.verbose_name_plural)  # type: ignore[attr-defined]
        return super().changelist_view(request, {"title": title, **(extra_context or {})})  # type: ignore[misc]

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: Any
    ) -> ChangesInWords:
        """Of a record with a history: what writes its changes."""
        return ChangesInWords(self.model, historical_record)  # type: ignore[attr-defined]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[type]:
        """Django's, each in words."""
        return [in_words(one) for one in super().get_inlines(request, obj)]  # type: ignore[misc]


@cache
def in_words(inline: type) -> type:
    """The rows of another record, telling their times."""
    return type(inline.__name__, (TellsTimes, inline), {"__doc__": inline.__doc__})


def whole_in_words(model_admin: type) -> type:
    """The admin of a record, telling its times and those of the rows inside."""
    bases = (TellsTimes, Whole, model_admin)
    return type(model_admin.__name__, bases, {"__doc__": model_admin.__doc__})


@cache  # the admin compares what it is given twice
def _telling(field: "Field[Any, Any]") -> Callable[[Model], SafeString | str]:
    """What shows a field of time in words; sorted, headed and styled as the field itself."""
    written = moment if isinstance(field, DateTimeField) else day

    def told(row: Model) -> SafeString | str:
        if (value := getattr(row, field.attname)) is None:
            return NOTHING
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), written(value))

    told.__name__ = field.name
    told.field_name = field.name  # type: ignore[attr-defined]
    told.short_description = field.verbose_name  # type: ignore[attr-defined]
    told.admin_order_field = field.name  # type: ignore[attr-defined]
    return told
