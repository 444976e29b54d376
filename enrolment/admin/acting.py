"""Pages on which staff do something to a row: each shows what will happen, and asks for a POST."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from courses.admin.fields import PoundsField


class RefundField(PoundsField):
    """Pounds that go back: unlike a price, any amount."""

    def clean(self, value: Any) -> Any:
        """Pence. Raises ValidationError for what is no amount of money."""
        pounds = forms.DecimalField.clean(self, value)
        return None if pounds is None else int(pounds * 100)


class ReasonField(forms.CharField):
    """A sentence: a box as wide as one."""

    widget = forms.TextInput({"class": "vTextField"})


def gate(request: HttpRequest, permission: str) -> User:
    """Who asks; raises PermissionDenied where they may not."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(permission):
        raise PermissionDenied
    return user


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: what was posted, be it nothing; None where it is only asked for."""
    return request.POST if request.method == "POST" else None


def page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    *,
    title: str,
    template: str = "admin/act.html",
    **context: Any,
) -> HttpResponse:
    """A page of the admin; where it has a form with errors, with the status for that.

    ``admin/act.html`` takes ``form``, ``button``, and if they are to be told ``said`` (sentences),
    ``row`` and ``warning``.
    """
    form = context.get("form")
    whole = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        **context,
    }
    status = 422 if form is not None and form.is_bound and not form.is_valid() else 200
    return render(request, template, whole, status=status)


def back_to(row: Any) -> HttpResponseRedirect:
    """To the row's own page in the admin."""
    options = row._meta
    name = f"admin:{options.app_label}_{options.model_name}_change"
    return HttpResponseRedirect(reverse(name, args=[row.pk]))
