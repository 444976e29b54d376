"""Markdown files with their facts in front: TOML between two lines of ``+++``."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Document:
    """A file as it was read."""

    facts: dict[str, Any]
    text: str


def read_document(path: Path) -> Document:
    """The file's facts and text.

    Raises ValueError, naming the file, where it does not begin with facts.
    """
    before, found, rest = path.read_text("utf-8").removeprefix("\ufeff").partition("+++\n")
    front, closed, text = rest.partition("\n+++\n")
    if before.strip() or not found or not closed:
        raise ValueError(f"{path.name} does not begin with facts between two lines of +++.")
    try:
        return Document(tomllib.loads(front), text.strip() + "\n")
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from error
