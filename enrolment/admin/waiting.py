"""Who waits for a place, or to be told, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Intake
from courses.templatetags.dates import moment
from courses.templatetags.money import money
from enrolment import waiting
from enrolment.admin.acting import ReasonField
from enrolment.admin.read_only import ReadOnly
from enrolment.models import IntakeAlert, Offer, WaitingListEntry
from glossary.history_admin import PoliteLists, is_key


@admin.register(IntakeAlert)
class IntakeAlertAdmin(PoliteLists, admin.ModelAdmin):
    """Who wants to be told; an address can be deleted, not written."""

    list_display = ("email", "course", "created_at", "confirmed_at", "sent_at", "page")
    list_filter = ("course",)
    list_select_related = ("course",)
    search_fields = ("email",)
    fields = ("email", "course", "created_at", "confirmed_at", "sent_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People ask for themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """They asked with the address that they confirmed."""
        return False

    @admin.display(description=gettext_lazy("on the site"))
    def page(self, alert: IntakeAlert) -> SafeString | Any:
        """The course's page."""
        return format_html('<a href="{}">{}</a>', alert.course.get_absolute_url(), _("course"))


class WaitsFor(admin.SimpleListFilter):
    """Everybody in line for one intake, by the intake's key; an intake's page leads here."""

    title = gettext_lazy("waiting for")
    parameter_name = "waits_for"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        intake = self._intake()
        return [(str(intake.pk), str(intake))] if intake else []

    def _intake(self) -> Intake | None:
        given = self.used_parameters.get(self.parameter_name)
        key = given[-1] if isinstance(given, list) else given
        if not key or not is_key(Intake, key) or len(key) > 18:
            return None
        return Intake.objects.select_related("course").filter(pk=key).first()

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WaitingListEntry]
    ) -> QuerySet[WaitingListEntry]:
        intake = self._intake()
        if intake is None:
            return queryset
        named = WaitingListEntry.also.through.objects.filter(
            waitinglistentry=OuterRef("pk"), intake=intake
        )
        in_line = queryset.filter(
            Q(intake=intake) | Exists(named), status__in=WaitingListEntry.LIVE
        )
        return in_line.annotate(before=waiting.before(intake=intake.pk))


class OfferInline(ReadOnly, admin.TabularInline):
    """The places that were offered to one entry."""

    model = Offer
    fields = ("intake", "price_name", "amount_shown", "status", "created_at", "expires_at")
    readonly_fields = fields
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        return super().get_queryset(request).select_related("intake__course")

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, offer: Offer) -> str:
        """In pounds."""
        return money(offer.amount) if offer.amount else _("free")


class RemoveForm(forms.Form):
    """Why somebody is taken off the list."""

    reason = ReasonField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("The student reads it in the mail that says so."),
    )


@admin.register(WaitingListEntry)
class WaitingListEntryAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """Who waits, in which place, and what was offered; an entry is removed, never edited."""

    list_display = ("student", "intake", "position", "status", "joined_at", "offered_until")
    list_filter = (WaitsFor, "status", "intake__course")
    list_select_related = ("student", "intake__course")
    search_fields = ("student__email", "student__name", "intake__course__title")
    ordering = ("joined_at", "pk")
    inlines = (OfferInline,)
    fields = (
        "student",
        "intake",
        "others",
        "position",
        "status",
        "reason",
        "joined_at",
        "ended_at",
        "price_then",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingListEntry]:
        entries = super().get_queryset(request).annotate(before=waiting.before())
        return entries.prefetch_related("offers")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "intake__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("position"))
    def position(self, entry: WaitingListEntry) -> str:
        """Counted from 1, as the student sees it; for those who still wait."""
        before: int = entry.before  # type: ignore[attr-defined]
        return str(before + 1) if entry.is_waiting else "–"

    @admin.display(description=gettext_lazy("place kept until"))
    def offered_until(self, entry: WaitingListEntry) -> str:
        """When the open offer ends."""
        opened = (one for one in entry.offers.all() if one.status == Offer.Status.OPEN)
        return next((moment(one.expires_at) for one in opened), "–")

    @admin.display(description=gettext_lazy("would do as well"))
    def others(self, entry: WaitingListEntry) -> str:
        """The other intakes that the student named."""
        return ", ".join(one.label for one in entry.also.all()) or "–"

    @admin.display(description=gettext_lazy("price when joining"))
    def price_then(self, entry: WaitingListEntry) -> str:
        """The cheapest for anyone on that day."""
        if entry.amount_then is None:
            return "–"
        amount = money(entry.amount_then) if entry.amount_then else _("free")
        return f"{entry.price_name_then}, {amount}"

    # Removing ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        remove = self.admin_site.admin_view(self.remove_view)
        name = "enrolment_waitinglistentry_remove"
        return [path("<path:object_id>/remove/", remove, name=name), *super().get_urls()]

    def remove_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks why, and takes the student off the list."""
        if not request.user.has_perm("enrolment.change_waitinglistentry"):
            raise PermissionDenied
        if not is_key(WaitingListEntry, unquote(object_id)):
            raise Http404
        rows = WaitingListEntry.objects.select_related("student", "intake__course")
        entry = get_object_or_404(rows, pk=unquote(object_id))
        form = RemoveForm(request.POST or None)
        if form.is_valid():
            self._remove(request, entry, form.cleaned_data["reason"])
            address = reverse("admin:enrolment_waitinglistentry_changelist")
            return HttpResponseRedirect(f"{address}?waits_for={entry.intake_id}")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Take %(student)s off the waiting list") % {"student": entry.student},
            "opts": self.opts,
            "entry": entry,
            "form": form,
        }
        return render(request, "admin/enrolment/waitinglistentry/remove.html", context)

    def _remove(self, request: HttpRequest, entry: WaitingListEntry, reason: str) -> None:
        if waiting.remove(entry, reason=reason, at=timezone.now()):
            self.log_change(request, entry, _("Removed: %(reason)s") % {"reason": reason})
            self.message_user(request, _("Removed. The student is told by mail."))
        else:
            self.message_user(request, _("The wait had ended already."), messages.WARNING)
