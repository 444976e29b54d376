"""Deleted terms in the admin: what was deleted, by whom and when, and the way back."""

from itertools import pairwise
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from glossary.bringing_back import bring_back
from glossary.comparing import changes, whole
from glossary.editing import CannotSave
from glossary.history_admin import PoliteLists, is_key
from glossary.models import DeletedTerm
from glossary.versions import versions_of


@admin.register(DeletedTerm)
class DeletedTermAdmin(PoliteLists, admin.ModelAdmin):
    """Nobody writes these: they come of deleting terms."""

    list_display = ("name", "glossary", "at", "by", "brought_back_at", "brought_back_by")
    list_filter = ("glossary",)
    list_select_related = ("glossary", "by", "brought_back_by")
    search_fields = ("name",)
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What it said when it was deleted, and before; whoever may add terms brings it back."""
        key = unquote(object_id)
        if not is_key(DeletedTerm, key):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = DeletedTerm.objects.select_related("glossary", "by", "brought_back_by")
        deleted = get_object_or_404(rows, pk=key)
        may_bring_back = request.user.has_perm("glossary.add_term")
        problems: tuple[str, ...] = ()
        if request.method == "POST":
            if not may_bring_back:
                raise PermissionDenied
            try:
                term = bring_back(deleted, by=request.user, at=timezone.now())
            except CannotSave as refused:
                problems = refused.problems
            else:
                messages.success(request, _("%(term)s is back.") % {"term": term})
                return HttpResponseRedirect(reverse("admin:glossary_term_change", args=[term.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Deleted: %(deleted)s") % {"deleted": deleted},
            "deleted": deleted,
            "says": whole(deleted.said),
            "rows": _with_changes(deleted),
            "may_bring_back": may_bring_back and not deleted.brought_back_at,
            "problems": problems,
        }
        return render(request, "admin/glossary/deletedterm/change_form.html", context)


def _with_changes(deleted: DeletedTerm) -> list[dict[str, Any]]:
    """Its versions, the latest first, each with what it changed."""
    latest_first = versions_of(deleted)[::-1]
    changed = [changes(old.said, new.said) for new, old in pairwise(latest_first)]
    return [
        {"version": version, "changes": what}
        for version, what in zip(latest_first, [*changed, []], strict=False)
    ]
