"""How often a glossary was changed, for visitors' copies; and sources that lead to pages alone."""

from typing import Any

import django.utils.timezone
from django.db import migrations, models


def clear_other_addresses(apps: Any, schema_editor: Any) -> None:
    """No form ever took such an address; what came otherwise leads nowhere from now on."""
    sound = models.Q(source_url="") | models.Q(source_url__iregex="^(http|ftp)s?://")
    apps.get_model("glossary", "Term").objects.exclude(sound).update(source_url="")


class Migration(migrations.Migration):
    dependencies = [("glossary", "0006_former_addresses")]

    operations = [
        migrations.RunPython(clear_other_addresses, migrations.RunPython.noop),
        migrations.AddField(
            model_name="glossary",
            name="revision",
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="glossary",
            name="changed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source_url", ""),
                    ("source_url__iregex", "^(http|ftp)s?://"),
                    _connector="OR",
                ),
                name="term_source_url_leads_to_a_page",
                violation_error_message="The source's address does not begin with https://.",
            ),
        ),
    ]
