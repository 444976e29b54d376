"""What terms said: kept with every change, compared, restored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from glossary import editing
from glossary.comparing import changes
from glossary.content import TermContent
from glossary.importing.applying import apply, new_record
from glossary.importing.planning import plan_import
from glossary.models import Import, Passage, Term, Version
from glossary.versions import COLUMNS, content_of, contents_of, record
from tests.glossary.writing import (
    MOMENT,
    a_glossary,
    a_term,
    a_text,
    rewrite,
    sailing,
    sailing_with,
)

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def sam() -> User:
    return User.objects.create_superuser("sam@example.org", "x")


@pytest.fixture
def staff(client: Client, sam: User) -> Client:
    client.force_login(sam)
    return client


def said(term: Term) -> list[tuple[int, str, str]]:
    """Number, what and definition of each version, the earliest first."""
    versions = term.versions.order_by("number")
    return [(each.number, each.what, each.said.definition) for each in versions]


def a_full_content() -> TermContent:
    return TermContent(
        "Tack",
        abbreviation="TK",
        aliases=("Come about", "go about"),
        definition="To turn the *bow*.",
        formula="x^2",
        formula_caption="Where $x$ is the sea.",
        see_also=("Gybe",),
        source="A book",
        source_url="https://example.org/book",
        is_linked=False,
        matches_case=True,
    )


def test_all_that_a_term_says_is_stored_and_read_back() -> None:
    glossary = a_glossary()
    a_term(glossary, "Gybe")
    term = editing.save_term(Term(glossary=glossary), a_full_content(), at=MOMENT)
    assert content_of(Term.objects.get(pk=term.pk)) == a_full_content()
    assert term.versions.get().said == a_full_content()


def test_every_change_is_a_version_and_no_change_is_none(sam: User) -> None:
    term = a_term(a_glossary())
    content = replace(content_of(term), definition="Said anew.")
    for at in (LATER, LATER + timedelta(days=1)):
        editing.save_term(term, content, at=at, by=sam)
    assert said(term) == [
        (1, "created", "To turn the bow through the wind."),
        (2, "edited", "Said anew."),
    ]
    last = term.versions.first()
    assert last is not None
    assert (last.at, last.by) == (LATER, sam)


@pytest.mark.parametrize("field", ["aliases", "definition", "see_also", *COLUMNS[1:]])
def test_each_field_alone_makes_a_version(field: str) -> None:
    glossary = a_glossary()
    a_term(glossary, "Gybe")
    term = a_term(glossary)
    rewrite(term, **{field: getattr(a_full_content(), field)})
    assert term.versions.count() == 2
    assert [
        each.label for each in changes(*[each.said for each in term.versions.order_by("number")])
    ]


def test_a_change_that_is_not_kept_leaves_no_version() -> None:
    term = a_term(a_glossary())
    with transaction.atomic():
        rewrite(term, definition="Said anew.")
        transaction.set_rollback(True)
    assert term.versions.count() == 1


def test_definitions_have_versions_and_other_texts_a_history() -> None:
    glossary = a_glossary()
    term = a_term(glossary)
    rewrite(term, definition="Said anew.")
    assert not term.definition.history.exists()
    assert a_text(glossary, "Then tack.").history.count() == 1


def test_an_import_says_so_with_its_document(sam: User) -> None:
    for document in (sailing(), sailing_with("Tack:", "Tack (TK):")):
        plan = plan_import(document, slug="dinghy-sailing")
        apply(
            plan,
            new_record(plan, name="sailing.txt", data=b"as read", at=LATER, by=sam),
            at=LATER,
            by=sam,
        )
    term = Term.objects.get(name="Tack")
    assert [(each.what, each.by, each.at) for each in term.versions.all()] == [
        ("imported", sam, LATER)
    ] * 2
    documents = [version.document for version in term.versions.order_by("number")]
    assert documents == list(Import.objects.order_by("pk"))


def test_many_terms_are_read_and_recorded_in_as_many_queries_as_few() -> None:
    glossary = a_glossary()

    def cost() -> int:
        Version.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            record(contents_of(Term.objects.all()), at=MOMENT, what=Version.What.IMPORTED)
        return len(queries)

    for name in ("Tack", "Gybe"):
        a_term(glossary, name, aliases=[f"{name} x"])
    cost_of_few = cost()
    for number in range(20):
        a_term(glossary, f"T{number}", see_also=("Tack",))
    assert cost() == cost_of_few
    said = {version.term_id: version.said for version in Version.objects.all()}
    assert said == contents_of(Term.objects.all())


def test_a_number_is_given_once_and_what_happened_is_known() -> None:
    term = a_term(a_glossary())
    for wrong in ({"number": 1}, {"number": 0}, {"number": 2, "what": "guessed"}):
        fields = {"what": "edited", **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.create(term=term, content={}, at=MOMENT, **fields)


def test_a_see_also_is_found_in_any_spelling_and_by_other_names_and_else_left_out() -> None:
    glossary = a_glossary()
    gybe = a_term(glossary, "Gybe", aliases=["wear"])
    luff = a_term(glossary, "Luff up")
    term = a_term(glossary, "Tack", see_also=("WEAR", "luff-UP", "Tack", "Not there"))
    assert set(term.see_also.all()) == {gybe, luff}
    assert content_of(term).see_also == ("Gybe", "Luff up")


def test_see_also_of_another_glossary_stays_when_the_term_is_saved() -> None:
    term, stranger = a_term(a_glossary()), a_term(a_glossary("Rowing"), "Oar")
    term.see_also.add(stranger)
    rewrite(term, definition="Said anew.")
    assert list(term.see_also.all()) == [stranger]
    assert content_of(term).see_also == ()


def test_the_versions_are_listed_and_any_two_compared(staff: Client, sam: User) -> None:
    term = a_term(a_glossary())
    for words in ("To turn the bow through the eye of the wind.", "To come about."):
        content = replace(content_of(term), definition=words)
        editing.save_term(term, content, at=LATER, by=sam)
    address = f"/admin/glossary/term/{term.pk}/history/"
    listed = staff.get(address).content.decode()
    assert "sam@example.org" in listed
    assert "<ins>eye of the</ins>" in " ".join(listed.split())
    compared = staff.get(f"{address}?from=3&to=1").content.decode()
    assert "From version 1 to version 3" in compared
    for odd in ("?from=1&to=1", "?from=9&to=1", "?from=x", "?from=-1&to=%00", "?page=99"):
        assert "From version" not in staff.get(address + odd).content.decode()


def test_the_list_of_versions_takes_no_more_queries_for_more(staff: Client) -> None:
    term = a_term(a_glossary())
    address = f"/admin/glossary/term/{term.pk}/history/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get(address)
        return len(captured)

    rewrite(term, definition="1")
    few = queries()
    for number in range(2, 12):
        rewrite(term, definition=str(number))
    assert queries() == few


def test_an_earlier_version_is_restored_as_a_new_one(staff: Client, sam: User) -> None:
    term = a_term(a_glossary(), aliases=["Go about"], abbreviation="TK")
    rewrite(term, name="Come about", definition="Said anew.", aliases=(), abbreviation="")
    address = f"/admin/glossary/term/{term.pk}/versions/1/restore/"
    asked = staff.get(address).content.decode()
    assert "<ins>TK</ins>" in asked
    assert term.versions.count() == 2
    assert staff.post(address).status_code == 302
    restored = Term.objects.get()
    assert content_of(restored) == term.versions.get(number=1).said
    last = term.versions.get(number=3)
    assert (last.what, last.by) == ("restored", sam)
    shown = staff.get("/glossary/sailing/tack/").content.decode()
    assert "through the wind" in shown


def test_a_version_whose_name_is_taken_is_not_restored_and_the_page_says_why(
    staff: Client,
) -> None:
    glossary = a_glossary()
    term = a_term(glossary)
    rewrite(term, name="Come about")
    a_term(glossary, "tack")
    response = staff.post(f"/admin/glossary/term/{term.pk}/versions/1/restore/")
    assert "This glossary has a term with this name already." in response.content.decode()
    assert term.versions.count() == 2


def test_who_may_not_change_terms_compares_and_restores_nothing(client: Client) -> None:
    term = a_term(a_glossary())
    rewrite(term, definition="Said anew.")
    looker = User.objects.create_user("lee@example.org", "x", is_staff=True)
    client.force_login(looker)
    listing = f"/admin/glossary/term/{term.pk}/history/"
    restoring = f"/admin/glossary/term/{term.pk}/versions/1/restore/"
    assert client.get(listing).status_code == 403
    looker.user_permissions.set(Permission.objects.filter(codename="view_term"))
    assert "Restore" not in client.get(listing).content.decode()
    assert client.get(restoring).status_code == 403
    assert client.post(restoring).status_code == 403
    assert term.versions.count() == 2


@pytest.mark.parametrize(
    "address",
    ["x/history/", "0/history/", f"{10**30}/history/", "1/versions/99999999999999999999/restore/"],
)
def test_versions_of_what_is_not_there_are_not_found(staff: Client, address: str) -> None:
    assert staff.get(f"/admin/glossary/term/{address}").status_code == 404


def test_versions_go_with_their_term() -> None:
    term = a_term(a_glossary())
    editing.delete_term(term, at=MOMENT)
    assert not Version.objects.exists()
    assert not Passage.objects.exists()
