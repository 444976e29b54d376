"""Permissions for what is more than reading a row, and a group for each role of staff."""

from typing import Any

from django.db import migrations

from enrolment import roles


def make_roles(apps: Any, schema_editor: Any) -> None:
    """Harmless twice; on an empty database and on one in use."""
    roles.make(apps)


class Migration(migrations.Migration):

    dependencies = [
        ('enrolment', '0003_waiting_ends_and_alerts'),
        ('accounts', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('courses', '0004_selling_and_leaving'),
        ('glossary', '0002_words_and_problems'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='enrolment',
            options={'ordering': ('-created_at',), 'permissions': (('read_roster', 'Can read and export the roster of an intake'), ('enrol_by_hand', 'Can enrol someone by hand'), ('cancel_enrolment', 'Can cancel an enrolment'))},
        ),
        migrations.AlterModelOptions(
            name='payment',
            options={'ordering': ('-created_at',), 'permissions': (('refund_payment', 'Can refund a payment'), ('reconcile', 'Can hold records and Stripe against each other'))},
        ),
        # What a group was given stays when this is undone: people are in it.
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
