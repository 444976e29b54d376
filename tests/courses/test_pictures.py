"""Pictures beside links: drawn from what is public, under addresses that change with it."""

import io
import math
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from PIL import Image
from pytest_django import Settings

from courses import drawing
from courses.drawing import MOST, Leaf, drawable, png
from courses.models import Course, Lesson, Provider
from courses.views import pictures
from glossary.models import Glossary, Term
from tests.courses.making import a_course, a_lesson, a_provider
from tests.glossary.writing import a_glossary, a_term, rewrite

pytestmark = pytest.mark.django_db

IMAGE = re.compile(r'<meta property="og:image" content="https://college\.example([^"]*)">')
TERM = "/glossary/sailing/tack/"
PAGES = ("/", TERM, "/glossary/sailing/", "/courses/sailing/", "/courses/sailing/lessons/day/")


@pytest.fixture(autouse=True)
def house(settings: Settings) -> Iterator[None]:
    settings.SITE_URL = "https://college.example"
    settings.SEARCH_ENGINES = True
    a_provider()
    sailing = a_glossary()
    a_term(sailing, "Tack")
    a_lesson(a_course("sailing", glossaries=[sailing]), "day", is_free=True)
    pictures.KEPT.clear()
    cache.clear()
    yield
    cache.clear()


def picture_of(page: str) -> str:
    """Where the picture of a page is."""
    (address,) = IMAGE.findall(Client().get(page).content.decode())
    return str(address)


def test_every_page_has_a_picture_that_is_there_to_stay() -> None:
    addresses = {picture_of(page) for page in PAGES}
    assert len(addresses) == len(PAGES)
    for address in addresses:
        response = Client().get(address)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/png"
        assert set(response.headers["Cache-Control"].split(", ")) == {
            "public",
            "max-age=31536000",
            "immutable",
        }
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "X-Robots-Tag" not in response.headers
        assert len(response.content) < 60_000
        with Image.open(io.BytesIO(response.content)) as image:
            assert (image.size, image.format) == ((1200, 630), "PNG")


def test_whoever_has_it_is_told_so_without_its_being_drawn() -> None:
    address = picture_of(TERM)
    etag = Client().get(address).headers["ETag"]
    pictures.KEPT.clear()
    unchanged = Client().get(address, headers={"if-none-match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert pictures.KEPT.get(etag.strip('"')) is None
    assert Client().head(address).status_code == 200


def _rename_term() -> None:
    rewrite(Term.objects.get(), name="Tacking")


def _redefine_term() -> None:
    rewrite(Term.objects.get(), definition="To go about.")


def _rename_glossary() -> None:
    Glossary.objects.update(title="Sea words")


def _rename_provider() -> None:
    provider = Provider.objects.get()
    provider.name = "Harbour College"
    provider.save()


@pytest.mark.parametrize(
    "change", [_rename_term, _redefine_term, _rename_glossary, _rename_provider]
)
def test_another_word_is_another_picture_and_the_old_address_leads_to_it(change: object) -> None:
    before = picture_of(TERM)
    old = Client().get(before).content
    assert callable(change)
    change()
    after = picture_of(Term.objects.get().get_absolute_url())
    assert after != before
    moved = Client().get(before)
    assert (moved.status_code, moved.headers["Location"]) == (302, after)
    assert Client().get(after).content != old


def test_what_is_not_public_has_no_picture(as_sam: Client) -> None:
    addresses = [picture_of(page) for page in PAGES[1:]]
    Glossary.objects.update(is_published=False)
    Course.objects.update(is_published=False)
    assert {Client().get(address).status_code for address in addresses} == {404}
    # Nor for staff: the address would tell whoever it is passed on to.
    assert {as_sam.get(address).status_code for address in addresses} == {404}
    Course.objects.update(is_published=True)
    Lesson.objects.update(is_published=False)
    assert Client().get(addresses[-1]).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/pictures/terms/987654321/0123456789abcdef.png",
        f"/pictures/terms/{10**30}/0123456789abcdef.png",
        "/pictures/people/1/0123456789abcdef.png",
        "/pictures/site/2/0123456789abcdef.png",
    ],
)
def test_there_is_no_picture_of_what_there_is_not(address: str) -> None:
    assert Client().get(address).status_code == 404


def test_nobody_has_pictures_drawn_without_end(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "draw_picture": "2/m/ip"}
    addresses = [picture_of(page) for page in PAGES]
    found = [Client().get(address).status_code for address in addresses]
    assert found == [200, 200, 429, 429, 429]
    # What is drawn already costs nothing.
    assert Client().get(addresses[0]).status_code == 200
    assert "immutable" not in Client().get(addresses[2]).headers.get("Cache-Control", "")


HARD = [
    "W" * 200,
    "word " * 40,
    "咖啡 🎉",
    "Φύσις, наука, naïve café",
    "a\u0301\u202e\u0000\ufffe\ud7ff",
    "<b>&amp;</b> {{ provider }} %s \\n",
    "﷽" * 200,
    "",
    " ",
]


@pytest.mark.parametrize("words", HARD)
def test_any_words_can_be_drawn(words: str) -> None:
    for leaf in (
        Leaf(words, "Tack", "To turn.", "Example College"),
        Leaf("Sailing", words, "To turn.", "Example College"),
        Leaf("Sailing", "Tack", words * 10, "Example College"),
        Leaf(words, words, words, words),
    ):
        with Image.open(io.BytesIO(png(leaf))) as image:
            assert image.size == (1200, 630)


def test_nothing_is_drawn_over_the_edge() -> None:
    leaf = Leaf("W" * 200, "W" * 200, "W" * MOST, "W" * 200)
    with Image.open(io.BytesIO(png(leaf))) as opened:
        image = opened.convert("RGB")
        paper = image.getpixel((5, 300))
        columns = [image.crop((1121, 160, 1200, 630)), image.crop((0, 0, 79, 630))]
        for column in columns:
            assert column.getcolors() == [(column.width * column.height, paper)]


def test_letters_that_the_font_lacks_are_left_out() -> None:
    assert drawable("Café 咖啡 bar") == "Café bar"
    assert drawable("a\u0301\u202e\n b") == "á b"
    # Rather than nothing, whose page it is.
    known = png(Leaf("Sailing", "Example College", "", "Example College"))
    assert png(Leaf("Sailing", "咖啡", "", "Example College")) == known


def _as_hex(lightness: float, chroma: float, hue: float) -> str:
    """A colour of the tokens as sRGB: https://www.w3.org/TR/css-color-4/#color-conversion-code"""
    a, b = (chroma * turn(math.radians(hue)) for turn in (math.cos, math.sin))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    kept = (min(max(one, 0), 1) for one in linear)
    light = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in kept)
    return "#" + "".join(f"{round(255 * one):02x}" for one in light)


def test_pictures_and_browsers_have_the_colours_of_the_pages() -> None:
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    pair = re.compile(r"--([\w-]+): light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\)")
    found = {name: (light, dark) for name, light, dark in pair.findall(tokens)}

    def colour(name: str, *, is_dark: bool = False) -> str:
        return _as_hex(*map(float, found[name][is_dark].split()))

    drawn = [drawing.PAPER, drawing.INK, drawing.SOFT, drawing.ACCENT, drawing.SIGNAL]
    assert drawn == [colour(one) for one in ("paper", "ink", "ink-soft", "accent", "signal")]
    page = Client().get("/").content.decode()
    said = re.findall(r'name="theme-color" media="[^"]*: (\w+)\)" content="([^"]*)"', page)
    assert said == [("light", colour("paper")), ("dark", colour("paper", is_dark=True))]


def test_the_same_words_are_the_same_file() -> None:
    leaf = Leaf("Sailing", "Tack", "To turn the bow.", "Example College")
    assert png(leaf) == png(leaf)
