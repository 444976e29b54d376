"""One style sheet and one script for all pages, compressed, and kept by browsers for ever."""

import gzip
import posixpath
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.test import Client

from config.bundling import BundlingStorage


def collect(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """What is served of ``files``: its text by the name that templates give it."""
    source, storage = InMemoryStorage(), BundlingStorage(location=folder)
    for name, text in files.items():
        for place in (source, storage):
            place.save(name, ContentFile(text.encode()))
    paths = {name: (source, name) for name in files}
    for _, _, outcome in storage.post_process(paths):
        assert not isinstance(outcome, Exception), outcome
    return {name: (folder / there).read_text() for name, there in storage.hashed_files.items()}


def test_a_list_of_styles_becomes_the_styles_in_their_order(tmp_path: Path) -> None:
    files = {
        "css/site.css": '/* All. */\n@import "b.css";\n@import "parts/a.css";\n',
        "css/b.css": "@layer base, parts;\n@layer base { a::before { content: '/* ; */'; } }",
        "css/parts/a.css": "/* A; */\n@layer parts {\n  .a .b,\n  .c { top: calc(1px + 2px); }\n}",
    }
    assert collect(tmp_path, files) == {
        "css/site.css": "@layer base,parts;@layer base{a::before{content: '/* ; */'}}\n"
        "@layer parts{.a .b,.c{top: calc(1px + 2px)}}"
    }


def test_a_picture_is_found_from_where_its_style_has_gone(tmp_path: Path) -> None:
    files = {
        "css/site.css": '@import "parts/a.css";',
        "css/parts/a.css": "p { background: url(../../img/dot.svg); }",
        "img/dot.svg": "<svg/>",
    }
    style = collect(tmp_path, files)["css/site.css"]
    assert re.search(r'url\("\.\./img/dot\.[0-9a-f]{12}\.svg"\)', style)


def test_scripts_that_share_a_name_do_not_meet(tmp_path: Path) -> None:
    files = {
        "js/site.js": '// All.\nimport "./a.js";\nimport "./b.js";\n',
        "js/a.js": "const OFF = 1;",
        "js/b.js": "const OFF = 2;",
    }
    served = collect(tmp_path, files)
    assert served == {"js/site.js": "{\nconst OFF = 1;\n}\n{\nconst OFF = 2;\n}"}


def test_what_is_listed_and_lists_more_is_refused(tmp_path: Path) -> None:
    files = {"a.css": '@import "b.css";', "b.css": '@import "c.css"; p { top: 0; }', "c.css": ""}
    with pytest.raises(ValueError, match=r"b\.css is in the list a\.css and imports"):
        collect(tmp_path, files)


def test_a_changed_part_changes_the_name_of_the_whole(tmp_path: Path) -> None:
    for colour in ("red", "blue"):
        collect(
            tmp_path / colour,
            {"site.css": '@import "a.css";', "a.css": f"p {{ color: {colour}; }}"},
        )
    red, blue = (next((tmp_path / colour).glob("site.*.css")) for colour in ("red", "blue"))
    assert red.name != blue.name


def test_nothing_is_served_under_a_name_that_may_mean_something_else_tomorrow(
    tmp_path: Path,
) -> None:
    collect(tmp_path, {"site.css": '@import "a.css";', "a.css": "p { top: 0; }", "b.js": "f();"})
    there = {file.name for file in tmp_path.iterdir() if file.name != "staticfiles.json"}
    assert there == {name for name in there if re.search(r"\.[0-9a-f]{12}\.", name)}


def test_every_style_of_ours_is_in_the_list_of_the_site_or_of_the_admin() -> None:
    styles = settings.BASE_DIR / "static" / "css"
    lists = {"site.css", "admin/site.css"}
    listed = {
        posixpath.normpath(posixpath.join(posixpath.dirname(one), name))
        for one in lists
        for name in re.findall(r'@import "([^"]+)"', (styles / one).read_text())
    }
    there = {str(file.relative_to(styles)) for file in styles.rglob("*.css")} - lists
    assert listed == there


@pytest.mark.django_db  # which Django looks at wherever an answer is closed
@pytest.mark.parametrize("name", ["css/site.css", "js/site.js"])
@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_static_files_come_compressed_and_to_be_kept_for_ever(
    client: Client, name: str, encoding: str
) -> None:
    address = staticfiles_storage.url(name)
    answer = client.get(address, headers={"Accept-Encoding": encoding})
    answer.close()
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == encoding
    assert answer["Cache-Control"] == "max-age=315360000, public, immutable"


@pytest.mark.django_db
def test_a_page_comes_compressed_and_never_twice_as_long(client: Client) -> None:
    """The random bytes hide from an eavesdropper how well a guess at the page's secrets fits."""
    answers = [client.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(8)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert b"</html>" in gzip.decompress(answers[0].content)
    assert len({len(answer.content) for answer in answers}) > 1
