"""The worker's jobs in the admin: the package's list in our words, safe against odd addresses."""

import json
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from glossary.history_admin import PoliteLists

admin.site.unregister(ProcrastinateJob)

STATES = {
    "todo": _("to do"),
    "doing": _("being done"),
    "succeeded": _("done"),
    "failed": _("failed"),
    "cancelled": _("called off"),
    "aborting": _("being stopped"),
    "aborted": _("stopped"),
}
EVENTS = {
    "deferred": _("asked for"),
    "started": _("begun"),
    "deferred_for_retry": _("put off, to be tried again"),
    "failed": _("failed"),
    "succeeded": _("done"),
    "cancelled": _("called off"),
    "abort_requested": _("asked to stop"),
    "aborted": _("stopped"),
    "scheduled": _("planned"),
}


def name_in_our_words() -> None:
    """What the package calls its records and their fields; it says nothing to translate."""
    apps.get_app_config("procrastinate").verbose_name = _("Jobs")
    meta = ProcrastinateJob._meta
    meta.verbose_name, meta.verbose_name_plural = _("job"), _("jobs")
    for name, words in {
        "task_name": _("task"),
        "scheduled_at": _("not before"),
        "attempts": _("attempts"),
        "lock": _("one at a time with"),
    }.items():
        meta.get_field(name).verbose_name = words  # type: ignore[union-attr]
    events = ProcrastinateEvent._meta
    events.verbose_name, events.verbose_name_plural = _("event"), _("what became of it")
    events.get_field("at").verbose_name = _("when")


name_in_our_words()


class ByState(admin.SimpleListFilter):
    """Those that wait, run, or have failed."""

    title = _("state")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(status=self.value()) if self.value() in STATES else queryset


class EventInline(admin.TabularInline):
    """What became of a job, and when."""

    model = ProcrastinateEvent
    fields = readonly_fields = ("what", "at")

    @admin.display(description=_("what"))
    def what(self, event: ProcrastinateEvent) -> str:
        """In words."""
        return str(EVENTS.get(event.type, event.type))


@admin.register(ProcrastinateJob)
class JobAdmin(PoliteLists, ProcrastinateJobAdmin):
    """What waits, runs and failed; whoever may change jobs may try them again."""

    inlines: ClassVar[Any] = (EventInline,)
    list_display: Any = ("number", "task_name", "state", "summary", "pretty_args")
    list_filter: ClassVar[Any] = (ByState, "task_name")
    fields: ClassVar[Any] = (
        "number", "task_name", "pretty_args", "state", "scheduled_at", "attempts", "lock",
    )  # fmt: skip
    actions: Any = ("try_again", "call_off", "stop")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Nobody asks for a state but by its filter: the column is an enumeration, and fails."""
        return not lookup.startswith("status__") and super().lookup_allowed(lookup, value, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of them."""
        return self.fields

    @admin.display(description=_("number"), ordering="pk")
    def number(self, job: ProcrastinateJob) -> int:
        """In the order in which they were asked for."""
        return int(job.pk)

    @admin.display(description=_("state"), ordering="status")
    def state(self, job: ProcrastinateJob) -> str:
        """In words."""
        return str(STATES.get(job.status, job.status))

    @admin.display(description=_("arguments"))
    def pretty_args(self, instance: ProcrastinateJob) -> str:
        """As JSON; the package's own carries an inline style, which the policy forbids."""
        indent = 2 if len(str(instance.args)) > 30 else None
        told = json.dumps(instance.args, indent=indent, ensure_ascii=False)
        return format_html("<pre>{}</pre>", Truncator(told).chars(2000))

    @admin.display(description=_("last"))
    def summary(self, instance: ProcrastinateJob) -> str:
        """What became of it last, and what it waits for."""
        if (event := instance.procrastinateevent_set.first()) is None:
            return "–"
        facts = {"job": instance, "event": event, "what": EVENTS.get(event.type, event.type)}
        return render_to_string("procrastinate/admin/summary.html", facts)

    @admin.action(description=_("Try again those that failed or hang"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> None:
        """The package's own, in our words."""
        super().retry(request, queryset)

    @admin.action(description=_("Call off those not begun"))
    def call_off(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> None:
        """The package's own, in our words."""
        super().cancel(request, queryset)

    @admin.action(description=_("Stop those that wait or run"))
    def stop(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> None:
        """The package's own, in our words."""
        super().abort(request, queryset)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The package offers them to whoever may look."""
        may_act = request.user.has_perm("procrastinate.change_procrastinatejob")
        return super().get_actions(request) if may_act else {}
