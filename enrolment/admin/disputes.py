"""Disputes in the admin: what the bank says, until when it wants an answer, and what follows."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from courses.templatetags.dates import deadline, moment
from courses.templatetags.money import money
from enrolment import disputing
from enrolment.admin import checking
from enrolment.admin.read_only import ReadOnly
from enrolment.models import Dispute, Enrolment
from glossary.history_admin import PoliteLists

OPEN_LESSONS = "enrolment.cancel_enrolment"


def due(dispute: Dispute) -> str:
    """Until when the bank takes an answer, in words."""
    due_at = dispute.evidence_due_at
    if not dispute.is_open or due_at is None:
        return _("the bank takes no answer") if dispute.is_open else "–"
    until = deadline(due_at)
    if dispute.stripe_status.endswith("under_review"):
        return _("%(moment)s (answered)") % {"moment": until}
    past = due_at <= timezone.now()
    return _("%(moment)s (past)") % {"moment": until} if past else until


def told(enrolment: Enrolment) -> SafeString:
    """The disputes of an enrolment, each with its deadline, for the enrolment's own page."""
    disputes = Dispute.objects.filter(payment__enrolment=enrolment).order_by("opened_at")
    lines = [
        (
            reverse("admin:enrolment_dispute_change", args=[dispute.pk]),
            money(dispute.amount),
            _("open; evidence due by %(moment)s") % {"moment": due(dispute)}
            if dispute.is_open
            else dispute.get_outcome_display(),
        )
        for dispute in disputes
    ]
    return format_html_join(SafeString("<br>"), '<a href="{}">{}</a>: {}', lines) or SafeString("–")


@admin.register(Dispute)
class DisputeAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """What was disputed; the most urgent first. The page that reconciles is here, too."""

    list_display = (
        "student", "amount_shown", "reason_shown", "outcome", "status", "due", "lessons",
        "opened_at",
    )  # fmt: skip
    list_filter = ("outcome", "opened_at")
    list_select_related = (
        "payment__enrolment__student", "payment__enrolment__intake__course",
    )  # fmt: skip
    search_fields = (
        "stripe_id",
        "payment__payment_intent_id",
        "payment__enrolment__student__email",
        "payment__enrolment__student__name",
    )
    ordering = (F("closed_at").desc(nulls_first=True), "evidence_due_at", "-opened_at")
    date_hierarchy = "opened_at"
    actions = ("open_lessons",)
    change_list_template = "admin/enrolment/reconciliation_disputes.html"
    fields = (
        "student", "enrolment", "payment", "amount_shown", "reason_shown", "outcome",
        "status", "due", "opened_at", "closed_at", "lessons", "agreed", "stripe_id",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """The page that reconciles, before what Django takes for a key."""
        page = self.admin_site.admin_view(self.reconciliation_view)
        return [path("reconciliation/", page, name="enrolment_reconciliation"), *super().get_urls()]

    def reconciliation_view(self, request: HttpRequest) -> HttpResponse:
        """What disagrees, and the buttons that repair it."""
        return checking.reconciliation(self, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with the way to the page that reconciles for those who may use it."""
        may = request.user.has_perm(checking.PERMISSION)
        return super().changelist_view(request, {**(extra_context or {}), "may_reconcile": may})

    @admin.display(
        description=gettext_lazy("student"), ordering="payment__enrolment__student__email"
    )
    def student(self, dispute: Dispute) -> str:
        """Whose bank it is."""
        return dispute.payment.enrolment.student.get_full_name()

    @admin.display(description=gettext_lazy("enrolment"))
    def enrolment(self, dispute: Dispute) -> SafeString:
        """What was paid for."""
        enrolment = dispute.payment.enrolment
        address = reverse("admin:enrolment_enrolment_change", args=[enrolment.pk])
        return format_html('<a href="{}">{}</a>', address, enrolment.intake)

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def amount_shown(self, dispute: Dispute) -> str:
        """In pounds."""
        return money(dispute.amount)

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def reason_shown(self, dispute: Dispute) -> str:
        """Stripe's word for it, readable."""
        asks = _(" (the bank only asks)") if dispute.is_inquiry else ""
        return f"{dispute.why}{asks}"

    @admin.display(description=gettext_lazy("status at Stripe"), ordering="stripe_status")
    def status(self, dispute: Dispute) -> str:
        """Stripe's word for how far it is, readable."""
        return dispute.stripe_status.replace("_", " ")

    @admin.display(description=gettext_lazy("evidence due by"), ordering="evidence_due_at")
    def due(self, dispute: Dispute) -> str:
        """Until when the bank takes an answer, where it still does."""
        return due(dispute)

    @admin.display(description=gettext_lazy("lessons"))
    def lessons(self, dispute: Dispute) -> str:
        """Whether the learner may read."""
        enrolment = dispute.payment.enrolment
        if not enrolment.is_enrolled:
            return enrolment.get_status_display()
        return _("closed") if enrolment.suspended_at else _("open")

    @admin.display(description=gettext_lazy("agreed to by the student"))
    def agreed(self, dispute: Dispute) -> str:
        """The consents, which are evidence."""
        consents = dispute.payment.enrolment.consents.order_by("kind")
        told = [f"“{one.wording}” ({one.version}, {moment(one.given_at)})" for one in consents]
        return "\n".join(told) or _("no consent was given")

    @admin.action(description=gettext_lazy("Open the lessons again, though the dispute was lost"))
    def open_lessons(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Staff decide that a learner may read on."""
        user = request.user
        if not isinstance(user, User) or not user.has_perm(OPEN_LESSONS):
            raise PermissionDenied
        chosen = {dispute.payment.enrolment for dispute in queryset}
        at = timezone.now()
        opened = [one for one in chosen if disputing.open_lessons_again(one, by=user, at=at)]
        said = _("Lessons opened again: %(opened)s of %(chosen)s.") % {
            "opened": len(opened),
            "chosen": len(chosen),
        }
        level = messages.SUCCESS if len(opened) == len(chosen) else messages.WARNING
        self.message_user(request, said, level)
