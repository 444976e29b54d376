from django.db import migrations, models
from django.db.models import Q

from glossary.linking import link_headings
from glossary.rendering import sections_of


def find_sections(apps, schema_editor):
    """Texts that are there already get their sections, and headings that link to themselves."""
    passages = apps.get_model("glossary", "Passage").objects
    headed = Q()
    for level in range(2, 7):
        headed |= Q(linked_html__contains=f'<h{level} id="')
    for passage in passages.filter(headed).iterator(chunk_size=200):
        passages.filter(pk=passage.pk).update(
            sections=sections_of(passage.html), linked_html=link_headings(passage.linked_html)
        )


class Migration(migrations.Migration):

    dependencies = [
        ("glossary", "0018_room_for_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="passage",
            name="sections",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                editable=False,
            ),
        ),
        migrations.RunPython(find_sections, migrations.RunPython.noop),
    ]
