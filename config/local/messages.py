"""`python -m config.local.messages [LANGUAGE]`: the words to translate, for translators.

Writes ``locale/django.pot``, brings every catalogue under ``locale/`` up to it, and compiles them;
with a language (``cy``, ``pt-BR``) it begins a catalogue for that one. Babel does the work, so
that no gettext program is needed on any machine; Django turns templates into what Babel reads.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.text import camel_case_to_spaces
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

from config.local import CHECKOUT
from config.record_names import plural

LOCALES = CHECKOUT / "locale"
APPS = ("accounts", "config", "courses", "enrolment", "glossary")
# What developers and operators read, and what is content.
LEFT_OUT = ("config/local/", "/management/", "/migrations/", "/demo/", "style_guide")
LAZY = {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext")}
KEYWORDS = DEFAULT_KEYWORDS | LAZY | {"npgettext_lazy": DEFAULT_KEYWORDS["npgettext"]}
Found = tuple[int, Any, list[str], str | None]
INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
HEADER = "# The words of Termtime."


def main(languages: list[str], *, folder: Path = LOCALES) -> None:
    """Write the template, and every catalogue there is or is asked for."""
    template = extracted()
    _write(template, folder / "django.pot")
    for language in languages:
        begin(language, folder=folder)
    for file in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        catalogue = read(file)
        catalogue.update(template)
        _write(catalogue, file)
        compile_to(catalogue, file.with_suffix(".mo"))
        done = sum(
            bool(message.id and message.string) and not message.fuzzy for message in catalogue
        )
        print(f"{file.relative_to(folder)}: {done} of {len(catalogue)} translated")
    print(f"{folder.name}/django.pot: {len(template)} messages")


def extracted() -> Catalog:
    """Every message of the site's modules and templates.

    Raises SyntaxError, naming the template, where a tag for translation is malformed.
    """
    catalogue = Catalog(project="Termtime", header_comment=HEADER)
    for path in sources():
        place = path.relative_to(CHECKOUT).as_posix()
        for line, words, comments, context in messages_in(path):
            catalogue.add(words, locations=[(place, line)], auto_comments=comments, context=context)
    return catalogue


def sources() -> Iterator[Path]:
    """The modules and templates whose words people see."""
    modules = [path for app in APPS for path in (CHECKOUT / app).rglob("*.py")]
    pages = [path for end in ("html", "txt") for path in (CHECKOUT / "templates").rglob(f"*.{end}")]
    for path in sorted(modules + pages):
        if not any(part in path.relative_to(CHECKOUT).as_posix() for part in LEFT_OUT):
            yield path


def messages_in(path: Path) -> Iterator[Found]:
    """The messages of one module or template: line, words (all forms), comments, context."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        # Blanked out but for its messages, a template is tokens of Python, indented at will.
        text = INDENTATION.sub("", templatize(text, origin=str(path)))
    yield from extract("python", io.BytesIO(text.encode()), KEYWORDS, ("Translators:",))
    if "models" in (path.stem, path.parent.name):
        yield from _made_up(ast.parse(text))


def _made_up(module: ast.Module) -> Iterator[Found]:
    """The names of records and fields that a model leaves to Django (``config.record_names``)."""
    for record in (node for node in module.body if isinstance(node, ast.ClassDef)):
        if not any("Model" in ast.unparse(base) for base in record.bases):
            continue
        name = camel_case_to_spaces(record.name)
        yield from ((record.lineno, words, [], None) for words in (name, plural(name)))
        for line in record.body:
            target = (
                line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
            )
            if isinstance(target, ast.Name) and _is_unnamed(getattr(line, "value", None)):
                yield line.lineno, target.id.replace("_", " "), [], None


def _is_unnamed(value: ast.expr | None) -> bool:
    """Whether it is a field of a model that is given no name."""
    if not isinstance(value, ast.Call) or not re.match(
        r"models\.\w+(Field|Key)$", ast.unparse(value.func)
    ):
        return False
    is_named = any(keyword.arg == "verbose_name" for keyword in value.keywords)
    to_another = ast.unparse(value.func).endswith(("ForeignKey", "ToManyField", "ToOneField"))
    return not is_named and (to_another or not value.args)


def begin(language: str, *, folder: Path) -> None:
    """An empty catalogue for ``language``, where there is none; ends where there is no such."""
    file = folder / to_locale(language) / "LC_MESSAGES" / "django.po"
    if file.exists():
        return
    try:
        locale = Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        sys.exit(f"{language} is no language that is known here; say for example cy or pt-br.")
    _write(Catalog(locale=locale, project="Termtime", header_comment=HEADER), file)


def read(file: Path) -> Catalog:
    """A translator's catalogue."""
    with file.open("rb") as source:
        return read_po(source)


def compile_to(catalogue: Catalog, file: Path) -> None:
    """Write what Django reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as output:
        write_mo(output, catalogue)


def _write(catalogue: Catalog, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as output:
        write_po(output, catalogue, width=100, sort_by_file=True, ignore_obsolete=True)


if __name__ == "__main__":
    main(sys.argv[1:])
