"""What happened is read in the admin, and not written there."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.http import HttpRequest


class ReadOnly:
    """What happened is not edited, and leads nowhere that the reader may not go."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With names in the place of links to what the reader may not see.

        The admin makes a link of every foreign key that is only shown, and asks for no permission.
        """
        whole = super().get_fieldsets(request, obj)  # type: ignore[misc]
        return [
            (name, {**options, "fields": [self._shown(one, request) for one in options["fields"]]})
            for name, options in whole
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those that are shown in the same way."""
        whole = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        return [self._shown(one, request) for one in whole]

    def _shown(self, name: Any, request: HttpRequest) -> Any:
        try:
            field = self.model._meta.get_field(name)  # type: ignore[attr-defined]
        except (FieldDoesNotExist, AttributeError, TypeError):
            return name  # a method, or several on one line
        related = getattr(field, "related_model", None)
        if related is None or request.user.has_perm(_view(related)):
            return name
        return _plain(field)


def _view(model: type[Model]) -> str:
    return f"{model._meta.app_label}.view_{model._meta.model_name}"


@cache  # the admin compares what it is given twice
def _plain(field: "Field[Any, Any]") -> Callable[[Model], str]:
    """What shows a foreign key as words."""

    def shown(row: Model) -> str:
        return str(getattr(row, field.name) or "–")

    shown.short_description = field.verbose_name  # type: ignore[attr-defined]
    return shown
