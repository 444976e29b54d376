"""Enrolments in the admin: who is in, who is paying, who was, and how it came about."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from courses.models import Course
from courses.templatetags.dates import moment
from courses.templatetags.money import money
from courses.vat import vat_note
from enrolment import history
from enrolment.admin import by_hand, disputes, leaving, moving, rosters
from enrolment.admin.read_only import ReadOnly
from enrolment.models import BillingDetails, Consent, Enrolment, Payment
from glossary.history_admin import PoliteLists

# A filter by course is a list of links; past so many courses the search is the better way.
MANY_COURSES = 40


class PaymentInline(ReadOnly, admin.TabularInline):
    """The payments of one enrolment."""

    model = Payment
    fields = ("reference", "method", "status", "flag", "amount_shown", "created_at", "paid_at")
    readonly_fields = fields
    show_change_link = True
    view_on_site = False
    extra = 0

    @admin.display(description=gettext_lazy("reference"))
    def reference(self, payment: Payment) -> str:
        """As people quote it."""
        return payment.reference

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, payment: Payment) -> str:
        """In pounds."""
        return money(payment.amount)


class ConsentInline(ReadOnly, admin.TabularInline):
    """What the student agreed to."""

    model = Consent
    fields = ("kind", "version", "wording", "given_at")
    readonly_fields = fields
    extra = 0


class BillingInline(ReadOnly, admin.StackedInline):
    """Whom the invoice is made out to."""

    model = BillingDetails
    fields = ("company", "address", "vat_number", "order_number")
    readonly_fields = fields
    extra = 0


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """Who is in, who is paying, who was; with what staff can do about it."""

    list_display = ("student", "intake", "status", "price_shown", "created_at", "enrolled_at")
    list_select_related = ("student", "intake__course")
    search_fields = ("student__email", "student__name", "intake__course__title")
    date_hierarchy = "created_at"
    inlines = (PaymentInline, BillingInline, ConsentInline)
    view_on_site = False
    fieldsets = (
        (None, {"fields": ("student", "intake", "status", "price_shown", "vat_shown")}),
        (gettext_lazy("History"), {"fields": ("told",)}),
        (
            gettext_lazy("Agreed"),
            {"fields": ("price_name", "taken_off", "voucher", "declaration", "enrolled_by")},
        ),
        (
            gettext_lazy("Dates"),
            {
                "fields": (
                    "created_at",
                    "held_until",
                    "enrolled_at",
                    "ended_at",
                    "lessons_wait_until",
                    "suspended_at",
                    "disputed",
                )
            },
        ),
    )
    readonly_fields = ("price_shown", "vat_shown", "told", "taken_off", "disputed")

    def get_urls(self) -> list[URLPattern]:
        """What staff do; before the addresses of single rows, which take any word for a key."""

        def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            address = self.admin_site.admin_view(partial(view, self))
            return path(route, address, name=f"enrolment_enrolment_{name}")

        return [
            page("by-hand/", by_hand.choose, "by_hand"),
            page("by-hand/<int:intake>/", by_hand.enrol, "enrol_by_hand"),
            page("rosters/<int:intake>/", rosters.roster, "roster"),
            page("rosters/<int:intake>/<slug:form>/", rosters.export, "roster_export"),
            page("<uuid:pk>/cancel/", leaving.cancel, "cancel"),
            page("<uuid:pk>/move/", moving.move, "move"),
            page("<uuid:pk>/paid-elsewhere/", by_hand.receive, "paid_elsewhere"),
            *super().get_urls(),
        ]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """By course only while its courses fit beside the list."""
        filters: list[Any] = ["status", "created_at"]
        if Course.objects.all()[: MANY_COURSES + 1].count() <= MANY_COURSES:
            filters.insert(1, "intake__course")
        return filters

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The link from an intake leads to its enrolments."""
        known = lookup in {"intake__id__exact", "intake__course__id__exact"}
        return known or super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("disputes"))
    def disputed(self, enrolment: Enrolment) -> SafeString:
        """What a bank took back, and until when it wants an answer."""
        return disputes.told(enrolment)

    @admin.display(description=gettext_lazy("price"), ordering="amount")
    def price_shown(self, enrolment: Enrolment) -> str:
        """In pounds."""
        return money(enrolment.amount)

    @admin.display(description=gettext_lazy("VAT"))
    def vat_shown(self, enrolment: Enrolment) -> str:
        """As beside the price on the site."""
        treatment, rate = enrolment.vat_treatment, enrolment.vat_rate
        return vat_note(amount=enrolment.amount, treatment=treatment, rate=rate) or "–"

    @admin.display(description=gettext_lazy("taken off"))
    def taken_off(self, enrolment: Enrolment) -> str:
        """In pounds; by a voucher, or by staff."""
        return money(enrolment.discount) if enrolment.discount else "–"

    @admin.display(description=gettext_lazy("what happened"))
    def told(self, enrolment: Enrolment) -> SafeString:
        """Its history in sentences, the oldest first."""
        lines = (
            (moment(sentence.when), sentence.text) for sentence in history.sentences(enrolment)
        )
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{} · {}</li>", lines))
