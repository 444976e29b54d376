"""The admin's list of records, by what people do with them rather than by application."""

from typing import Any, NamedTuple

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from config.admin_words import whole_in_words
from config.record_names import look_up_names


class Group(NamedTuple):
    """A heading, and the records under it in their order, as ``application.model``."""

    key: str
    heading: Any
    models: tuple[str, ...]


SYSTEM = Group(
    "system",
    _("System"),
    (
        "courses.provider",
        "courses.legalpage",
        "auth.group",
        "enrolment.stripeevent",
        "procrastinate.procrastinatejob",
    ),
)
GROUPS = (
    Group(
        "teaching",
        _("Teaching"),
        (
            "glossary.glossary",
            "glossary.term",
            "glossary.draft",
            "glossary.alternativedefinition",
            "glossary.import",
            "glossary.deletedterm",
            "courses.course",
            "courses.lesson",
            "courses.searchinvain",
        ),
    ),
    Group(
        "places",
        _("Intakes and places"),
        (
            "courses.intake",
            "enrolment.enrolment",
            "enrolment.waitinglistentry",
            "enrolment.intakealert",
        ),
    ),
    Group(
        "money",
        _("Money"),
        (
            "enrolment.payment",
            "enrolment.refund",
            "enrolment.dispute",
            "enrolment.document",
            "enrolment.voucherbatch",
            "enrolment.voucher",
        ),
    ),
    Group("people", _("People"), ("accounts.user", "account.emailaddress")),
    SYSTEM,
)


class TermtimeAdminSite(AdminSite):
    """Django's, with the list of records regrouped, and times written as the site writes them."""

    site_header = site_title = "Termtime"
    index_title = _("Today")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Of packages, too, the records tell their times in words."""
        told = whole_in_words(admin_class or ModelAdmin)
        super().register(model_or_iterable, told, **options)

    def password_change(  # type: ignore[override] # a page of Django's is a TemplateResponse
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One's own password is changed where everybody changes theirs."""
        return redirect("account_change_password")

    password_change_done = password_change  # type: ignore[assignment]

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The groups of which the person may see anything; an application's own list as it is.

        A record that no group names is under "System", so that none is ever lost.
        """
        applications: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label:
            return applications
        shown = {
            model["model"]._meta.label_lower: model
            for application in applications
            for model in application["models"]
        }
        named = {label for group in GROUPS for label in group.models}
        others = tuple(label for label in shown if label not in named)
        listed = []
        for group in GROUPS:
            labels = group.models + (others if group is SYSTEM else ())
            models = [shown[label] for label in labels if label in shown]
            if models:
                listed.append({"name": group.heading, "app_label": group.key, "models": models})
        return listed


class AdminConfig(DjangoAdminConfig):
    """Puts it in the place of Django's."""

    default_site = "config.admin_site.TermtimeAdminSite"

    def ready(self) -> None:
        """Before its forms are made, since those ask for names."""
        look_up_names()
        super().ready()
