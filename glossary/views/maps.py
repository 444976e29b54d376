"""The map of a glossary, or of what is around one term of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from glossary import mapping
from glossary.models import Glossary, Term
from glossary.views.public import moved_term_or_404, public_glossary_or_404
from glossary.views.reference import moved_to

MOST_ZOOM = 8


@require_safe
def glossary_map(request: HttpRequest, glossary: str) -> HttpResponse:
    """The most connected terms; with ``?term=`` one of them and those beside it.

    ``?zoom=2&x=400&y=300`` shows half as much of it, around that place: buttons lead there, so
    that it can be zoomed without scripts.
    """
    slug = request.GET.get("term")
    chosen = _chosen(glossary, slug) if slug else None
    found = chosen.glossary if chosen else public_glossary_or_404(glossary)
    if found.slug != glossary or (chosen and chosen.slug != slug):
        return _moved(request, found, chosen)
    drawn = mapping.map_around(chosen) if chosen else mapping.map_of(found)
    context = {
        "glossary": found,
        "chosen": chosen,
        "map": drawn,
        "term_count": Term.objects.public().filter(glossary=found).count(),
        "view": View.of(request),
    }
    return render(request, "glossary/glossary_map.html", context)


def _chosen(glossary: str, slug: str) -> Term:
    terms = Term.objects.public().select_related("glossary")
    at_address = terms.filter(glossary__slug=glossary, slug=slug)
    return at_address.first() or moved_term_or_404(glossary, slug)


def _moved(request: HttpRequest, glossary: Glossary, chosen: Term | None) -> HttpResponse:
    query = request.GET.copy()
    if chosen:
        query["term"] = chosen.slug
    return moved_to(request, reverse("glossary_map", args=[glossary.slug]), query.urlencode())


class View:
    """The part of a map that is shown: ``zoom`` times larger, around ``x`` and ``y``."""

    def __init__(self, zoom: int, x: int, y: int) -> None:
        self.zoom = min(max(zoom, 1), MOST_ZOOM)
        self.wide, self.high = mapping.WIDE // self.zoom, mapping.HIGH // self.zoom
        self.x = min(max(x, self.wide // 2), mapping.WIDE - self.wide // 2)
        self.y = min(max(y, self.high // 2), mapping.HIGH - self.high // 2)

    @classmethod
    def of(cls, request: HttpRequest) -> "View":
        """As the address says; the whole map where it says nothing that makes sense."""
        asked = (("zoom", 1), ("x", mapping.WIDE // 2), ("y", mapping.HIGH // 2))
        return cls(*(_number(request.GET.get(name, ""), other) for name, other in asked))

    @property
    def box(self) -> str:
        """It as SVG's ``viewBox``."""
        left, top = self.x - self.wide // 2, self.y - self.high // 2
        return f"{left} {top} {self.wide} {self.high}"

    @property
    def nearer(self) -> "View | None":
        """Twice as large, where that goes."""
        return View(self.zoom * 2, self.x, self.y) if self.zoom < MOST_ZOOM else None

    @property
    def further(self) -> "View | None":
        """Half as large, where that goes."""
        return View(self.zoom // 2, self.x, self.y) if self.zoom > 1 else None

    @property
    def around(self) -> list[tuple[str, "View"]]:
        """The views beside this one, by where they lie; none where all of the map is shown."""
        across, down = self.wide // 2, self.high // 2
        ways = {
            _("Left"): View(self.zoom, self.x - across, self.y),
            _("Up"): View(self.zoom, self.x, self.y - down),
            _("Down"): View(self.zoom, self.x, self.y + down),
            _("Right"): View(self.zoom, self.x + across, self.y),
        }
        return [(name, view) for name, view in ways.items() if (view.x, view.y) != (self.x, self.y)]


def _number(text: str, other: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else other
