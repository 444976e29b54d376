"""Room on each page of the table of texts for the same rows with other links.

PostgreSQL puts a changed row beside the old one where there is room, and then has nothing to do
in the indexes (a heap-only tuple). Without room each new link in a lesson had all its trigrams
written again, twenty times the work. Rows that are there get theirs as they change.
"""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0017_search_by_statement'),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE glossary_passage SET (fillfactor = 45)",
            "ALTER TABLE glossary_passage RESET (fillfactor)",
        ),
    ]
