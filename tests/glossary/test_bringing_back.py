"""Deleted terms: what is kept of them, and how they come back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from glossary import editing, saving
from glossary.bringing_back import bring_back
from glossary.importing.applying import apply, new_record
from glossary.importing.planning import plan_import
from glossary.importing.undoing import undo
from glossary.models import DeletedTerm, Glossary, Import, Term, Version
from glossary.versions import content_of
from tests.glossary.writing import (
    MOMENT,
    a_glossary,
    a_term,
    a_text,
    rewrite,
    run_jobs,
    sailing,
)

pytestmark = pytest.mark.django_db
LATER = MOMENT + timedelta(days=1)


def deleted(term: Term, by: User | None = None) -> DeletedTerm:
    """The term as it is kept once it is deleted."""
    editing.delete_term(Term.objects.get(pk=term.pk), at=LATER, by=by)
    return DeletedTerm.objects.latest("pk")


def history(term: Term) -> list[tuple[int, str, str, User | None]]:
    versions = term.versions.select_related("by").order_by("number")
    return [(one.number, one.what, one.said.definition, one.by) for one in versions]


def test_a_deleted_term_comes_back_as_it_was_with_its_versions(ann: User, ben: User) -> None:
    glossary = a_glossary()
    a_term(glossary, "Gybe")
    term = a_term(glossary, aliases=["Go about"], see_also=("Gybe",), formula="x^2", slug="turn")
    editing.save_term(term, content_of(rewrite(term, definition="Anew.")), at=MOMENT, by=ann)
    said, before = content_of(term), history(term)
    kept = deleted(term, by=ann)
    assert (kept.name, kept.glossary, kept.by, kept.at) == ("Tack", glossary, ann, LATER)
    assert not Version.objects.filter(term=term.pk).exists()
    again = bring_back(kept, by=ben, at=LATER)
    assert content_of(again) == said
    assert (again.slug, again.is_published) == ("turn", True)
    assert history(again) == [*before, (3, "restored", "Anew.", ben)]
    kept.refresh_from_db()
    assert (kept.brought_back_by, kept.brought_back_at, kept.versions) == (ben, LATER, [])


def test_links_to_it_come_back_too(ann: User) -> None:
    glossary = a_glossary()
    term = a_term(glossary)
    text = a_text(glossary, "They tack now.")
    kept = deleted(term)
    run_jobs()
    text.refresh_from_db()
    assert "<a" not in text.linked_html
    bring_back(kept, by=ann, at=LATER)
    run_jobs()
    text.refresh_from_db()
    assert 'href="/glossary/sailing/tack/"' in text.linked_html


def test_its_old_and_its_former_addresses_lead_to_it_again(client: Client, ann: User) -> None:
    glossary = a_glossary()
    term = a_term(glossary, slug="former")
    term.slug = "latter"
    rewrite(term)
    kept = deleted(term)
    assert client.get("/glossary/sailing/former/").status_code == 404
    bring_back(kept, by=ann, at=LATER)
    assert client.get("/glossary/sailing/latter/").status_code == 200
    assert client.get("/glossary/sailing/former/")["Location"] == "/glossary/sailing/latter/"


def test_what_was_taken_meanwhile_stays_whose_it_is(client: Client, ann: User) -> None:
    glossary = a_glossary()
    term = a_term(glossary, slug="former")
    term.slug = "latter"
    rewrite(term)
    kept = deleted(term)
    a_term(glossary, "Other", slug="latter")
    third = a_term(glossary, "Third", slug="former")
    third.slug = "third"
    rewrite(third)
    again = bring_back(kept, by=ann, at=LATER)
    assert again.slug == "tack"
    assert client.get("/glossary/sailing/former/")["Location"] == "/glossary/sailing/third/"


def test_a_name_that_is_taken_is_told_and_nothing_changes(ann: User) -> None:
    glossary = a_glossary()
    kept = deleted(a_term(glossary))
    a_term(glossary, "tack")
    with pytest.raises(editing.CannotSave, match="a term with this name already"):
        bring_back(kept, by=ann, at=LATER)
    kept.refresh_from_db()
    assert kept.versions
    assert Term.objects.count() == 1


def test_it_comes_back_once_and_after_another_deletion_again(ann: User) -> None:
    kept = deleted(a_term(a_glossary(), is_published=False))
    again = bring_back(kept, by=ann, at=LATER)
    assert not again.is_published
    with pytest.raises(editing.CannotSave, match="brought back already"):
        bring_back(kept, by=ann, at=LATER)
    third = bring_back(deleted(again), by=ann, at=LATER)
    assert [number for number, *_ in history(third)] == [1, 2, 3]


def test_whoever_wrote_a_version_and_is_gone_is_left_out(ann: User, ben: User) -> None:
    term = a_term(a_glossary())
    editing.save_term(term, content_of(rewrite(term, definition="A.")), at=MOMENT, by=ann)
    Version.objects.update(by=ann)
    kept = deleted(term, by=ann)
    ann.delete()
    kept.refresh_from_db()
    assert kept.by is None
    assert {by for *_, by in history(bring_back(kept, by=ben, at=LATER))[:-1]} == {None}


def test_what_undoing_an_import_deletes_can_be_brought_back(ann: User) -> None:
    plan = plan_import(sailing(), slug="sailing")
    apply(plan, new_record(plan, name="s.txt", data=b"x", at=MOMENT), at=MOMENT)
    number = Term.objects.count()
    undo(Import.objects.get(), at=LATER, by=ann)
    assert not Term.objects.exists()
    assert DeletedTerm.objects.filter(by=ann).count() == number
    kept = DeletedTerm.objects.earliest("pk")
    again = bring_back(kept, by=ann, at=LATER)
    assert again.versions.get(number=1).document == Import.objects.get()


def test_more_terms_are_set_aside_by_no_more_queries() -> None:
    glossary = a_glossary()

    def cost(number: int) -> int:
        terms = [a_term(glossary, f"Term {one}") for one in range(number)]
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            saving.delete_terms(editing.lock(glossary), terms, at=LATER)
        return sum("deletedterm" in one["sql"] or "version" in one["sql"] for one in asked)

    assert cost(2) == cost(9)
    assert DeletedTerm.objects.count() == 11


def test_a_deleted_glossary_takes_them_along() -> None:
    glossary = a_glossary()
    deleted(a_term(glossary))
    editing.delete_glossary(glossary)
    assert not DeletedTerm.objects.exists()


# In the admin ------------------------------------------------------------------------------------


def test_staff_see_what_was_deleted_by_whom_and_when_and_bring_it_back(
    staff: Client, ann: User
) -> None:
    term = a_term(a_glossary())
    rewrite(term, definition="Said anew.")
    staff.post(f"/admin/glossary/term/{term.pk}/delete/", {"post": "yes"})
    kept = DeletedTerm.objects.get()
    assert kept.by == ann
    listed = staff.get("/admin/glossary/deletedterm/").text
    address = f"/admin/glossary/deletedterm/{kept.pk}/change/"
    assert address in listed
    page = staff.get(address).text
    assert "Deleted from Sailing by ann@example.org" in page
    assert "<dd>Said anew. </dd>" in page
    assert "<del>To turn the bow through the wind.</del>" in page
    after = staff.post(address, follow=True)
    assert "Tack is back." in after.text
    assert after.request["PATH_INFO"] == f"/admin/glossary/term/{Term.objects.get().pk}/change/"
    page = staff.get(address).text
    assert "Brought back by ann@example.org" in page
    assert "Bring back" not in page
    assert "brought back already" in staff.post(address).text


def test_several_deleted_at_once_are_all_kept(staff: Client, ann: User) -> None:
    glossary = a_glossary()
    keys = [a_term(glossary, name).pk for name in ("Tack", "Gybe")]
    chosen = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    staff.post("/admin/glossary/term/", chosen)
    assert set(DeletedTerm.objects.values_list("name", "by")) == {
        ("Tack", ann.pk),
        ("Gybe", ann.pk),
    }


def test_whoever_may_not_add_terms_sees_it_and_cannot_bring_it_back(client: Client) -> None:
    kept = deleted(a_term(a_glossary()))
    address = f"/admin/glossary/deletedterm/{kept.pk}/change/"
    lee = User.objects.create_user("lee@example.org", is_staff=True)
    client.force_login(lee)
    assert client.get(address).status_code == 403
    lee.user_permissions.set(Permission.objects.filter(codename="view_deletedterm"))
    page = client.get(address)
    assert page.status_code == 200
    assert "Bring back" not in page.text
    assert client.post(address).status_code == 403
    assert not Term.objects.exists()


@pytest.mark.parametrize("key", ["x", "0", "9" * 30, "1%00", "a/b"])
def test_a_key_that_is_none_is_not_found(staff: Client, key: str) -> None:
    assert staff.get(f"/admin/glossary/deletedterm/{key}/change/").status_code in {400, 404}


def test_who_may_delete_a_glossary_deletes_it_with_its_deleted_terms(client: Client) -> None:
    glossary = a_glossary()
    deleted(a_term(glossary))
    lee = User.objects.create_user("lee@example.org", is_staff=True)
    names = ["glossary", "term", "alias", "passage"]
    lee.user_permissions.set(
        Permission.objects.filter(codename__in=[f"delete_{name}" for name in names])
    )
    client.force_login(lee)
    client.post(f"/admin/glossary/glossary/{glossary.pk}/delete/", {"post": "yes"})
    assert not Glossary.objects.exists()


def test_a_page_of_versions_takes_no_more_queries_for_more(staff: Client, ann: User) -> None:
    counts = []
    for number in (1, 6):
        term = a_term(a_glossary(f"Glossary{number}"))
        for one in range(number):
            editing.save_term(
                term, content_of(rewrite(term, definition=f"{one}.")), at=MOMENT, by=ann
            )
        address = f"/admin/glossary/deletedterm/{deleted(term, by=ann).pk}/change/"
        staff.get(address)
        with CaptureQueriesContext(connection) as asked:
            staff.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]
