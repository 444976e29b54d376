"""Documents that were brought in become imports, which are looked through, decided on, undone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATES = [
    ("reading", "being read"),
    ("refused", "cannot be read"),
    ("ready", "waiting for decisions"),
    ("applying", "being applied"),
    ("applied", "applied"),
    ("undone", "undone"),
    ("dropped", "given up"),
]
TAKE_OVER = """
UPDATE glossary_import AS i
SET slug = g.slug,
    data = convert_to(i.text, 'UTF8'),
    created_at = i.applied_at,
    state = 'applied'
FROM glossary_glossary AS g
WHERE g.id = i.glossary_id
"""
GIVE_BACK = "UPDATE glossary_import SET text = convert_from(data, 'UTF8')"


class Migration(migrations.Migration):
    dependencies = [
        ("glossary", "0012_practice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("ImportedDocument", "Import"),
        migrations.RenameField("Import", "imported_at", "applied_at"),
        migrations.RenameField("Import", "imported_by", "created_by"),
        migrations.AlterField(
            "Import", "applied_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField("Import", "created_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "Import",
            "slug",
            models.SlugField("glossary's address", default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            "Import",
            "course_slug",
            models.SlugField("course's address", blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            "Import", "data", models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.AddField(
            "Import",
            "state",
            models.CharField(choices=STATES, default="reading", max_length=10),
        ),
        migrations.AddField("Import", "message", models.TextField(blank=True, default="")),
        migrations.AddField(
            "Import", "before", models.JSONField(default=dict, editable=False)
        ),
        migrations.AddField("Import", "undone_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "Import",
            "undone_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(TAKE_OVER, GIVE_BACK),
        migrations.RemoveField("Import", "text"),
        migrations.AlterField("Import", "created_at", models.DateTimeField()),
    ]
