"""A term's versions, made of the history that was kept of it and of its definition.

The history of terms goes next; that of passages stays for the texts that define no term, and for what
is left of terms that were deleted.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COLUMNS = (
    "name",
    "abbreviation",
    "formula",
    "formula_caption",
    "source",
    "source_url",
    "is_linked",
)
TERMS_AT_ONCE = 500
# Saving a term wrote a row for its definition and another for itself, moments apart.
ONE_SAVE = 2.0


def make_versions(apps: Any, schema_editor: Any) -> None:
    """A version for every change of what a term said, in the order of time."""
    term_model = apps.get_model("glossary", "Term")
    terms = term_model.objects.select_related("definition").order_by("pk").iterator()
    while chunk := list(islice(terms, TERMS_AT_ONCE)):
        events = _events(apps, chunk)
        present = _present(apps, chunk)
        rows = [
            row for term in chunk for row in _versions(apps, term, events[term.pk], present[term.pk])
        ]
        apps.get_model("glossary", "Version").objects.bulk_create(rows, batch_size=2_000)
    apps.get_model("glossary", "HistoricalPassage").objects.filter(
        id__in=term_model.objects.values("definition_id")
    ).delete()


def _events(apps: Any, terms: list[Any]) -> dict[int, list[tuple[Any, Any, dict[str, Any]]]]:
    """Of each term: when, who, and what it said from then on, the earliest first."""
    found: dict[int, list[tuple[Any, Any, dict[str, Any]]]] = {term.pk: [] for term in terms}
    history = apps.get_model("glossary", "HistoricalTerm").objects.filter(id__in=found)
    for row in history.order_by("history_date", "history_id").iterator():
        columns = {column: getattr(row, column) for column in COLUMNS}
        found[row.id].append((row.history_date, row.history_user_id, columns))
    defines = {term.definition_id: term.pk for term in terms}
    texts = apps.get_model("glossary", "HistoricalPassage").objects.filter(id__in=defines)
    for row in texts.order_by("history_date", "history_id").iterator():
        text = {"definition": row.source}
        found[defines[row.id]].append((row.history_date, row.history_user_id, text))
    for events in found.values():
        events.sort(key=lambda event: event[0])
    return found


def _present(apps: Any, terms: list[Any]) -> dict[int, dict[str, Any]]:
    """What each term says now. Of other names and see also nothing older is known."""
    keys = [term.pk for term in terms]
    glossaries = {term.pk: term.glossary_id for term in terms}
    aliases: dict[int, list[str]] = {key: [] for key in keys}
    see_also: dict[int, list[str]] = {key: [] for key in keys}
    for alias in apps.get_model("glossary", "Alias").objects.filter(term__in=keys):
        aliases[alias.term_id].append(alias.name)
    through = apps.get_model("glossary", "Term").see_also.through
    for row in through.objects.filter(from_term__in=keys).select_related("to_term"):
        if row.to_term.glossary_id == glossaries[row.from_term_id]:
            see_also[row.from_term_id].append(row.to_term.name)
    return {
        term.pk: {
            **{column: getattr(term, column) for column in COLUMNS},
            "definition": term.definition.source,
            "aliases": sorted(aliases[term.pk], key=lambda name: (name.casefold(), name)),
            "see_also": sorted(see_also[term.pk], key=lambda name: (name.casefold(), name)),
            "matches_case": False,
        }
        for term in terms
    }


def _versions(apps: Any, term: Any, events: list[Any], present: dict[str, Any]) -> Iterator[Any]:
    version_model = apps.get_model("glossary", "Version")
    said = _states(events, present)
    if not said or said[-1][2] != present:
        said.append((term.updated_at, None, present))
    for number, (at, by, content) in enumerate(said, start=1):
        yield version_model(
            term_id=term.pk,
            number=number,
            content=content,
            at=at,
            by_id=by,
            what="created" if number == 1 else "edited",
        )


def _states(events: list[Any], present: dict[str, Any]) -> list[tuple[Any, Any, dict[str, Any]]]:
    """Each thing that the term said in turn; rows of one save are one."""
    known: dict[str, Any] = {}
    states: list[tuple[Any, Any, dict[str, Any]]] = []
    for at, by, changed in events:
        known = {**known, **changed}
        if "name" not in known or "definition" not in known:
            continue
        content = {**present, **known}
        if states and _is_one_save(states[-1], (at, by)):
            states[-1] = (at, by, content)
        elif not states or states[-1][2] != content:
            states.append((at, by, content))
    return states


def _is_one_save(last: tuple[Any, Any, Any], event: tuple[Any, Any]) -> bool:
    return last[1] == event[1] and (event[0] - last[0]).total_seconds() < ONE_SAVE


class Migration(migrations.Migration):
    dependencies = [
        ("glossary", "0002_words_and_problems"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("created", "created"),
                            ("edited", "edited"),
                            ("imported", "imported"),
                            ("adopted", "another definition published"),
                            ("restored", "an earlier version restored"),
                            ("undone", "an import undone"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="versions",
                        to="glossary.importeddocument",
                    ),
                ),
                (
                    "term",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="glossary.term",
                    ),
                ),
            ],
            options={
                "ordering": ("-number",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("term", "number"), name="version_number_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="version_number_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "what__in",
                                ["created", "edited", "imported", "adopted", "restored", "undone"],
                            )
                        ),
                        name="version_what_known",
                    ),
                ],
            },
        ),
        migrations.RunPython(make_versions),
    ]
