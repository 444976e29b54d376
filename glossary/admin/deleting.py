"""Deleting what takes along things that cannot be deleted by themselves."""

from typing import Any

from django.http import HttpRequest

from glossary.models import AlternativeDefinition, DeletedTerm, Draft, Import

GOING_ALONG = (AlternativeDefinition, DeletedTerm, Draft, Import)


class OnItsWayOut:
    """Mixed into an admin whose objects may be deleted with what hangs on them.

    Alternatives, drafts, deleted terms and imported documents cannot be deleted by themselves, but
    go with their term or glossary.
    """

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set, list]:
        shown, counts, forbidden, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        along = {model._meta.verbose_name for model in GOING_ALONG}
        return shown, counts, set(forbidden) - along, protected
