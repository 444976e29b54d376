"""Vouchers in the admin: made in batches, exported, withdrawn, and who has used them."""

import csv
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from courses.admin.fields import PoundsField
from courses.admin.price import prices_by_name
from courses.templatetags.money import money
from enrolment import vouchers
from enrolment.models import Enrolment, Voucher, VoucherBatch
from enrolment.voucher_export import rows
from glossary.history_admin import HistoryAdmin, PoliteLists, is_key

USES_ON_A_PAGE = 200
LETTERS = gettext_lazy("Letters A to Z and digits only.")


class PoundsOffField(PoundsField):
    """Pounds that are taken off; what is left may be less than Stripe takes, and is given away."""

    def clean(self, value: Any) -> Any:
        """Pence."""
        pounds = super(PoundsField, self).clean(value)
        return None if pounds is None else int(pounds * 100)


class BatchForm(forms.ModelForm):
    """The terms of a batch, and how many codes to make with them."""

    amount_off = PoundsOffField(
        label=gettext_lazy("Or pounds off"),
        required=False,
        help_text=gettext_lazy("10 is £10 off."),
    )
    count = forms.IntegerField(
        label=gettext_lazy("How many codes"),
        required=False,
        min_value=0,
        max_value=vouchers.MOST_AT_ONCE,
        help_text=format_lazy(
            gettext_lazy(
                "Made when you save: nobody can guess them, anybody can read them out. "
                "At most {most} at once."
            ),
            most=f"{vouchers.MOST_AT_ONCE:,}",
        ),
    )
    begins_with = forms.CharField(
        label=gettext_lazy("Beginning with"),
        required=False,
        max_length=20,
        validators=[RegexValidator("^[A-Za-z0-9]*$", LETTERS)],
        help_text=gettext_lazy("SPRING makes codes like SPRING-7K2PM-X3QDA. May be left empty."),
    )
    own_code = forms.CharField(
        label=gettext_lazy("Or one code of your own"),
        required=False,
        max_length=40,
        validators=[RegexValidator("^[A-Za-z0-9]{3,}$", LETTERS)],
        help_text=gettext_lazy(
            "WELCOME10, say: short and easy to guess, so give it a window or a limit."
        ),
    )
    limit = forms.IntegerField(
        label=gettext_lazy("Uses of each code"),
        required=False,
        min_value=1,
        max_value=2_147_483_647,
        initial=1,
        help_text=gettext_lazy("In all; left empty, no limit."),
    )

    class Meta:
        model = VoucherBatch
        fields = (
            "name", "percent", "amount_off", "courses", "intakes", "prices", "valid_from",
            "valid_until", "limit_per_person",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "percent" in self.fields:
            self.fields["percent"].validators += [MinValueValidator(1), MaxValueValidator(100)]
        if "prices" in self.fields:
            field = self.fields["prices"]
            assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 the model's
            field.queryset = prices_by_name()

    def clean_own_code(self) -> str:
        """In capitals, and not there yet."""
        code: str = self.cleaned_data["own_code"].upper()
        if code and Voucher.objects.filter(code__iexact=code).exists():
            raise forms.ValidationError(_("There is a voucher with this code already."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("count") and cleaned.get("own_code"):
            self.add_error("own_code", _("Make either so many codes, or one of your own."))
        return cleaned


@admin.register(VoucherBatch)
class VoucherBatchAdmin(HistoryAdmin):
    """A batch: its terms, its codes, and what has become of them."""

    form = BatchForm
    list_display = ("name", "takes_off", "codes", "uses", "valid_from", "valid_until")
    search_fields = ("name",)
    date_hierarchy = "created_at"
    autocomplete_fields = ("courses", "intakes", "prices")
    readonly_fields = ("so_far",)
    actions = ("withdraw",)
    fieldsets = (
        (None, {"fields": ("name", ("percent", "amount_off"), "so_far")}),
        (
            gettext_lazy("Good for"),
            {
                "fields": ("courses", "intakes", "prices"),
                "description": gettext_lazy(
                    "Any one of these that fits will do. "
                    "With none named, the vouchers are good for everything."
                ),
            },
        ),
        (
            gettext_lazy("When, and how often"),
            {"fields": (("valid_from", "valid_until"), "limit_per_person")},
        ),
        (
            gettext_lazy("Make codes"),
            {"fields": (("count", "limit"), ("begins_with", "own_code"))},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoucherBatch]:
        batches = super().get_queryset(request)
        withdrawn = Count("vouchers", filter=Q(vouchers__is_withdrawn=True))
        counted = batches.annotate(
            code_count=Count("vouchers"), use_count=Sum("vouchers__times_used"), gone=withdrawn
        )
        found: QuerySet[VoucherBatch] = counted
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A batch without codes is none."""
        may_make = request.user.has_perm("enrolment.add_voucher")
        return may_make and bool(super().has_add_permission(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Making codes is for those who may add vouchers."""
        fieldsets = super().get_fieldsets(request, obj)
        may_make = request.user.has_perm("enrolment.add_voucher")
        may_change = obj is None or self.has_change_permission(request, obj)
        return fieldsets if may_make and may_change else fieldsets[:-1]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Make the codes that were asked for, with the terms they are good for in place."""
        super().save_related(request, form, formsets, change)
        if not request.user.has_perm("enrolment.add_voucher"):
            return
        asked, batch = form.cleaned_data, form.instance
        if asked.get("own_code"):
            Voucher.objects.create(batch=batch, code=asked["own_code"], limit=asked["limit"])
            self.message_user(
                request, _("The code %(code)s is made.") % {"code": asked["own_code"]}
            )
        elif asked.get("count"):
            made = vouchers.make(
                batch, count=asked["count"], prefix=asked["begins_with"], limit=asked["limit"]
            )
            told = ngettext("%(n)s code made.", "%(n)s codes made.", made)
            self.message_user(request, told % {"n": f"{made:,}"})

    @admin.display(description=gettext_lazy("takes off"))
    def takes_off(self, batch: VoucherBatch) -> str:
        return f"{batch.percent}%" if batch.percent else money(batch.amount_off)

    @admin.display(description=gettext_lazy("codes"), ordering="code_count")
    def codes(self, batch: Any) -> str:
        told = {"number": f"{batch.code_count:,}", "gone": batch.gone}
        return _("%(number)s, %(gone)s withdrawn") % told if batch.gone else told["number"]

    @admin.display(description=gettext_lazy("uses"), ordering="use_count")
    def uses(self, batch: Any) -> int:
        return batch.use_count or 0

    @admin.display(description=gettext_lazy("codes and uses"))
    def so_far(self, batch: Any) -> SafeString | str:
        """How many there are, with the way to them."""
        if batch.pk is None:
            return _("none yet")
        listed = reverse("admin:enrolment_voucher_changelist")
        return format_html(
            _('<a href="{}?batch__id__exact={}">Codes: {}</a>, uses: {}'),
            listed, batch.pk, self.codes(batch), self.uses(batch),
        )  # fmt: skip

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Who may change vouchers may withdraw them."""
        return request.user.has_perm("enrolment.change_voucher")

    @admin.action(
        description=gettext_lazy("Withdraw every code of the chosen batches"),
        permissions=["withdraw"],
    )
    def withdraw(self, request: HttpRequest, queryset: QuerySet[VoucherBatch]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        standing = Voucher.objects.filter(batch__in=keys, is_withdrawn=False)
        changed = standing.update(is_withdrawn=True)
        self.message_user(
            request,
            ngettext("%(count)s code withdrawn.", "%(count)s codes withdrawn.", changed)
            % {"count": changed},
        )

    # Export and uses -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        export, uses = map(self.admin_site.admin_view, (self.export_view, self.uses_view))
        return [
            path("<path:object_id>/export/", export, name="enrolment_voucherbatch_export"),
            path("<path:object_id>/uses/", uses, name="enrolment_voucherbatch_uses"),
            *super().get_urls(),
        ]

    def _batch(self, request: HttpRequest, object_id: str, *permissions: str) -> VoucherBatch:
        may = request.user.has_perms([f"enrolment.{name}" for name in permissions])
        if not may or not self.has_view_permission(request):
            raise PermissionDenied
        key = unquote(object_id)
        if not is_key(VoucherBatch, key):
            raise Http404
        return get_object_or_404(VoucherBatch, pk=key)

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Every code of a batch as CSV."""
        batch = self._batch(request, object_id, "view_voucher")
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="vouchers-{batch.pk}.csv"'
        csv.writer(response).writerows(rows(batch))
        return response

    def uses_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who has used the codes of a batch, the newest first."""
        batch = self._batch(request, object_id, "view_voucher", "view_enrolment")
        used = Enrolment.objects.filter(voucher__batch=batch).order_by("-created_at")
        page = Paginator(
            used.select_related("student", "intake__course", "voucher"), USES_ON_A_PAGE
        ).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Who used %(batch)s") % {"batch": batch},
            "opts": self.opts,
            "batch": batch,
            "page": page,
        }
        return render(request, "admin/enrolment/voucherbatch/uses.html", context)


class VoucherForm(forms.ModelForm):
    """What can be changed of one code."""

    class Meta:
        model = Voucher
        fields = ("limit", "is_withdrawn")

    def clean_limit(self) -> int | None:
        """Not below what has been used; nobody uses the code while this is decided."""
        limit: int | None = self.cleaned_data["limit"]
        locked = Voucher.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
        if limit is not None and limit < locked.times_used:
            raise forms.ValidationError(
                ngettext(
                    "It has been used %(count)s time already.",
                    "It has been used %(count)s times already.",
                    locked.times_used,
                )
                % {"count": locked.times_used}
            )
        return limit


@admin.register(Voucher)
class VoucherAdmin(PoliteLists, admin.ModelAdmin):
    """The codes. They are made with their batch; here they are looked up and withdrawn."""

    form = VoucherForm
    list_display = ("code", "batch", "times_used", "limit", "is_withdrawn")
    list_filter = ("is_withdrawn",)
    list_select_related = ("batch",)
    list_per_page = 200
    search_fields = ("code", "batch__name")
    actions = ("withdraw", "allow_again")
    fields = ("code", "batch", "times_used", "limit", "is_withdrawn", "used_by")
    readonly_fields = ("code", "batch", "times_used", "used_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Codes are made with their batch."""
        return False

    def save_model(self, request: HttpRequest, obj: Voucher, form: Any, change: bool) -> None:
        """Never the counter, which moves while people enrol."""
        obj.save(update_fields=["limit", "is_withdrawn"])

    @admin.display(description=gettext_lazy("used by"))
    def used_by(self, voucher: Voucher) -> SafeString | str:
        """Whose places were booked with it."""
        used = voucher.enrolments.select_related("student", "intake__course")[:USES_ON_A_PAGE]
        name = "admin:enrolment_enrolment_change"
        lines = [(reverse(name, args=[one.pk]), one, one.get_status_display()) for one in used]
        return format_html_join("", '<p><a href="{}">{}</a>: {}</p>', lines) or _("nobody")

    @admin.action(description=gettext_lazy("Withdraw the chosen codes"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> None:
        changed = queryset.filter(is_withdrawn=False).update(is_withdrawn=True)
        self.message_user(
            request,
            ngettext("%(count)s code withdrawn.", "%(count)s codes withdrawn.", changed)
            % {"count": changed},
            messages.SUCCESS,
        )

    @admin.action(
        description=gettext_lazy("Let the chosen codes be used again"), permissions=["change"]
    )
    def allow_again(self, request: HttpRequest, queryset: QuerySet[Voucher]) -> None:
        changed = queryset.filter(is_withdrawn=True).update(is_withdrawn=False)
        self.message_user(
            request, _("%(changed)s can be used again.") % {"changed": changed}, messages.SUCCESS
        )
