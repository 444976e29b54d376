"""The worker's jobs in the admin: the package's own list, made safe against odd addresses."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from glossary.history_admin import PoliteLists

admin.site.unregister(ProcrastinateJob)


class EventInline(admin.TabularInline):
    """What became of a job, and when."""

    model = ProcrastinateEvent
    fields = readonly_fields = ("type", "at")


@admin.register(ProcrastinateJob)
class JobAdmin(PoliteLists, ProcrastinateJobAdmin):
    """What waits, runs and failed; whoever may change jobs may try them again."""

    inlines: ClassVar[Any] = (EventInline,)

    @admin.display(description=_("Arguments"))
    def pretty_args(self, instance: ProcrastinateJob) -> str:
        """As JSON; the package's own carries an inline style, which the policy forbids."""
        indent = 2 if len(str(instance.args)) > 30 else None
        told = json.dumps(instance.args, indent=indent, ensure_ascii=False)
        return format_html("<pre>{}</pre>", Truncator(told).chars(2000))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The package offers them to whoever may look."""
        may_act = request.user.has_perm("procrastinate.change_procrastinatejob")
        return super().get_actions(request) if may_act else {}
