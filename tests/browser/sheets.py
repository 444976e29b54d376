"""Contact sheets: many pages in few pictures, a row each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# What a pixel of a page becomes: a phone is shown larger than a wide screen, to be read at all.
SCALES = {360: 0.3, 768: 0.22, 800: 0.26, 1280: 0.19, 1920: 0.15}
ROW_HEIGHT = 300
ROWS_ON_A_SHEET = 6
GAP = 10
LABEL = 22
PAPER, INK = "#8a8f98", "#111111"


@dataclass(frozen=True)
class Row:
    """A page, and its pictures in the order in which they stand side by side."""

    name: str
    pictures: list[Path]


def lay_out(groups: Mapping[str, Sequence[Row]], folder: Path) -> Path:
    """Write the sheets of each group into ``folder``, and a page with all of them; its path."""
    parts = []
    for group, rows in groups.items():
        parts.append(f"<h2>{escape(group)}: {len(rows)} pages</h2>")
        for start in range(0, len(rows), ROWS_ON_A_SHEET):
            name = f"{group}-{start // ROWS_ON_A_SHEET + 1:02}.png"
            _sheet(rows[start : start + ROWS_ON_A_SHEET]).save(folder / name)
            parts.append(f'<p><a href="{name}"><img src="{name}" alt="" width="100%"></a></p>')
    index = folder / "index.html"
    index.write_text(
        '<!doctype html><meta charset="utf-8"><title>Pictures of every page</title>'
        + "\n".join(parts),
        encoding="utf-8",
    )
    return index


def _sheet(rows: Sequence[Row]) -> Image.Image:
    strips = [_strip(row) for row in rows]
    width = max(strip.width for strip in strips)
    sheet = Image.new("RGB", (width, sum(strip.height for strip in strips)), PAPER)
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height
    return sheet


def _strip(row: Row) -> Image.Image:
    """The tops of all pictures of a page, beside each other under its name."""
    small = [_small(path) for path in row.pictures]
    width = sum(one.width + GAP for one in small) + GAP
    strip = Image.new("RGB", (width, LABEL + ROW_HEIGHT + GAP), PAPER)
    ImageDraw.Draw(strip).text((GAP, 4), row.name, fill=INK, font=ImageFont.load_default(14))
    left = GAP
    for one in small:
        strip.paste(one, (left, LABEL))
        left += one.width + GAP
    return strip


def _small(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        scale = next(of for width, of in SCALES.items() if f"-{width}-" in path.name)
        top = picture.crop((0, 0, picture.width, min(picture.height, int(ROW_HEIGHT / scale))))
        size = (round(top.width * scale), round(top.height * scale))
        return top.convert("RGB").resize(size, Image.Resampling.LANCZOS)
