"""The words of the site can be found, translated and given back."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.utils import translation
from pytest_django import Settings

from config.local import messages
from courses.models import Intake
from tests.words.pseudo import pseudo

ROOT = Path(__file__).resolve().parents[2]

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
COURSES = "{% load i18n %}\n  <h1>{% translate 'Courses' %}</h1>{% include 'x' with a=_('Begin') %}"
LESSONS = """
    {% blocktranslate trimmed count n=n %}
      {{ n }} lesson
    {% plural %}
      {{ n }} lessons
    {% endblocktranslate %}
"""


def forms(words: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [words] if isinstance(words, str) else list(words or ())


def placeholders(words: str) -> set[str]:
    return set(PLACEHOLDER.findall(words))


def unlike(catalogue: Catalog) -> list[str]:
    """The messages of which a translation has other placeholders than the English."""
    return [
        meant
        for message in catalogue
        if message.id and not message.fuzzy
        for meant in forms(message.string)
        if meant and placeholders(meant) not in [placeholders(form) for form in forms(message.id)]
    ]


def test_the_words_of_a_template_and_of_a_module_are_found(tmp_path: Path) -> None:
    page, module = tmp_path / "page.html", tmp_path / "module.py"
    page.write_text(COURSES + LESSONS)
    module.write_text('NAME = gettext_lazy(\n    "A place"\n    " for you"\n)\n')
    assert [words for _, words, _, _ in messages.messages_in(page)] == [
        *("Courses", "Begin"),
        ("%(n)s lesson", "%(n)s lessons"),
    ]
    assert [words for _, words, _, _ in messages.messages_in(module)] == ["A place for you"]


def test_names_that_a_model_leaves_to_django_are_found_and_looked_up(
    made_language: Settings,
) -> None:
    found = {words for _, words, _, _ in messages.messages_in(ROOT / "courses/models/intake.py")}
    assert {"intake", "intakes", "month", "late joining until", "late joining"} <= found
    assert str(Intake._meta.verbose_name_plural) == pseudo("intakes")
    assert str(Intake._meta.get_field("month").verbose_name) == pseudo("month")
    assert str(Intake._meta.get_field("course").verbose_name) == pseudo("course")


def test_a_malformed_template_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("{% blocktranslate %}{% if a %}A{% endif %}{% endblocktranslate %}")
    with pytest.raises(SyntaxError, match=r"page\.html"):
        list(messages.messages_in(page))


def test_a_translation_stays_when_the_words_are_gathered_again(tmp_path: Path) -> None:
    messages.main(["cy"], folder=tmp_path)
    file = tmp_path / "cy" / "LC_MESSAGES" / "django.po"
    file.write_text(
        file.read_text().replace('msgid "Courses"\nmsgstr ""', 'msgid "Courses"\nmsgstr "Cyrsiau"')
    )
    messages.main([], folder=tmp_path)
    with file.with_suffix(".mo").open("rb") as compiled:
        assert read_mo(compiled)["Courses"].string == "Cyrsiau"


def test_a_language_that_nobody_speaks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="xx is no language"):
        messages.main(["xx"], folder=tmp_path)


def test_the_site_speaks_the_language_of_the_settings(made_language: Settings) -> None:
    assert translation.get_language() == "en-xa"
    assert translation.gettext("Courses") == pseudo("Courses") == "⟦Çööûûŕšééš⟧"


def test_what_a_translator_must_keep_stays_in_the_made_language() -> None:
    assert pseudo(" Read <b>%(title)s</b> ") == " ⟦Ŕééååð <b>%(title)s</b>⟧ "


def test_no_translation_loses_or_makes_up_a_placeholder() -> None:
    wrong = Catalog(locale="cy")
    wrong.add("%(n)s of %(all)s", "%(n)s o %(pob)s")
    wrong.add("Until %(day)s", "Hyd %(day)s")
    assert unlike(wrong) == ["%(n)s o %(pob)s"]
    for file in messages.LOCALES.glob("*/LC_MESSAGES/django.po"):
        assert unlike(messages.read(file)) == [], file


def test_every_catalogue_is_compiled_as_it_stands(tmp_path: Path) -> None:
    for file in messages.LOCALES.glob("*/LC_MESSAGES/django.po"):
        messages.compile_to(messages.read(file), tmp_path / "django.mo")
        compiled = file.with_suffix(".mo").read_bytes()
        assert (tmp_path / "django.mo").read_bytes() == compiled, f"run make messages: {file}"
