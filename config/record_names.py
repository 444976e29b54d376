"""What records and their fields are called where their model does not say: as the code names them.

Django makes such a name out of the class or the attribute (``places_left`` is “places left”) and
looks it up nowhere. Naming each in its model would write a migration for every one of them.
"""

import re

from django.apps import apps
from django.utils.translation import gettext_lazy

OURS = {"accounts", "courses", "enrolment", "glossary"}


def look_up_names() -> None:
    """Have every name that Django made up looked up; ``make messages`` gathers the same."""
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.auto_created:  # made by Django between two records, and named after both
            meta.verbose_name = gettext_lazy("link between two records")
            meta.verbose_name_plural = gettext_lazy("links between records")
            continue
        if meta.app_label not in OURS:
            continue
        if "verbose_name" not in meta.original_attrs:
            name = str(meta.verbose_name)
            meta.verbose_name = gettext_lazy(name)
            if "verbose_name_plural" not in meta.original_attrs:
                several = plural(name)
                meta.verbose_name_plural = gettext_lazy(several)
        for field in [*meta.local_fields, *meta.local_many_to_many]:
            if field._verbose_name is None:  # type: ignore[attr-defined] # what the model says
                made_up = str(field.verbose_name)
                field.verbose_name = gettext_lazy(made_up)


def plural(name: str) -> str:
    """Several of it: memories, enrolments."""
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"
