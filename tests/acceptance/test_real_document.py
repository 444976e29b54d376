"""The real document: what the command must say of it, and what it must make of it.

Its sentences are not in the repository; the file is found through ``TERMTIME_INPUT``.
"""

import io
import os
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from courses.models import Course, Intake
from glossary.models import AlternativeDefinition, Glossary, Import, Term
from glossary.parsing import read_document
from tests.courses.making import a_course, a_provider, an_intake
from tests.glossary.writing import a_glossary, a_term

pytestmark = [pytest.mark.input, pytest.mark.django_db]


@pytest.fixture
def path() -> Path:
    return Path(os.environ["TERMTIME_INPUT"]) / "000_6de2deaea210cb9c.txt"


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_glossary", *map(str, arguments), stdout=out)
    return " ".join(out.getvalue().split())


def test_the_report_says_what_is_in_the_document(path: Path) -> None:
    printed = run(path, "--dry-run")
    for line in (
        "Entries 64",
        "Terms 41",
        "Abbreviations 6 (ANN, CNN, RNN, LSTM, GAN, DQN)",
        "Cut-off excerpts 1, recognised as the page's summary",
        "Repeated word for word 21 terms, merged",
        "Conflicts 1 (Reinforcement Learning)",
        "Takeaways 7, in order",
        "Intake May 2026, open enrolment, from £90",
        "nothing was changed",
    ):
        assert line in printed
    assert not Glossary.objects.exists()


def test_every_entry_is_a_term_a_repeat_an_excerpt_or_a_conflict(path: Path) -> None:
    counts = read_document(path.read_bytes()).counts
    assert (counts.entries, counts.repeats, counts.excerpts, counts.conflicting) == (64, 21, 1, 1)


def test_the_document_becomes_published_pages(path: Path, client: Client) -> None:
    a_provider()
    run(path)
    glossary = Glossary.objects.get(slug="deep-learning")
    assert Term.objects.public().count() == 41
    assert glossary.takeaways.count() == 7
    intake = Intake.objects.get()
    assert (intake.month, intake.starts_on, intake.capacity) == (date(2026, 5, 1), None, None)
    assert intake.prices.get().amount == 9000
    page = client.get("/glossary/deep-learning/").content.decode()
    for term in Term.objects.all():
        assert f'href="/glossary/deep-learning/{term.slug}/"' in page
        assert client.get(f"/glossary/deep-learning/{term.slug}/").status_code == 200


def test_the_second_definition_waits_for_staff(path: Path) -> None:
    run(path)
    alternative = AlternativeDefinition.objects.get()
    assert alternative.term.name == "Reinforcement Learning"
    assert alternative.text != alternative.term.definition.source
    assert alternative.decision == "waiting"


def test_a_second_import_changes_nothing_and_says_so(path: Path) -> None:
    run(path)
    before = list(Term.objects.order_by("pk").values_list("pk", "updated_at"))
    assert "Nothing to do" in run(path)
    assert list(Term.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert Import.objects.count() == 1


def test_on_15_april_2026_the_panel_reads_as_the_document_does(path: Path, client: Client) -> None:
    run(path)
    client.force_login(User.objects.create_superuser("sam@example.org", "x"))
    page = client.get("/glossary/deep-learning/?at=2026-04-15T12:00").content.decode()
    for words in ("May 2026 intake · open enrolment", "from £90 GBP", ">Enrol</a>"):
        assert words in page


def test_a_glossary_of_our_own_with_these_names_keeps_every_word(path: Path) -> None:
    glossary = a_glossary("Deep learning", slug="deep-learning")
    document = read_document(path.read_bytes())
    for found in document.terms:
        a_term(glossary, found.name.capitalize(), "Our own words.")
    course = a_course("deep-learning", glossaries=[glossary])
    an_intake(course, "2026-05")
    run(path, "--yes")
    assert Term.objects.count() == 41
    assert {term.definition.source for term in Term.objects.all()} == {"Our own words."}
    # One for each term, and both of those that the document gives Reinforcement Learning.
    assert AlternativeDefinition.objects.values("term").distinct().count() == 41
    assert AlternativeDefinition.objects.count() == 42
    assert Course.objects.count() == Intake.objects.count() == 1
