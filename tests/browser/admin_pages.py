"""Every page of the admin: the five that each model has, and those of our own."""

from collections.abc import Iterator

from django.contrib import admin
from django.urls import get_resolver
from simple_history.admin import SimpleHistoryAdmin

from tests.access.test_admin import NEVER_ADDED
from tests.browser.stops import Stop

# Kept for good, or gone with what they belong to.
NEVER_DELETED = {
    "courses/price",
    "courses/provider",
    "enrolment/dispute",
    "enrolment/document",
    "enrolment/enrolment",
    "enrolment/payment",
    "enrolment/refund",
    "enrolment/stripeevent",
    "enrolment/waitinglistentry",
    "glossary/alternativedefinition",
    "glossary/draft",
    "glossary/import",
    "glossary/passage",
    "procrastinate/procrastinatejob",
}

# Each with the row that it is about: ``{courses_intake}`` is the key of one.
OWN = [
    Stop("/admin/", "staff"),
    Stop("/admin/enrolment/dispute/reconciliation/", "staff"),
    Stop("/admin/enrolment/", "staff"),
    Stop("/admin/enrolment/enrolment/by-hand/", "staff"),
    Stop("/admin/enrolment/enrolment/by-hand/{courses_intake}/", "staff", "by-hand-intake"),
    Stop("/admin/enrolment/enrolment/rosters/{courses_intake}/", "staff", "roster"),
    Stop("/admin/enrolment/enrolment/{admitted}/cancel/", "staff", "admin-cancel"),
    Stop("/admin/enrolment/enrolment/{admitted}/move/", "staff", "admin-move"),
    Stop("/admin/enrolment/payment/{paid_payment}/refund/", "staff", "admin-refund"),
    Stop("/admin/enrolment/enrolment/{linked}/paid-elsewhere/", "staff", "admin-paid-elsewhere"),
    Stop("/admin/enrolment/refund/{refund_by_hand}/paid-back/", "staff", "admin-paid-back"),
    Stop("/admin/enrolment/voucherbatch/{enrolment_voucherbatch}/uses/", "staff"),
    Stop("/admin/enrolment/waitinglistentry/{enrolment_waitinglistentry}/remove/", "staff"),
    Stop("/admin/glossary/draft/{a_draft}/review/", "staff", "admin-review"),
    Stop("/admin/glossary/term/{a_term}/versions/1/restore/", "staff", "admin-restore"),
    Stop("/admin/accounts/user/{accounts_user}/password/", "staff"),
    Stop("/admin/courses/intake/{courses_intake}/decision/", "staff", "admin-decision"),
    Stop("/admin/courses/intake/{courses_intake}/lay-out/", "staff", "admin-lay-out"),
    Stop("/admin/courses/intake/{courses_intake}/prices/", "staff", "admin-prices"),
]


def of_every_model() -> Iterator[Stop]:
    """List, add, change, delete and history, as far as staff with every permission get them."""
    assert get_resolver().url_patterns  # which registers what is ours to register
    for model, models_admin in admin.site._registry.items():
        place = f"{model._meta.app_label}/{model._meta.model_name}"
        key = f"{{{model._meta.app_label}_{model._meta.model_name}}}"
        # There is one provider, whose list is that one.
        alone = "courses_provider_change" if place == "courses/provider" else ""
        yield Stop(f"/admin/{place}/", "staff", leads_to=alone)
        yield Stop(f"/admin/{place}/add/", "staff", status=403 if place in NEVER_ADDED else 200)
        yield Stop(f"/admin/{place}/{key}/change/", "staff")
        yield Stop(f"/admin/{place}/{key}/history/", "staff")
        if isinstance(models_admin, SimpleHistoryAdmin):
            then = f"{{then_{model._meta.model_name}}}"
            yield Stop(f"/admin/{place}/{key}/history/{then}/", "staff")
        status = 403 if place in NEVER_DELETED else 200
        yield Stop(f"/admin/{place}/{key}/delete/", "staff", status=status)


ADMIN = [*OWN, *of_every_model()]

# No page, or none that anybody can be sent to alone: each with where it is looked at, or why not.
NOT_LOOKED_AT = {
    "courses_provider_changelist": "leads to the one provider",
    "login": "leads to the site's own door",
    "logout": "is only sent to",
    "password_change": "leads to the account's own",
    "password_change_done": "leads there, too",
    "autocomplete": "rows for a field",
    "jsi18n": "words for scripts",
    "view_on_site": "leads to the site",
    "enrolment_document_pdf": "a file",
    "enrolment_refund_retry": "is only sent to",
    "glossary_import_apply": "is only sent to",
    "glossary_import_decide": "is only sent to",
    "glossary_import_drop": "is only sent to",
    "glossary_import_undo": "is only sent to",
    "glossary_import_document": "a file",
    "glossary_passage_preview": "is only sent to",
    "courses_legalpage_preview": "is only sent to",
    "enrolment_enrolment_roster_export": "a file",
    "enrolment_voucherbatch_export": "a file",
}
