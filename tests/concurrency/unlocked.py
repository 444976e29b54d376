"""The site with the locks on its rows taken away, to show what they are there for."""

from typing import Any

from django.db.models import QuerySet

from config.wsgi import application

__all__ = ["application"]


def select_for_update(self: QuerySet[Any], **options: Any) -> QuerySet[Any]:
    """The rows, and no lock on them."""
    return self.all()


QuerySet.select_for_update = select_for_update  # type: ignore[assignment,method-assign]
