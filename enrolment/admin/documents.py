"""Receipts, invoices and credit notes in the admin: read, never written."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models.provider import VatTreatment
from courses.templatetags.money import money
from enrolment.admin.read_only import ReadOnly
from enrolment.models import Document
from enrolment.views.documents import as_file
from glossary.history_admin import PoliteLists


class ByVat(admin.SimpleListFilter):
    """Those that are taxed in one way: a document keeps the code of it."""

    title = _("VAT")
    parameter_name = "vat_treatment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return VatTreatment.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = self.value() in VatTreatment.values
        return queryset.filter(vat_treatment=self.value()) if known else queryset


@admin.register(Document)
class DocumentAdmin(ReadOnly, PoliteLists, admin.ModelAdmin):
    """What was issued for money that came and went."""

    list_display = ("reference", "title", "made_out_to", "amount_shown", "issued_at", "file")
    list_filter = ("kind", ByVat, "issued_at")
    list_select_related = ("payment__enrolment__student", "replaced_by")
    search_fields = (
        "number",
        "buyer__company",
        "buyer__name",
        "payment__enrolment__student__email",
        "payment__enrolment__student__name",
    )
    date_hierarchy = "issued_at"
    fields = (
        "reference",
        "title",
        "payment",
        "refund",
        "corrects",
        "replaces",
        "made_out_to",
        "amount_shown",
        "vat_shown",
        "issued_at",
        "file",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """The list, the pages, and the file of each."""
        file = path(
            "<uuid:pk>/pdf/", self.admin_site.admin_view(self.pdf), name="enrolment_document_pdf"
        )
        return [file, *super().get_urls()]

    def pdf(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The document as the student has it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Document.objects.select_related("payment", "corrects", "replaces").filter(pk=pk)
        if (document := found.first()) is None:
            raise Http404
        return as_file(document)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Document], search_term: str
    ) -> tuple[QuerySet[Document], bool]:
        """Understands the numbers people quote: ``INV-000012``."""
        prefix, _, digits = search_term.strip().upper().partition("-")
        kind = {"REC": "receipt", "INV": "invoice", "CN": "credit_note"}.get(prefix)
        if kind and digits.isdecimal() and len(digits) < 10:
            return queryset.filter(kind=kind, number=int(digits)), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("number"), ordering="number")
    def reference(self, document: Document) -> str:
        """As people quote it."""
        return document.reference

    @admin.display(description=_("kind"), ordering="kind")
    def title(self, document: Document) -> str:
        """What it is headed."""
        return document.title

    @admin.display(description=_("made out to"))
    def made_out_to(self, document: Document) -> str:
        """Company, or the student."""
        return document.buyer_lines[0] if document.buyer_lines else "—"

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, document: Document) -> str:
        """In pounds."""
        return money(document.amount)

    @admin.display(description=_("VAT in it"))
    def vat_shown(self, document: Document) -> str:
        """In pounds, where there is any."""
        return money(document.vat_amount) if document.has_vat else "—"

    @admin.display(description=_("file"))
    def file(self, document: Document) -> SafeString:
        """The PDF."""
        address = reverse("admin:enrolment_document_pdf", args=[document.pk])
        replaced = gettext("(replaced)") if document.replacement else ""
        return format_html('<a href="{}">PDF</a> {}', address, replaced)
