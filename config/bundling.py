"""Static files as they are served: lists of imports put into one file, hashed, compressed.

``static/css/site.css`` and ``static/js/site.js`` are lists of the small files they consist of.
A browser that reads them as they are fetches each in turn; ``collectstatic`` makes one of them.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

Read = Callable[[str], str]
IMPORT = re.compile(r'@?import "([^"]+)";')
COMMENT = re.compile(r"/\*.*?\*/|^//.*?$", re.DOTALL | re.MULTILINE)
RELATIVE_URL = re.compile(r"""url\(\s*["']?(?![a-z]+:|/|\#)([^"')]+?)["']?\s*\)""")
# Texts stay as they are; a comment goes; of white space one character stays, and none at a brace.
IN_CSS = re.compile(
    r"""("[^"\n]*"|'[^'\n]*')|/\*.*?\*/|\s*([{};,])\s*|(\s+)""",
    re.DOTALL,
)


class BundlingStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, over lists that have been put together first.

    What stands in a list has no hashed name of its own: ``{% static %}`` refuses to name it.
    """

    def post_process(
        self, paths: Mapping[str, tuple[Storage, str]], **options: Any
    ) -> Iterator[tuple[str, str, bool | Exception]]:
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        made, bundles, used = {}, InMemoryStorage(), set()
        for name in paths:
            if name.endswith((".css", ".js")) and (parts := imports_in(name, read(name))):
                used |= set(parts)
                made[name] = put_together(name, parts, read)
        for name, text in made.items():
            bundles.save(name, ContentFile(text.encode()))
        whole = {name: place for name, place in paths.items() if name not in used}
        whole |= {name: (bundles, name) for name in made}
        yield from super().post_process(whole, **options)
        self.delete_files(used)


def imports_in(name: str, text: str) -> list[str]:
    """The files that ``name`` lists, in order; none where it is anything but a list."""
    bare = COMMENT.sub("", text).strip()
    if not bare or IMPORT.sub("", bare).strip():
        return []
    folder = posixpath.dirname(name)
    return [posixpath.normpath(posixpath.join(folder, one)) for one in IMPORT.findall(bare)]


def put_together(name: str, parts: list[str], read: Read) -> str:
    """The text of all ``parts``, as if it stood in ``name``.

    Raises ValueError where a part imports something itself, which would be left out.
    """
    put = _style if name.endswith(".css") else _script
    texts = []
    for part in parts:
        text = read(part)
        if IMPORT.search(COMMENT.sub("", text)):
            raise ValueError(f"{part} is in the list {name} and imports something itself.")
        texts.append(put(text, part, name))
    return "\n".join(texts)


def _style(text: str, part: str, name: str) -> str:
    """Without comments and needless white space; its addresses as seen from ``name``."""

    def moved(found: re.Match[str]) -> str:
        target = posixpath.join(posixpath.dirname(part), found[1])
        return f'url("{posixpath.relpath(target, posixpath.dirname(name))}")'

    def short(found: re.Match[str]) -> str:
        return found[1] or found[2] or (" " if found[3] else "")

    return IN_CSS.sub(short, RELATIVE_URL.sub(moved, text)).replace(";}", "}").strip()


def _script(text: str, part: str, name: str) -> str:  # noqa: ARG001 - as ``_style``
    """In a block of its own, so that no script's names meet another's."""
    return f"{{\n{text.strip()}\n}}"
