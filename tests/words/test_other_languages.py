"""Another language changes what people read, and nothing that machines read."""

from datetime import date
from html.parser import HTMLParser

from pytest_django import Settings

from courses.admin.intake import LayOutForm
from courses.templatetags.dates import clock, day
from courses.templatetags.money import money
from glossary.kept import KEPT
from tests.access.conftest import ENROLMENT, RECEIPT, As
from tests.courses.making import APRIL
from tests.words.forgotten import SPOKEN

DEEP = "/courses/deep-learning/"
FILES = [
    "/glossary/deep-learning.json",
    "/glossary/deep-learning.csv",
    f"/account/enrolments/{ENROLMENT}/intake.ics",
]
PAGES = [
    *("/", "/courses/", DEEP, f"{DEEP}lessons/introduction/", "/glossary/deep-learning/neuron/"),
    *("/maps/deep-learning/", "/practice/knowledge/", "/account/enrolments/"),
    f"{DEEP}intakes/2126-05/enrol/",
    f"/account/documents/{RECEIPT}/",
]


class Attributes(HTMLParser):
    """Collects a page's attributes but those that people read or that change at every visit."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("name") == "csrfmiddlewaretoken":
            return
        self.found += [(tag, *pair) for pair in attrs if pair[0] not in {*SPOKEN, "lang"}]


def attributes(html: str) -> list[tuple[str, str, str | None]]:
    reader = Attributes()
    reader.feed(html)
    return reader.found


def speak(settings: Settings, language: str) -> None:
    settings.LANGUAGES = [(language, language)]
    settings.LANGUAGE_CODE = language
    KEPT.clear()


def test_machines_read_the_same_in_every_language(as_: As, settings: Settings) -> None:
    learner = as_("learner")
    files = [learner.get(address).content for address in FILES]
    pages = [attributes(learner.get(address).content.decode()) for address in PAGES]
    speak(settings, "de")
    assert [learner.get(address).content for address in FILES] == files
    for address, before in zip(PAGES, pages, strict=True):
        page = learner.get(address)
        assert page.status_code == 200
        assert '<html lang="de"' in page.content.decode()
        assert attributes(page.content.decode()) == before, address


def test_days_are_named_in_the_language_and_money_stays_in_pounds(settings: Settings) -> None:
    assert (day(APRIL), clock(APRIL), money(123450)) == ("15 April 2026", "midday BST", "£1,234.50")
    speak(settings, "cy")
    assert (day(APRIL), money(123450)) == ("15 Ebrill 2026", "£1,234.50")


def test_a_day_that_a_browser_sends_is_read_in_every_language(settings: Settings) -> None:
    speak(settings, "de")
    form = LayOutForm({"first_month": "2026-05-03", "count": "2"})
    assert form.is_valid()
    assert form.cleaned_data["first_month"] == date(2026, 5, 3)
    assert 'value="2026-05-03"' in str(form["first_month"])
