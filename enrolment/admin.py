"""Enrolments and money in the admin. Records of money and webhooks are read, never written."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from courses.templatetags.money import money
from enrolment.models import Consent, Enrolment, IntakeAlert, Payment, Refund, StripeEvent
from glossary.history_admin import HistoryAdmin, PoliteLists


class ReadOnly:
    """What happened is not edited."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False


class PaymentInline(ReadOnly, admin.TabularInline):
    """The payments of one enrolment."""

    model = Payment
    fields = ("reference", "status", "flag", "amount_shown", "created_at", "paid_at")
    readonly_fields = fields
    show_change_link = True
    extra = 0

    @admin.display(description="amount")
    def amount_shown(self, payment: Payment) -> str:
        """In pounds."""
        return money(payment.amount)


class ConsentInline(ReadOnly, admin.TabularInline):
    """What the student agreed to."""

    model = Consent
    fields = ("kind", "version", "wording", "given_at")
    readonly_fields = fields
    extra = 0


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnly, HistoryAdmin):
    """Who is in, who is paying, who was."""

    list_display = ("student", "intake", "status", "price_shown", "created_at", "enrolled_at")
    list_filter = ("status", "intake__course", "created_at")
    list_select_related = ("student", "intake__course")
    search_fields = ("student__email", "student__name", "intake__course__title")
    date_hierarchy = "created_at"
    inlines = (PaymentInline, ConsentInline)
    fields = (
        "student",
        "intake",
        "status",
        "price_name",
        "price_shown",
        "vat_treatment",
        "created_at",
        "enrolled_at",
        "ended_at",
        "lessons_wait_until",
    )
    readonly_fields = fields

    @admin.display(description="price", ordering="amount")
    def price_shown(self, enrolment: Enrolment) -> str:
        """In pounds."""
        return money(enrolment.amount)


class RefundInline(ReadOnly, admin.TabularInline):
    """What went back of one payment."""

    model = Refund
    fields = ("amount", "reason", "status", "stripe_id", "created_at", "done_at")
    readonly_fields = fields
    extra = 0


@admin.register(Payment)
class PaymentAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """Money asked for and received."""

    list_display = ("reference", "student", "intake", "status", "flag", "amount_shown", "paid_at")
    list_filter = ("status", "flag", "created_at")
    list_select_related = ("enrolment__student", "enrolment__intake__course")
    search_fields = (
        "id",
        "session_id",
        "payment_intent_id",
        "enrolment__student__email",
        "enrolment__student__name",
    )
    date_hierarchy = "created_at"
    inlines = (RefundInline,)
    fields = (
        "reference",
        "enrolment",
        "status",
        "flag",
        "amount_shown",
        "amount_received",
        "created_at",
        "expires_at",
        "paid_at",
        "session_id",
        "payment_intent_id",
        "attempt",
        "parameters",
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str
    ) -> tuple[QuerySet[Payment], bool]:
        """Understands the reference people quote: ``TT-`` and ten digits of the key."""
        term = search_term.strip()
        if term.upper().startswith("TT-"):
            digits = term[3:].lower()
            term = f"{digits[:8]}-{digits[8:]}" if len(digits) > 8 else digits
        return super().get_search_results(request, queryset, term)

    @admin.display(description="student", ordering="enrolment__student__email")
    def student(self, payment: Payment) -> str:
        """Whose payment it is."""
        return payment.enrolment.student.email

    @admin.display(description="for", ordering="enrolment__intake__starts_at")
    def intake(self, payment: Payment) -> str:
        """What was paid for."""
        return str(payment.enrolment.intake)

    @admin.display(description="amount", ordering="amount")
    def amount_shown(self, payment: Payment) -> str:
        """In pounds."""
        return money(payment.amount)


@admin.register(Refund)
class RefundAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """Money that went back, or is on its way."""

    list_display = ("payment", "amount_shown", "reason", "status", "created_at", "done_at")
    list_filter = ("status", "created_at")
    list_select_related = ("payment",)
    search_fields = ("stripe_id", "payment__enrolment__student__email")

    @admin.display(description="amount", ordering="amount")
    def amount_shown(self, refund: Refund) -> str:
        """In pounds."""
        return money(refund.amount)


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """What Stripe told us."""

    list_display = ("event_id", "type", "received_at", "processed_at")
    list_filter = ("type", "received_at")
    search_fields = ("event_id", "type")
    date_hierarchy = "received_at"


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

    @admin.display(description="on the site")
    def page(self, alert: IntakeAlert) -> SafeString | Any:
        """The course's page."""
        return format_html('<a href="{}">course</a>', alert.course.get_absolute_url())
