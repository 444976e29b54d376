"""Money and webhooks in the admin: read, never written; what goes back is begun here."""

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from courses.templatetags.money import money
from enrolment import refunding
from enrolment.admin import refunds
from enrolment.admin.read_only import ReadOnly
from enrolment.models import Payment, Refund, StripeEvent
from glossary.history_admin import PoliteLists


class RefundInline(ReadOnly, admin.TabularInline):
    """What went back of one payment."""

    model = Refund
    fields = ("amount_shown", "reason", "by", "status", "stripe_id", "created_at", "done_at")
    readonly_fields = fields
    show_change_link = True
    extra = 0

    @admin.display(description=_("amount"))
    def amount_shown(self, refund: Refund) -> str:
        """In pounds."""
        return money(refund.amount)


@admin.register(Payment)
class PaymentAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """Money asked for and received."""

    list_display = (
        "reference", "student", "intake", "method", "status", "flag", "amount_shown", "paid_at",
    )  # fmt: skip
    list_filter = ("status", "method", "flag", "created_at")
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
    view_on_site = False
    fields = (
        "reference",
        "enrolment",
        "method",
        "note",
        "status",
        "flag",
        "amount_shown",
        "received",
        "left",
        "created_at",
        "expires_at",
        "paid_at",
        "session_id",
        "payment_intent_id",
        "attempt",
        "parameters",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """What staff do; before the addresses of single rows, which take any word for a key."""
        refund = self.admin_site.admin_view(partial(refunds.refund, self))
        name = "enrolment_payment_refund"
        return [path("<uuid:pk>/refund/", refund, name=name), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str
    ) -> tuple[QuerySet[Payment], bool]:
        """Understands the reference people quote: ``TT-`` and ten digits of the key."""
        term = search_term.strip()
        if term.upper().startswith("TT-"):
            digits = term[3:].lower()
            term = f"{digits[:8]}-{digits[8:]}" if len(digits) > 8 else digits
        return super().get_search_results(request, queryset, term)

    @admin.display(description=_("reference"))
    def reference(self, payment: Payment) -> str:
        """As people quote it."""
        return payment.reference

    @admin.display(description=_("student"), ordering="enrolment__student__email")
    def student(self, payment: Payment) -> str:
        """Whose payment it is."""
        return payment.enrolment.student.email

    @admin.display(description=_("for"), ordering="enrolment__intake__starts_at")
    def intake(self, payment: Payment) -> str:
        """What was paid for."""
        return str(payment.enrolment.intake)

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, payment: Payment) -> str:
        """In pounds."""
        return money(payment.amount)

    @admin.display(description=_("received"))
    def received(self, payment: Payment) -> str:
        """In pounds."""
        return money(payment.amount_received)

    @admin.display(description=_("left to give back"))
    def left(self, payment: Payment) -> str:
        """In pounds."""
        return money(refunding.refundable(payment))


@admin.register(Refund)
class RefundAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """Money that went back, or is on its way."""

    list_display = ("payment", "amount_shown", "reason", "status", "created_at", "done_at")
    list_filter = ("status", "created_at")
    list_select_related = ("payment",)
    search_fields = ("stripe_id", "payment__enrolment__student__email")
    fields = (
        "payment", "amount_shown", "reason", "by", "status", "created_at", "done_at", "note",
        "stripe_id", "attempt",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """What staff do; before the addresses of single rows, which take any word for a key."""
        view = self.admin_site.admin_view
        again, done = partial(refunds.retry, self), partial(refunds.mark_done, self)
        return [
            path("<uuid:pk>/retry/", view(again), name="enrolment_refund_retry"),
            path("<uuid:pk>/paid-back/", view(done), name="enrolment_refund_paid_back"),
            *super().get_urls(),
        ]

    @admin.display(description=_("amount"), ordering="amount")
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
