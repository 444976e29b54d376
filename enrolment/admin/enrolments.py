"""Enrolments in the admin: who is in, who is paying, who was."""

from django.contrib import admin

from courses.templatetags.money import money
from enrolment.admin.read_only import ReadOnly
from enrolment.models import Consent, Enrolment, Payment
from glossary.history_admin import PoliteLists


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
class EnrolmentAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
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
