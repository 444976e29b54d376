"""Every kind of mail: short subjects, a sentence for lists, and no word that was not looked up."""

import re
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from courses.models import Provider
from enrolment import consents
from tests.browser.letters import Letter
from tests.browser.mails import CODE, NOTE, every_letter
from tests.words.forgotten import content, forgotten

pytestmark = pytest.mark.django_db
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PREHEADER = re.compile(r'<div class="preheader"[^>]*>(.*?)</div>', re.DOTALL)


def preheader(letter: Letter) -> str:
    """The sentence that a list of mails shows behind the subject."""
    found = PREHEADER.search(letter.html)
    return found[1].strip() if found else ""


def given() -> set[str]:
    """What is no row's, or not whole: codes, first names, and what the law has people agree to."""
    agreed = {f"{one.version}): “{one.text}”" for one in consents.wordings().values()}
    form = consents.model_form(Provider.current()).splitlines()
    return {CODE, NOTE, "Firefox", "Linux", *agreed, *form} | {
        user.get_short_name() for user in User.objects.all()
    }


def test_every_kind_of_mail_is_among_them() -> None:
    files = TEMPLATES.glob("*/*mail/*_subject.txt")
    assert {letter.kind for letter in every_letter()} == {
        file.name.removesuffix("_subject.txt") for file in files
    }


def test_a_subject_is_short_and_the_sentence_behind_it_adds_to_it() -> None:
    letters = list(every_letter())
    wrong = [
        f"{letter}: {letter.subject} | {preheader(letter)}"
        for letter in letters
        if len(letter.subject) > 77
        or not preheader(letter).endswith((".", "?"))
        or preheader(letter) in letter.subject
    ]
    assert wrong == []
    assert {letter.text.count("Hello") for letter in letters} == {1}


def test_a_mail_says_no_word_that_was_not_looked_up(made_language: Settings) -> None:
    letters = list(every_letter())
    known = content() | given()
    found = {str(letter): words for letter in letters if (words := forgotten(letter.html, known))}
    assert found == {}
