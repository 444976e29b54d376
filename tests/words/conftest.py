"""The site in the made language, for a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from glossary.kept import KEPT
from tests.access.conftest import as_, site  # noqa: F401 - fixtures
from tests.words.pseudo import LANGUAGE, write_catalogue


@pytest.fixture(scope="session")
def made_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for LOCALE_PATHS."""
    return write_catalogue(tmp_path_factory.mktemp("locale"))


@pytest.fixture
def made_language(made_catalogue: Path, settings: Settings) -> Iterator[Settings]:
    """The site speaks the made language; pages kept in the process are English, and go."""
    settings.LOCALE_PATHS = [str(made_catalogue)]
    settings.LANGUAGES = [(LANGUAGE, LANGUAGE)]
    settings.LANGUAGE_CODE = LANGUAGE
    KEPT.clear()
    yield settings
    KEPT.clear()
