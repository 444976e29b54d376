"""The admin of whatever keeps a history, made safe against keys and lookups that are none.

Typed or tampered with, a key that cannot be one is not found; Django's admin and the history's
own views would fail on some of them.
"""

import logging
from typing import Any

from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import DataError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

logger = logging.getLogger(__name__)


def is_key(model: type[models.Model], text: object) -> bool:
    """Whether ``text`` could be a key of ``model``."""
    try:
        model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True


class KeysOnly:
    """Mixed into a select: what was sent and cannot be a key is not looked up to be shown."""

    choices: Any

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        model = self.choices.queryset.model
        keys = [key for key in value if key == "" or is_key(model, key)]
        return super().optgroups(name, keys, attr)  # type: ignore[misc]


class KeySelect(KeysOnly, AutocompleteSelect):
    """One row, looked up while typing."""


class KeySelectMultiple(KeysOnly, AutocompleteSelectMultiple):
    """Several rows, looked up while typing.

    Each is taken away by itself: what takes away all of them would stand in the list as no item.
    """

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}


class PoliteLists:
    """Mixed into an admin: a lookup in the address that no row can answer shows the whole list.

    Django does so for the lookups that it finds wrong by itself; a year beyond the calendar, say,
    is only refused further down.
    """

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)  # type: ignore[misc]
        except (ValueError, OverflowError, DataError):
            if request.method != "GET" or ERROR_FLAG in request.GET:
                raise
            logger.warning("A list's lookup could not be answered.", exc_info=True)
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")


class PoliteForms:
    """Mixed into an admin: a key in a form that cannot be one is told as any that is unknown."""

    admin_site: Any
    get_autocomplete_fields: Any

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest | None, **kwargs: Any
    ) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", KeySelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None, **kwargs: Any
    ) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", KeySelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class HistoryAdmin(PoliteForms, PoliteLists, SimpleHistoryAdmin):
    """The admin of a model that keeps a history."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """404 for a key that is none."""
        if not is_key(self.model, unquote(object_id)):
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def history_view_title(self, request: HttpRequest, obj: Any) -> str:
        """The same, whether the reader may go back to what was there or not."""
        return _("History: %(record)s") % {"record": obj}

    def history_form_view_title(self, request: HttpRequest, obj: Any) -> str:
        """What was there at one time."""
        return _("As it was: %(record)s") % {"record": obj}

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """404 for a key, or a number of a version, that is none."""
        number = version_id.isascii() and version_id.isdecimal() and len(version_id) < 19
        if not number or not is_key(self.model, unquote(object_id)):
            raise Http404
        return super().history_form_view(request, object_id, version_id, extra_context)
