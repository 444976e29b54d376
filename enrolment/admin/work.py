"""The worker's jobs in the admin: the package's own list, made safe against odd addresses."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateJob

from glossary.history_admin import PoliteLists

admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(PoliteLists, ProcrastinateJobAdmin):
    """What waits, runs and failed; whoever may change jobs may try them again."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The package offers them to whoever may look."""
        may_act = request.user.has_perm("procrastinate.change_procrastinatejob")
        return super().get_actions(request) if may_act else {}
