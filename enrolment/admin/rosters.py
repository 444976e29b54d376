"""Rosters: who is in an intake, as a page and as a file."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import Resource
from import_export.widgets import Widget

from courses.calendar import LONDON
from courses.models import Intake, Reading
from enrolment.admin.acting import gate, page
from enrolment.models import Enrolment, Payment, Refund
from enrolment.spreadsheets import plain

FORMATS = {"csv": CSV, "xlsx": XLSX}


class Text(Widget):
    """Words that people wrote."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Harmless in a cell."""
        return plain(str(value or ""))


class Number(Widget):
    """A number, as a number."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """As it is."""
        return value


class Pounds(Widget):
    """Pence, as pounds that can be added up."""

    def render(self, value: int, obj: Any = None, **kwargs: Any) -> Decimal:
        """With two places."""
        return Decimal(value).scaleb(-2)


class Moment(Widget):
    """A moment as clocks in London show it: spreadsheets know no zones."""

    def render(self, value: datetime | None, obj: Any = None, **kwargs: Any) -> datetime | str:
        """To the second; empty where there is none."""
        if value is None:
            return ""
        return value.astimezone(LONDON).replace(tzinfo=None, microsecond=0)


class RosterResource(Resource):
    """The columns of a roster."""

    name = Field("student__name", "Name", widget=Text())
    email = Field("student__email", "Email", widget=Text())
    status = Field("get_status_display", "Status", widget=Text())
    price_name = Field("price_name", "Price", widget=Text())
    amount = Field("amount", "Price in £", widget=Pounds())
    paid = Field("paid", "Paid in £", widget=Pounds())
    declaration = Field("declaration", "Why a concession", widget=Text())
    company = Field("billing_details__company", "Company", widget=Text())
    lessons_read = Field("lessons_read", "Lessons read", widget=Number())
    enrolled_at = Field("enrolled_at", "Enrolled (London time)", widget=Moment())


def on_the_roster(intake: Intake, *, with_ended: bool = False) -> QuerySet[Enrolment]:
    """Who has or holds a place, by name; with what the columns need, in one query.

    ``paid`` is what came less what has gone back or is on its way, in pence, without money that
    was flagged; ``lessons_read`` how many published lessons of the course were opened.
    ``with_ended`` has those as well whose place came to nothing.
    """
    came = Payment.objects.filter(enrolment=OuterRef("pk"), status="paid", flag="").order_by()
    went = Refund.objects.filter(payment__enrolment=OuterRef("pk"), payment__flag="").order_by()
    read = Reading.objects.filter(
        learner=OuterRef("student"), lesson__course=intake.course_id, lesson__is_published=True
    ).order_by()
    rows = intake.enrolments.all() if with_ended else Enrolment.objects.live().filter(intake=intake)
    return (
        rows.select_related("student", "billing_details")
        .annotate(
            paid=_of_each(came, "enrolment", Sum("amount_received"))
            - _of_each(went.exclude(status="failed"), "payment__enrolment", Sum("amount")),
            lessons_read=_of_each(read, "learner", Count("pk")),
        )
        .order_by("student__name", "student__email", "created_at")
    )


def _of_each(rows: QuerySet[Any], key: str, total: Sum | Count) -> Coalesce:
    found = Subquery(rows.values(key).annotate(total=total).values("total"))
    return Coalesce(found, 0, output_field=IntegerField())


def roster(model_admin: admin.ModelAdmin, request: HttpRequest, intake: int) -> HttpResponse:
    """Who is in an intake, with ways to the file and to each enrolment."""
    gate(request, "enrolment.read_roster")
    found = _intake(intake)
    with_ended = "all" in request.GET
    rows = list(on_the_roster(found, with_ended=with_ended))
    lessons = found.course.lessons.filter(is_published=True).count()
    return page(
        model_admin,
        request,
        template="admin/enrolment/roster.html",
        title=_("Roster of %(intake)s") % {"intake": found},
        intake=found,
        rows=rows,
        lessons=lessons,
        with_ended=with_ended,
        formats=list(FORMATS),
    )


def export(_: admin.ModelAdmin, request: HttpRequest, intake: int, form: str) -> HttpResponse:
    """The roster as a file."""
    gate(request, "enrolment.read_roster")
    if form not in FORMATS:
        raise Http404
    found = _intake(intake)
    data = RosterResource().export(on_the_roster(found, with_ended="all" in request.GET))
    data.title = found.slug
    written = FORMATS[form]()
    content = written.export_data(data)
    if isinstance(content, str):
        content = content.encode("utf-8-sig")  # the mark by which Excel knows UTF-8
    response = HttpResponse(content, content_type=written.get_content_type())
    name = f"roster-{found.course.slug}-{found.slug}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _intake(key: int) -> Intake:
    return get_object_or_404(Intake.objects.select_related("course"), pk=key)
