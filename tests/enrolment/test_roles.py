"""Roles of staff: what each may open in the admin, and what not."""

import importlib
import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Intake
from enrolment import demo, roles
from enrolment.models import Dispute, Enrolment, Payment, Voucher
from tests.courses.making import enrol
from tests.enrolment.conftest import PASSWORD
from tests.enrolment.leaving import a_batch, a_place

EDITOR, ADMISSIONS, FINANCE = "Content editor", "Admissions", "Finance"

# Which lists each role opens, and to which it may add.
SEES: dict[str, set[str]] = {
    EDITOR: {
        "courses/course",
        "courses/legalpage",
        "courses/lesson",
        "courses/searchinvain",
        "glossary/alternativedefinition",
        "glossary/deletedterm",
        "glossary/draft",
        "glossary/glossary",
        "glossary/import",
        "glossary/passage",
        "glossary/term",
    },
    ADMISSIONS: {
        "courses/course",
        "courses/intake",
        "courses/price",
        "enrolment/dispute",
        "enrolment/enrolment",
        "enrolment/intakealert",
        "enrolment/payment",
        "enrolment/refund",
        "enrolment/waitinglistentry",
    },
    FINANCE: {
        "courses/course",
        "courses/intake",
        "courses/price",
        "courses/provider",
        "enrolment/dispute",
        "enrolment/document",
        "enrolment/enrolment",
        "enrolment/payment",
        "enrolment/refund",
        "enrolment/stripeevent",
        "enrolment/voucher",
        "enrolment/voucherbatch",
    },
}
ADDS: dict[str, set[str]] = {
    EDITOR: {
        "courses/course",
        "courses/legalpage",
        "courses/lesson",
        "glossary/glossary",
        "glossary/import",
        "glossary/term",
    },
    ADMISSIONS: {"courses/intake"},
    FINANCE: {"enrolment/voucherbatch"},
}


@pytest.fixture(autouse=True)
def groups(db: None) -> None:
    # Tests that empty the database, groups and all, may have run before.
    roles.make()


def someone_of(role: str) -> User:
    user = User.objects.create_user(
        f"{role[:4].lower()}@example.org", PASSWORD, name=f"Pat {role}", is_staff=True
    )
    user.groups.add(Group.objects.get(name=role))
    return user


def browser_of(role: str) -> Client:
    browser = Client()
    browser.force_login(someone_of(role), "django.contrib.auth.backends.ModelBackend")
    return browser


def registered() -> set[str]:
    reverse("admin:index")  # the site's addresses take some out again
    return {f"{one._meta.app_label}/{one._meta.model_name}" for one in admin.site._registry}


@pytest.mark.parametrize("role", [EDITOR, ADMISSIONS, FINANCE])
def test_a_role_opens_its_lists_and_no_others(course: Course, role: str) -> None:
    browser = browser_of(role)
    answers = {
        place: browser.get(f"/admin/{place}/", follow=True).status_code for place in registered()
    }
    assert [place for place, status in answers.items() if status not in {200, 403}] == []
    assert {place for place, status in answers.items() if status == 200} == SEES[role]


@pytest.mark.parametrize("role", [EDITOR, ADMISSIONS, FINANCE])
def test_a_role_adds_what_it_may_and_nothing_else(role: str) -> None:
    browser = browser_of(role)
    answers = {place: browser.get(f"/admin/{place}/add/").status_code for place in registered()}
    assert [place for place, status in answers.items() if status not in {200, 403}] == []
    assert {place for place, status in answers.items() if status == 200} == ADDS[role]


@pytest.fixture
def enrolment(alice: User, intake: Intake) -> Enrolment:
    return enrol(alice, intake, price=intake.prices.get())


@pytest.fixture
def payment(enrolment: Enrolment) -> Payment:
    at = enrolment.created_at
    return Payment.objects.create(
        enrolment=enrolment,
        method="elsewhere",
        status="paid",
        amount=9000,
        amount_received=9000,
        created_at=at,
        expires_at=at,
        paid_at=at,
    )


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (EDITOR, set()),
        (ADMISSIONS, {"by-hand", "by-hand-intake", "roster", "csv", "cancel", "lay-out"}),
        (FINANCE, {"refund"}),
    ],
)
def test_what_staff_do_is_for_those_whose_part_it_is(
    intake: Intake, enrolment: Enrolment, payment: Payment, role: str, allowed: set[str]
) -> None:
    addresses = {
        "by-hand": "/admin/enrolment/enrolment/by-hand/",
        "by-hand-intake": f"/admin/enrolment/enrolment/by-hand/{intake.pk}/",
        "roster": f"/admin/enrolment/enrolment/rosters/{intake.pk}/",
        "csv": f"/admin/enrolment/enrolment/rosters/{intake.pk}/csv/",
        "cancel": f"/admin/enrolment/enrolment/{enrolment.pk}/cancel/",
        "refund": f"/admin/enrolment/payment/{payment.pk}/refund/",
        "lay-out": f"/admin/courses/intake/{intake.pk}/lay-out/",
    }
    browser = browser_of(role)
    answers = {name: browser.get(address).status_code for name, address in addresses.items()}
    assert set(answers.values()) <= {200, 403}
    assert {name for name, status in answers.items() if status == 200} == allowed
    for name in addresses.keys() - allowed:
        assert browser.post(addresses[name], {"reason": "x"}).status_code == 403, name
    enrolment.refresh_from_db()
    assert enrolment.is_enrolled
    assert not payment.refunds.exists()


@pytest.mark.parametrize("role", [EDITOR, ADMISSIONS, FINANCE])
def test_only_who_writes_texts_previews_them(role: str) -> None:
    browser = browser_of(role)
    expected = 200 if role == EDITOR else 403
    for address in ("/admin/glossary/passage/preview/", "/admin/courses/legalpage/preview/"):
        assert browser.post(address, {"preview": "x", "x": "tack"}).status_code == expected


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (ADMISSIONS, ["Cancel…", "Roster", "/admin/enrolment/payment/"], ["Refund…"]),
        (FINANCE, ["/admin/enrolment/payment/"], ["Cancel…", "Roster"]),
    ],
)
def test_a_page_offers_what_the_role_may_do(
    enrolment: Enrolment, payment: Payment, role: str, shown: list[str], hidden: list[str]
) -> None:
    page = browser_of(role).get(f"/admin/enrolment/enrolment/{enrolment.pk}/change/").text
    assert [words for words in shown if words not in page] == []
    assert [words for words in hidden if words in page] == []


def test_only_finance_is_offered_a_refund(payment: Payment) -> None:
    address = f"/admin/enrolment/payment/{payment.pk}/change/"
    assert "Refund…" in browser_of(FINANCE).get(address).text
    assert "Refund…" not in browser_of(ADMISSIONS).get(address).text


def test_no_role_touches_accounts_groups_or_the_provider() -> None:
    for role in (EDITOR, ADMISSIONS, FINANCE):
        codes = {code for code in roles.ROLES[role] if not code.startswith(("glossary.", "enrol"))}
        assert not [code for code in codes if code.startswith(("accounts.", "auth."))]
        assert "courses.change_provider" not in codes


def test_every_permission_that_a_role_names_exists() -> None:
    known = {
        f"{one.content_type.app_label}.{one.codename}"
        for one in Permission.objects.select_related("content_type")
    }
    assert [code for codes in roles.ROLES.values() for code in codes if code not in known] == []


def test_the_migration_makes_the_groups_on_an_empty_database_and_twice() -> None:
    Group.objects.all().delete()
    Permission.objects.all().delete()
    migration: Any = importlib.import_module("enrolment.migrations.0004_roles")
    for _ in range(2):
        migration.make_roles(apps, None)
        for name, codes in roles.ROLES.items():
            assert Group.objects.get(name=name).permissions.count() == len(set(codes))


def test_what_a_group_lacks_is_given_and_what_staff_gave_it_stays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    group = Group.objects.get(name=FINANCE)
    extra = Permission.objects.get(codename="view_lesson")
    group.permissions.set([extra])
    call_command("make_roles")
    assert group.permissions.filter(pk=extra.pk).exists()
    assert group.permissions.count() == len(set(roles.ROLES[FINANCE])) + 1
    assert (
        f"Finance: {len(set(roles.ROLES[FINANCE]))} permissions given." in capsys.readouterr().out
    )
    call_command("make_roles")
    assert "Finance: 0 permissions given." in capsys.readouterr().out


def test_the_demo_has_somebody_of_each_role() -> None:
    demo.make_accounts()
    for name, email in (
        (EDITOR, "editor@termtime.example"),
        (ADMISSIONS, "admissions@termtime.example"),
        (FINANCE, "finance@termtime.example"),
    ):
        user = User.objects.get(email=email)
        assert [group.name for group in user.groups.all()] == [name]
        assert user.is_staff
        assert not user.is_superuser


@pytest.mark.django_db(transaction=True)
def test_a_list_of_jobs_that_nothing_answers_shows_them_all(sam: User, client: Client) -> None:
    client.force_login(sam)
    address = "/admin/procrastinate/procrastinatejob/"
    assert client.get(f"{address}?status=nonsense", follow=True).status_code == 200


def test_who_may_only_look_at_jobs_is_offered_nothing_else(client: Client) -> None:
    user = someone_of(FINANCE)
    user.user_permissions.add(Permission.objects.get(codename="view_procrastinatejob"))
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    page = client.get("/admin/procrastinate/procrastinatejob/").text
    assert "Retry Job" not in page


@pytest.mark.parametrize("role", [ADMISSIONS, FINANCE])
def test_an_enrolments_page_links_to_nothing_that_the_role_may_not_see(
    role: str, alice: User, sam: User, intake: Intake
) -> None:
    voucher = Voucher.objects.create(batch=a_batch(), code="TWENTY")
    place = a_place(alice, intake, timezone.now(), voucher=voucher, enrolled_by=sam)
    Dispute.objects.create(
        payment=place.payments.get(),
        stripe_id="dp_1",
        stripe_status="needs_response",
        amount=9000,
        opened_at=timezone.now(),
    )
    browser = browser_of(role)
    page = browser.get(f"/admin/enrolment/enrolment/{place.pk}/change/").text
    assert "Alice Archer" in page
    assert "TWENTY" in page
    links = {link for link in re.findall(r'href="(/admin/[^"?#]+)', page) if "logout" not in link}
    assert len(links) > 5
    assert [link for link in sorted(links) if browser.get(link).status_code >= 400] == []


def test_an_editors_course_leads_to_no_intakes(intake: Intake) -> None:
    browser = browser_of(EDITOR)
    for address in ("", f"{intake.course_id}/change/"):
        page = browser.get(f"/admin/courses/course/{address}").text
        assert "/admin/courses/intake/" not in page
        assert "Deep learning" in page
