"""The page that holds Stripe, payments, places and access against each other.

It shows what ``manage.py reconcile --check`` lists, with a button for each repair.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from enrolment import disputing, payments, reconciling, refunding, repairing
from enrolment.at_stripe import short
from enrolment.checking import Disagreement

PERMISSION = "enrolment.reconcile"
DAYS = (2, 7, 30)


class DaysForm(forms.Form):
    """How far back Stripe is asked; two days where nothing else is said."""

    days = forms.TypedChoiceField(choices=[(days, days) for days in DAYS], coerce=int)


class RepairForm(forms.Form):
    """What is to be repaired, or to be left as it is."""

    repair = forms.ChoiceField(choices=[(name, name) for name in repairing.REPAIRS], required=False)
    key = forms.CharField(max_length=255, required=False)
    leave = forms.CharField(max_length=300, required=False)


def reconciliation(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Shows what disagrees now; a POST repairs one thing, or all that is safe, and shows again."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(PERMISSION):
        raise PermissionDenied
    days_form = DaysForm(request.GET)
    days = days_form.cleaned_data["days"] if days_form.is_valid() else DAYS[0]
    at, look_back = timezone.now(), timedelta(days=days)
    if request.method == "POST":
        if "all" in request.POST:
            _repair_all(request, user, at=at, look_back=look_back)
        else:
            _act(request, user, at=at, look_back=look_back)
        return HttpResponseRedirect(request.get_full_path())
    report = reconciling.find(at=at, look_back=look_back)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Reconciliation"),
        "opts": model_admin.opts,
        "at": at,
        "days": days,
        "choices": DAYS,
        "problems": report.problems,
        "rows": [_row(one) for one in report.left],
        "any_safe": any(reconciling.is_safe(one) for one in report.left),
        "address": reverse("admin:enrolment_reconciliation"),
    }
    return render(request, "admin/enrolment/reconciliation.html", context)


def _row(one: Disagreement) -> dict[str, Any]:
    label = repairing.REPAIRS[one.repair].label if one.repair else ""
    return {"one": one, "button": label, "is_safe": reconciling.is_safe(one)}


def _repair_all(request: HttpRequest, user: User, *, at: datetime, look_back: timedelta) -> None:
    report = reconciling.reconcile(at=at, look_back=look_back, by=user)
    count = len(report.repaired)
    messages.success(
        request,
        _("%(count)s repaired.") % {"count": count} if count else _("Nothing could be repaired."),
    )


def _act(request: HttpRequest, user: User, *, at: datetime, look_back: timedelta) -> None:
    form = RepairForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such repair."))
    elif form.cleaned_data["leave"]:
        _leave(request, form.cleaned_data["leave"], user, at=at, look_back=look_back)
    else:
        _repair(request, form.cleaned_data["repair"], form.cleaned_data["key"], user, at=at)


def _repair(request: HttpRequest, name: str, key: str, user: User, *, at: datetime) -> None:
    try:
        repairing.repair(name, key, at=at, by=user)
    except payments.PaymentsError as error:
        messages.error(request, _("Stripe did not do it: %(reason)s") % {"reason": short(error)})
    except disputing.PaymentDisputed as error:
        messages.error(request, str(error))
    except refunding.RefundTooLarge:
        messages.error(request, _("The money has gone back in another way already."))
    except IntegrityError:
        # A place cannot be freed that is not counted as held.
        messages.error(request, _("The places are miscounted: correct the numbers first."))
    except (ObjectDoesNotExist, ValidationError, ValueError, KeyError):
        messages.warning(request, _("It is not there any more."))
    else:
        messages.success(request, _("Done. What is shown now is how it stands."))


def _leave(
    request: HttpRequest, mark: str, user: User, *, at: datetime, look_back: timedelta
) -> None:
    """Only what is shown, and may stay, can be left as it is."""
    shown = reconciling.find(at=at, look_back=look_back).left
    one = next((one for one in shown if one.mark == mark and one.may_stay), None)
    if one is None or one.enrolment is None:
        messages.warning(request, _("It is not there any more."))
        return
    repairing.leave(one.mark, one.enrolment, by=user, at=at)
    messages.success(request, _("It stays as it is, and is not shown again."))
