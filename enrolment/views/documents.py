"""What a person was given for their money, and the days for their calendar.

Others' things answer 404.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.moment import SignedInRequest
from enrolment import billing, calendars, documents, printing
from enrolment.billing_form import BillingForm
from enrolment.models import Document, Enrolment, Payment
from enrolment.models.document import Kind

CHANGED_TOO_OFTEN = gettext_lazy(
    "These details have been changed ten times in a day. Look them over, and try again tomorrow."
)


def _document(request: SignedInRequest, pk: str) -> Document:
    mine = Document.objects.filter(payment__enrolment__student=request.user)
    names = ("payment__enrolment", "corrects", "replaces", "replaced_by")
    return get_object_or_404(mine.select_related(*names), pk=pk)


def _enrolment(request: SignedInRequest, pk: str) -> Enrolment:
    mine = Enrolment.objects.filter(student=request.user).select_related("intake__course")
    return get_object_or_404(mine, pk=pk)


@login_required
@never_cache
@require_safe
def document(request: SignedInRequest, pk: str) -> HttpResponse:
    """A receipt, an invoice or a credit note, to read and print."""
    found = _document(request, pk)
    is_current = found.kind == Kind.INVOICE and found.replacement is None
    context = {
        "document": found,
        "enrolment": found.payment.enrolment,
        "can_be_made_out": is_current,
        "lacks_address": is_current and documents.lacks_address(found),
    }
    return render(request, "enrolment/document.html", context)


@login_required
@never_cache
@require_safe
def document_pdf(request: SignedInRequest, pk: str) -> HttpResponse:
    """The same as a file."""
    return as_file(_document(request, pk))


def as_file(found: Document) -> HttpResponse:
    """A document's PDF, named by its number."""
    response = HttpResponse(printing.pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.reference}.pdf"'
    return response


@login_required
@never_cache
@require_safe
def receipt(request: SignedInRequest, pk: str) -> HttpResponse:
    """The receipt for a payment, under the address that mails of old name."""
    mine = Document.objects.filter(payment__enrolment__student=request.user)
    return redirect(get_object_or_404(mine, payment=pk, kind=Kind.RECEIPT))


@login_required
@never_cache
@require_safe
def payment_list(request: SignedInRequest) -> HttpResponse:
    """My payments, what was issued for them and what went back."""
    payments = (
        Payment.objects.filter(enrolment__student=request.user, status=Payment.Status.PAID)
        .order_by("-paid_at")
        .select_related("enrolment__intake__course")
        .prefetch_related("refunds", "documents__replaced_by")
    )
    return render(request, "enrolment/payment_list.html", {"payments": payments})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_billing(request: SignedInRequest, pk: str) -> HttpResponse:
    """Whom the invoice is made out to, before paying or after."""
    enrolment = _enrolment(request, pk)
    if not billing.can_be_said(enrolment):
        raise Http404
    form = BillingForm(request.POST or None, initial=billing.known(enrolment))
    if request.method == "POST" and form.is_valid():
        try:
            issued = billing.change(enrolment, form.details, by=request.user, at=timezone.now())
        except billing.ChangedTooOften:
            form.add_error(None, CHANGED_TOO_OFTEN)
        else:
            messages.success(request, _thanks(issued, enrolment))
            return redirect(issued[0] if issued else enrolment)
    invoice = Document.objects.filter(
        payment__enrolment=enrolment, kind=Kind.INVOICE, replaced_by=None
    ).first()
    context = {"form": form, "enrolment": enrolment, "invoice": invoice}
    status = 422 if form.is_bound else 200
    return render(request, "enrolment/billing.html", context, status=status)


def _thanks(issued: list[Document], enrolment: Enrolment) -> str:
    if issued:
        return _("Saved. Your new invoice is %(number)s.") % {"number": issued[0].reference}
    if enrolment.is_pending:
        return _("Saved. Your invoice will be made out like this once you have paid.")
    return _("Saved.")


@login_required
@never_cache
@require_safe
def enrolment_calendar(request: SignedInRequest, pk: str) -> HttpResponse:
    """The days of the intake, for a calendar; 404 where they are not known."""
    enrolment = _enrolment(request, pk)
    content = calendars.for_enrolment(enrolment)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    name = calendars.file_name(enrolment.intake)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
