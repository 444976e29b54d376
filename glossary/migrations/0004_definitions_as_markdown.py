from django.db import migrations

from glossary.content import TermContent
from glossary.rendering import markdown_from_text


def make_markdown(apps, schema_editor):
    """Documents' definitions were kept as plain text, and became Markdown when they were used."""
    documents = apps.get_model("glossary", "ImportedDocument")
    for document in documents.objects.exclude(content={}).iterator():
        for term in document.content["terms"]:
            if "aliases" in term:
                continue
            content = TermContent(
                name=term["name"],
                abbreviation=term["abbreviation"],
                definition=markdown_from_text(term["definition"]),
            )
            term.update(content.as_json())
            term["others"] = [markdown_from_text(text) for text in term["others"]]
        document.save(update_fields=["content"])
    alternatives = apps.get_model("glossary", "AlternativeDefinition")
    for alternative in alternatives.objects.iterator():
        text = markdown_from_text(alternative.text)
        if text != alternative.text:
            alternative.text = text
            alternative.save(update_fields=["text"])


class Migration(migrations.Migration):

    dependencies = [
        ("glossary", "0003_versions"),
    ]

    operations = [
        migrations.RunPython(make_markdown, migrations.RunPython.noop),
    ]
