"""In the made language, no page says a word that was not looked up."""

import pytest
from pytest_django import Settings

from tests.access.conftest import As
from tests.access.test_every_page import MATRIX
from tests.words.forgotten import content, forgotten

# What is meant for developers.
UNTRANSLATED = {"style_guide"}


@pytest.mark.parametrize(
    "person",
    [
        "outsider",
        pytest.param("learner", marks=pytest.mark.proof),
        pytest.param("superuser", marks=pytest.mark.proof),
    ],
)
def test_every_page_says_what_was_looked_up(as_: As, made_language: Settings, person: str) -> None:
    known = content()
    browser = as_(person)
    found, visited = {}, 0
    for name, address, _ in MATRIX:
        response = browser.get(address)
        if name in UNTRANSLATED or "text/html" not in response.get("Content-Type", ""):
            continue
        page = response.content.decode()
        visited += "⟦" in page
        if words := forgotten(page, known):
            found[address] = words
    assert found == {}
    assert visited > 40
