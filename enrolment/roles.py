"""What the members of staff may do, by the part they play: a permission group for each."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions

# Ours, and the history's, which lives with the models it is of.
APPLICATIONS = ("accounts", "glossary", "courses", "enrolment")


def _may(application: str, verbs: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{application}.{verb}_{model}" for model in models for verb in verbs.split())


_ALL = "view add change delete"

ROLES: dict[str, tuple[str, ...]] = {
    # Texts, and no money: not even intakes, which have prices in them.
    "Content editor": (
        *_may("glossary", _ALL, "glossary", "term", "alias", "takeaway"),
        *_may("glossary", "view change", "alternativedefinition", "passage"),
        *_may("glossary", "view add change", "draft", "import"),
        "glossary.view_deletedterm",
        "glossary.review_draft",
        *_may("courses", _ALL, "course", "lesson", "legalpage"),
        *_may("courses", "view delete", "searchinvain"),
    ),
    # Who comes, when, and for how much; of the money they see what was paid.
    "Admissions": (
        *_may("courses", "view", "course"),
        *_may("courses", _ALL, "intake", "price"),
        *_may("enrolment", "view", "enrolment", "consent", "historyentry", "move"),
        *_may("enrolment", "view", "payment", "refund", "dispute"),
        *_may("enrolment", "view change", "waitinglistentry", "offer"),
        *_may("enrolment", "view delete", "intakealert"),
        "enrolment.read_roster",
        "enrolment.enrol_by_hand",
        "enrolment.cancel_enrolment",
    ),
    # The money, with everything that explains it, and nothing that moves a place.
    "Finance": (
        *_may("courses", "view", "course", "intake", "price", "provider", "refundtier"),
        *_may("enrolment", "view", "enrolment", "consent", "historyentry", "move"),
        *_may("enrolment", "view", "payment", "refund", "stripeevent", "dispute"),
        *_may("enrolment", "view", "document", "documentseries"),
        *_may("enrolment", "view", "billingdetails"),
        *_may("enrolment", _ALL, "voucherbatch", "voucher"),
        "enrolment.refund_payment",
        "enrolment.reconcile",
    ),
}


def make(apps: Any = installed_apps) -> dict[str, int]:
    """Make the groups where they are missing and give them what they lack; how much, by group.

    Nothing is taken from a group that staff gave it. ``apps`` are those of a migration, where one
    calls this: permissions are made after the last migration, so what it knows of is made first,
    and what a later version names is left for the next time. Running it twice is harmless.
    """
    for application in APPLICATIONS:
        config: AppConfig = installed_apps.get_app_config(application)
        create_permissions(config, verbosity=0, apps=apps)
    group_model, permission_model = (
        apps.get_model("auth", "Group"),
        apps.get_model("auth", "Permission"),
    )
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permission_model.objects.filter(
            content_type__app_label__in=APPLICATIONS
        ).select_related("content_type")
    }
    given = {}
    for name, wanted in ROLES.items():
        group, _ = group_model.objects.get_or_create(name=name)
        has = set(group.permissions.values_list("pk", flat=True))
        lacking = [known[one] for one in wanted if one in known and known[one].pk not in has]
        group.permissions.add(*lacking)
        given[name] = len(lacking)
    return given
