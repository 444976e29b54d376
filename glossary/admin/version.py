"""A term's versions in the admin: listed, any two compared, one restored."""

from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from glossary import editing
from glossary.admin.beginning import begin_draft
from glossary.comparing import changes
from glossary.history_admin import is_key
from glossary.models import Term, Version
from glossary.versions import content_of

VERSIONS_ON_A_PAGE = 50


class VersionsOfTerm:
    """Mixed into the admin of terms: "History" leads to the term's versions."""

    admin_site: Any
    opts: Any
    has_view_permission: Any
    has_change_permission: Any

    def get_urls(self) -> list[URLPattern]:
        restore = self.admin_site.admin_view(self.restore_view)
        address = "<path:object_id>/versions/<int:number>/restore/"
        return [
            path(address, restore, name="glossary_term_restore"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The versions, the latest first; with ``from`` and ``to``, two of them compared."""
        term = self._term(request, object_id)
        page = Paginator(term.versions.select_related("by", "document"), VERSIONS_ON_A_PAGE)
        shown = page.get_page(request.GET.get("page"))
        context = {
            **self._context(request, term, _("Versions: %(term)s") % {"term": term}),
            "page": shown,
            "rows": _with_changes(list(shown)),
            "compared": _compared(term, request.GET.get("from"), request.GET.get("to")),
            "may_restore": self.has_change_permission(request, term),
        }
        return render(request, "admin/glossary/term/versions.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Shows what restoring would change, and does it."""
        term = self._term(request, object_id)
        if not self.has_change_permission(request, term):
            raise PermissionDenied
        version = get_object_or_404(term.versions, number=number) if number < 2**31 else None
        if version is None:
            raise Http404
        problems: tuple[str, ...] = ()
        if request.method == "POST" and term.glossary.needs_review:
            return begin_draft(request, term, version.said)
        if request.method == "POST":
            try:
                editing.restore(version, by=request.user, at=timezone.now())
            except editing.CannotSave as refused:
                problems = refused.problems
            else:
                messages.success(request, _("Version %(number)s is restored.") % {"number": number})
                return HttpResponseRedirect(reverse("admin:glossary_term_change", args=[term.pk]))
        context = {
            **self._context(
                request,
                term,
                _("Restore version %(number)s: %(term)s") % {"number": number, "term": term},
            ),
            "version": version,
            "changes": changes(content_of(term), version.said),
            "problems": problems,
        }
        return render(request, "admin/glossary/term/restore.html", context)

    def _term(self, request: HttpRequest, object_id: str) -> Term:
        key = unquote(object_id)
        if not is_key(Term, key):
            raise Http404
        term: Term = get_object_or_404(Term.objects.select_related("glossary"), pk=key)
        if not self.has_view_permission(request, term):
            raise PermissionDenied
        return term

    def _context(self, request: HttpRequest, term: Term, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "term": term,
        }


def _with_changes(versions: list[Version]) -> list[dict[str, Any]]:
    """Each version with what it changed; the version before the page's last is one query more."""
    if not versions:
        return []
    last = versions[-1]
    before = Version.objects.filter(term=last.term_id, number=last.number - 1).first()
    rows = [
        {"version": new, "changes": changes(old.said, new.said)}
        for new, old in pairwise([*versions, *([before] if before else [])])
    ]
    return rows if before else [*rows, {"version": last, "changes": []}]


def _compared(term: Term, one: str | None, other: str | None) -> dict[str, Any] | None:
    """Two versions by their numbers, the earlier first; None unless both are there."""
    numbers = sorted({_number(one), _number(other)})
    found = list(term.versions.filter(number__in=numbers).order_by("number"))
    if len(found) != 2:
        return None
    old, new = found
    return {"old": old, "new": new, "changes": changes(old.said, new.said)}


def _number(text: str | None) -> int:
    """The number that an address gives; 0, which no version has, for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
