"""Former addresses, with those that the history knows; then the history of terms goes."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    """Write down every address that a glossary or a term which is still there has had."""
    glossary_model = apps.get_model("glossary", "Glossary")
    present = dict(glossary_model.objects.values_list("pk", "slug"))
    slugs: dict[int, set[str]] = {key: {slug} for key, slug in present.items()}
    left: dict[tuple[str, int], Any] = {}
    history = apps.get_model("glossary", "HistoricalGlossary").objects.order_by(
        "history_date", "history_id"
    )
    for key, slug, at in history.values_list("id", "slug", "history_date"):
        slugs.setdefault(key, set()).add(slug)
        if key in present and present[key] != slug:
            left[slug, key] = at
    former = apps.get_model("glossary", "FormerGlossaryAddress")
    former.objects.bulk_create(
        former(slug=slug, glossary_id=key, left_at=at) for (slug, key), at in left.items()
    )
    _fill_terms(apps, present, slugs)


def _fill_terms(apps: Any, present: dict[int, str], slugs: dict[int, set[str]]) -> None:
    terms = list(
        apps.get_model("glossary", "Term").objects.values_list("pk", "glossary_id", "slug")
    )
    now = {key: (present[glossary], slug) for key, glossary, slug in terms}
    # Under a former name of the glossary, too, an address is that of the term which has it now.
    taken = {(each, slug) for _, glossary, slug in terms for each in slugs[glossary]}
    found: dict[tuple[str, str], int] = {}
    history = apps.get_model("glossary", "HistoricalTerm").objects.order_by(
        "history_date", "history_id"
    )
    for key, glossary, slug in history.values_list("id", "glossary_id", "slug").iterator():
        if key in now and (present.get(glossary), slug) != now[key]:
            found |= {(each, slug): key for each in slugs.get(glossary, ())}
    former = apps.get_model("glossary", "FormerTermAddress")
    former.objects.bulk_create(
        former(glossary_slug=glossary, slug=slug, term_id=key)
        for (glossary, slug), key in found.items()
        if (glossary, slug) not in taken
    )


class Migration(migrations.Migration):
    dependencies = [("glossary", "0005_several_glossaries")]

    operations = [
        migrations.CreateModel(
            name="FormerGlossaryAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=200)),
                ("left_at", models.DateTimeField()),
                (
                    "glossary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="glossary.glossary",
                    ),
                ),
            ],
            options={
                "ordering": ("-left_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slug", "glossary"), name="former_glossary_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerTermAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("glossary_slug", models.SlugField(max_length=200)),
                ("slug", models.SlugField(max_length=200)),
                (
                    "term",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="glossary.term",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("glossary_slug", "slug"), name="former_term_unique"
                    )
                ],
            },
        ),
        migrations.RunPython(fill),
        migrations.DeleteModel(name="HistoricalTerm"),
    ]
