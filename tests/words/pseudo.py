"""A made language, in which every message of the catalogue is there and none is English.

Its letters carry accents, its words are longer by two fifths, and each message stands in brackets:
what a page shows without an accent was never looked up, what stands in two brackets was put
together from pieces, and what does not fit would not fit in another language either.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from config.local.messages import compile_to, extracted

LANGUAGE = "en-xa"
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ACCENTED = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"
TO_ACCENTED = str.maketrans(PLAIN, ACCENTED)
VOWELS = re.compile(r"[aeiouyAEIOUY]")
# What a translation must keep as it is: placeholders, tags, entities.
KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^<>]+>|&\w+;)")
PACKAGES = (Path(django.__file__).parent, Path(allauth.__file__).parent)


def pseudo(message: str) -> str:
    """The message in the made language; white space at its ends stays outside the brackets."""
    inner = message.strip()
    if not inner:
        return message
    start, _, end = message.partition(inner)
    pieces = [
        piece if place % 2 else _longer(piece).translate(TO_ACCENTED)
        for place, piece in enumerate(KEPT.split(inner))
    ]
    return f"{start}⟦{''.join(pieces)}⟧{end}"


def write_catalogue(folder: Path) -> Path:
    """A folder for LOCALE_PATHS: the made language of the site's messages and of its packages'."""
    catalogue = Catalog(charset="utf-8")
    for message in [*_of_packages(), *extracted()]:
        if message.id:
            catalogue.add(message.id, _translated(message), context=message.context)
    compile_to(catalogue, folder / "en_XA" / "LC_MESSAGES" / "django.mo")
    return folder


def _longer(text: str) -> str:
    """The text with every vowel twice, which makes English longer by about two fifths."""
    return VOWELS.sub(lambda found: found[0] * 2, text)


def _translated(message: Message) -> str | tuple[str, ...]:
    if isinstance(message.id, str):
        return pseudo(message.id)
    return tuple(pseudo(form) for form in message.id)


def _of_packages() -> Iterator[Message]:
    """What Django and allauth say, as their own English catalogues list it."""
    for package in PACKAGES:
        for file in sorted(package.rglob("locale/en/LC_MESSAGES/django.po")):
            with file.open("rb") as source:
                yield from read_po(source)
