"""Documents brought into glossaries: sent, looked through, decided on, applied, undone."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses import importing, jobs, reviewing
from courses.admin.import_rows import CHANGES, ImportForm, row_of, wanted_of
from glossary.history_admin import PoliteLists, is_key
from glossary.importing.entries import NotAChoice
from glossary.importing.undoing import plan_undoing
from glossary.models import Import, ImportEntry

ROWS_ON_A_PAGE = 50
# Beyond so many bytes the work is done by the worker, and the page says how far it has come.
LONG = 200_000
SELLING = ("courses.add_course", "courses.add_intake", "courses.add_price")
State = Import.State
Action = Callable[[HttpRequest, Import], HttpResponse | None]


@admin.register(Import)
class ImportAdmin(PoliteLists, admin.ModelAdmin):
    """Every document that was brought in, or is on its way."""

    list_display = ("name", "slug", "state", "created_at", "created_by", "applied_at")
    list_filter = ("state", "glossary")
    list_select_related = ("created_by",)
    search_fields = ("name", "slug")

    def has_delete_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        # The next import tells by them whose change is whose.
        return False

    def get_urls(self) -> list[URLPattern]:
        actions: dict[str, Action] = {
            "decide": self._decide,
            "apply": self._apply,
            "drop": self._drop,
            "undo": self._undo,
        }
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(self._posted(action)),
                    name=f"glossary_import_{name}",
                )
                for name, action in actions.items()
            ),
            path(
                "<path:object_id>/document/",
                self.admin_site.admin_view(self.document_view),
                name="glossary_import_document",
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Takes a file or pasted text, and reads it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
        if form.is_valid():
            record = self._receive(request, form)
            return HttpResponseRedirect(_address(record))
        context = self._context(request, _("Import a document")) | {"form": form}
        status = 422 if form.is_bound else 200
        return render(request, "admin/glossary/import/add.html", context, status=status)

    def _receive(self, request: HttpRequest, form: ImportForm) -> Import:
        is_selling = request.user.has_perms(SELLING)
        given = form.cleaned_data
        with transaction.atomic():
            record = reviewing.receive(
                name=given["name"],
                data=given["data"],
                slug=given["slug"],
                course_slug=given["course"].slug if given["course"] else "",
                brings_intake=is_selling,
                at=timezone.now(),
                by=request.user,
            )
            if len(given["data"]) > LONG:
                jobs.look_at_import.defer(import_id=record.pk)
            else:
                reviewing.look(record.pk)
        return record

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """What the document says beside what the site says, and what can be done with it."""
        record = self._record(request, object_id)
        context = self._context(request, record.name) | {
            "record": record,
            "may_change": self.has_change_permission(request, record),
        }
        if record.state in {State.READING, State.APPLYING}:
            response = render(request, "admin/glossary/import/progress.html", context)
            # Without a script: the browser asks again by itself.
            response["Refresh"] = "2"
            return response
        context |= _shown(record, request)
        return render(request, "admin/glossary/import/review.html", context)

    def document_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The document as it was sent."""
        record = self._record(request, object_id)
        response = HttpResponse(bytes(record.data), content_type="application/octet-stream")
        response.headers["Content-Disposition"] = "attachment"
        return response

    def _posted(self, action: Action) -> Callable[[HttpRequest, str], HttpResponse]:
        """A view that changes an import: only posted to, by those who may."""

        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            record = self._record(request, object_id)
            if not self.has_change_permission(request, record):
                raise PermissionDenied
            if request.method != "POST":
                return HttpResponseRedirect(_address(record))
            try:
                answer = action(request, record)
            except (reviewing.NotYet, NotAChoice) as refused:
                messages.error(request, str(refused))
                answer = None
            return answer or HttpResponseRedirect(_address(record))

        return view

    def _decide(self, request: HttpRequest, record: Import) -> HttpResponse:
        wanted = wanted_of(record, request.POST)
        number = reviewing.decide(record.pk, wanted)
        told = ngettext("%(n)d decision is noted.", "%(n)d decisions are noted.", number)
        messages.success(request, told % {"n": number})
        query = request.POST.get("query", "")
        return HttpResponseRedirect(f"{_address(record)}?{query}" if query else _address(record))

    def _apply(self, request: HttpRequest, record: Import) -> None:
        if record.brings_intake and not request.user.has_perms(SELLING):
            raise reviewing.NotYet(
                _("It brings an intake: somebody who may plan intakes applies it.")
            )
        with transaction.atomic():
            reviewing.begin_applying(record.pk, by=request.user)
            if len(record.data) > LONG:
                jobs.apply_import.defer(import_id=record.pk)
                return
            done = reviewing.finish_applying(record.pk, at=timezone.now())
        if done.state == State.APPLIED:
            messages.success(request, _("Applied. It can be undone as a whole from here."))

    def _drop(self, request: HttpRequest, record: Import) -> None:
        reviewing.drop(record.pk)
        messages.success(request, _("Given up. Nothing was changed."))

    def _undo(self, request: HttpRequest, record: Import) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            context = self._context(request, _("Undo: %(name)s") % {"name": record.name})
            context |= {"record": record, "plan": plan_undoing(record)}
            return render(request, "admin/glossary/import/undo.html", context)
        importing.undo(record, at=timezone.now(), by=request.user)
        messages.success(request, _("Undone. What was changed since stays as it is."))
        return None

    def _record(self, request: HttpRequest, object_id: str) -> Import:
        key = unquote(object_id)
        if not is_key(Import, key):
            raise Http404
        record: Import = get_object_or_404(
            Import.objects.select_related("glossary", "progress", "created_by"), pk=key
        )
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        return record

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _address(record: Import) -> str:
    return reverse("admin:glossary_import_change", args=[record.pk])


def _shown(record: Import, request: HttpRequest) -> dict[str, Any]:
    """The entries that are asked for, and how many there are of each kind: five queries."""
    show = request.GET.get("show", "")
    rows = record.entries.order_by("position")
    counts = dict(rows.order_by().values_list("change").annotate(Count("pk")))
    waiting = rows.undecided().count()
    if show == "doubt" or (not show and waiting):
        rows, show = rows.in_doubt(), "doubt"
    elif show in ImportEntry.Change.values:
        rows = rows.filter(change=show)
    page = Paginator(rows.select_related("near"), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": [row_of(entry) for entry in page],
        "show": show,
        "filters": [(kind, words, counts[kind]) for kind, words in CHANGES if kind in counts],
        "in_doubt": record.entries.in_doubt().count(),
        "waiting": waiting,
        "total": sum(counts.values()),
        "query": request.GET.urlencode(),
    }
