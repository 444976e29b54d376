"""Documents brought in through the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from courses.models import Course, Intake
from enrolment.models import Enrolment
from glossary.models import AlternativeDefinition, Glossary, Import, Term
from tests.courses.making import a_course, a_provider, enrol
from tests.glossary.writing import SAILING, a_glossary, a_term, rewrite, run_jobs

ADD = "/admin/glossary/import/add/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return User.objects.create_superuser("sam@example.org", "a long password")


@pytest.fixture
def staff(client: Client, sam: User) -> Client:
    client.force_login(sam)
    return client


def an_editor(**permissions: str) -> Client:
    """A member of staff who may do to imports what is named, and see no intakes."""
    editor = User.objects.create_user("erin@example.org", "a long password", is_staff=True)
    names = [f"{verb}_import" for verb in permissions] + ["view_glossary"]
    editor.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(editor)
    return client


def paste(client: Client, text: str, **more: str) -> Import:
    """Send pasted text; the import that comes of it."""
    response = client.post(ADD, {"text": text, **more})
    assert response.status_code == 302, response.content.decode()
    return Import.objects.latest("pk")


def page(client: Client, record: Import, query: str = "") -> str:
    return client.get(f"/admin/glossary/import/{record.pk}/change/{query}").content.decode()


def act(client: Client, record: Import, what: str, **posted: Any) -> Import:
    response = client.post(f"/admin/glossary/import/{record.pk}/{what}/", posted)
    assert response.status_code in {200, 302}
    record.refresh_from_db()
    return record


def test_a_file_is_read_looked_through_applied_and_undone(staff: Client) -> None:
    file = SimpleUploadedFile("sailing.txt", SAILING.read_bytes())
    assert staff.post(ADD, {"file": file}).status_code == 302
    record = Import.objects.get()
    assert (record.state, record.slug) == ("ready", "dinghy-sailing")
    assert not Glossary.objects.exists()
    shown = page(staff, record, "?show=added")
    assert "Personal Flotation Device" in shown
    assert "PFD" in shown
    assert act(staff, record, "apply").state == "ready"  # Gybe has two definitions
    assert "wait for a decision" in page(staff, record) or "waits for a decision" in page(
        staff, record
    )
    act(staff, record, "decide", every="take")
    act(staff, record, "decide", every="keep")
    assert act(staff, record, "apply").state == "applied"
    assert staff.get("/glossary/dinghy-sailing/").status_code == 200
    assert Term.objects.count() > 5
    asked = staff.post(f"/admin/glossary/import/{record.pk}/undo/").content.decode()
    assert "terms that it added will go" in asked
    assert Term.objects.exists()
    assert act(staff, record, "undo", confirmed="yes").state == "undone"
    assert not Term.objects.exists()


def test_each_doubt_is_decided_before_anything_is_applied(staff: Client) -> None:
    a_term(a_glossary(), "Mainsail", "The big one.")
    record = paste(
        staff,
        "Sailing\n\nMainsails: Big sails.\n\nTack: To turn.\n\nTack: To turn round.\n",
        glossary=str(Glossary.objects.get().pk),
    )
    entries = {entry.name: entry for entry in record.entries.all()}
    assert entries["Mainsails"].needs_decision
    assert "nearly the same name" in page(staff, record)
    act(staff, record, "apply")
    assert Term.objects.count() == 1
    act(
        staff,
        record,
        "decide",
        **{
            f"choice-{entries['Mainsails'].pk}": "alias",
            f"choice-{entries['Tack'].pk}": "other",
        },
    )
    assert act(staff, record, "apply").state == "applied"
    assert Term.objects.get(name="Mainsail").aliases.get().name == "Mainsails"
    assert Term.objects.get(name="Tack").definition.source == "To turn round."
    assert AlternativeDefinition.objects.get(decision="dismissed").text == "To turn."


def test_a_change_is_shown_word_by_word(staff: Client) -> None:
    term = a_term(a_glossary(), "Tack", "To turn the bow through the wind.")
    record = paste(
        staff,
        "Sailing\n\nTack: To turn the bow through the breeze.",
        glossary=str(term.glossary_id),
    )
    assert "<del>wind.</del>" in page(staff, record)
    assert "<ins>breeze.</ins>" in page(staff, record)


def test_what_cannot_be_read_says_why_and_changes_nothing(staff: Client) -> None:
    file = SimpleUploadedFile("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(200))
    staff.post(ADD, {"file": file})
    record = Import.objects.get()
    assert record.state == "refused"
    assert record.message in page(staff, record).replace("&#x27;", "'")
    assert not record.entries.exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Send a file or paste text."),
        ({"text": "  "}, "Send a file or paste text."),
        ({"text": "Tack: To turn.", "glossary": "999"}, "Select a valid choice"),
        ({"text": "Tack: To turn.", "address": "no address"}, "valid"),
    ],
)
def test_a_form_that_cannot_be_taken_comes_back_as_it_was(
    staff: Client, fields: dict[str, str], told: str
) -> None:
    response = staff.post(ADD, fields)
    assert response.status_code == 422
    assert told in response.content.decode()
    assert fields.get("text", "").strip() in response.content.decode()
    assert not Import.objects.exists()


def test_when_the_site_changes_meanwhile_nothing_is_done_but_to_look_again(staff: Client) -> None:
    term = a_term(a_glossary(), "Tack", "One.")
    first = paste(staff, "Sailing\n\nTack: Two.", glossary=str(term.glossary_id))
    act(staff, first, "decide", every="take")
    rewrite(term, definition="Three.")
    assert act(staff, first, "apply").state == "ready"
    assert "The site has changed since you looked" in page(staff, first)
    assert Term.objects.get().definition.source == "Three."
    act(staff, first, "decide", every="take")
    assert act(staff, first, "apply").state == "applied"
    assert Term.objects.get().definition.source == "Two."


def test_when_it_is_no_longer_clear_where_an_intake_belongs_nothing_is_done(staff: Client) -> None:
    a_provider()
    text = "Sailing\n\nTack: To turn.\n\nMay 2099 intake · open enrolment\n\nfrom £90 GBP\n"
    act(staff, paste(staff, text), "apply")
    record = paste(staff, text.replace("May", "June"))
    a_course("rowing", glossaries=[Glossary.objects.get()])
    assert act(staff, record, "apply").state == "refused"
    assert "Several courses use this glossary" in page(staff, record)
    assert Intake.objects.count() == 1


def test_a_long_document_is_read_and_applied_by_the_worker(staff: Client) -> None:
    lines = [f"Knot number {n}: It is tied in {n} ways, all of them slow." for n in range(4000)]
    record = paste(staff, "Knots\n\n" + "\n\n".join(lines))
    assert record.state == "reading"
    response = staff.get(f"/admin/glossary/import/{record.pk}/change/")
    assert response["Refresh"] == "2"
    run_jobs()
    record.refresh_from_db()
    assert record.state == "ready"
    act(staff, record, "decide", every="take")
    assert act(staff, record, "apply").state == "applying"
    run_jobs()
    record.refresh_from_db()
    assert record.state == "applied"
    assert Term.objects.count() == 4000


def test_an_import_with_its_intake_is_undone_with_it_unless_somebody_is_in(
    staff: Client, sam: User
) -> None:
    a_provider()
    text = "Knots\n\nHitch: A knot.\n\nMay 2099 intake · open enrolment\n\nfrom £90 GBP\n"
    record = paste(staff, text)
    act(staff, record, "apply")
    assert Intake.objects.get().course.slug == "knots"
    act(staff, record, "undo", confirmed="yes")
    assert not Intake.objects.exists()
    assert not Course.objects.exists()
    again = paste(staff, text)
    act(staff, again, "apply")
    enrol(sam, Intake.objects.get())
    act(staff, again, "undo", confirmed="yes")
    assert Enrolment.objects.get().intake.course.slug == "knots"
    assert not Term.objects.exists()


def test_an_editor_who_may_not_plan_intakes_brings_in_the_terms_alone() -> None:
    a_provider()
    editor = an_editor(view="", add="", change="")
    record = paste(editor, "Knots\n\nHitch: A knot.\n\nMay 2099 intake · open enrolment\n")
    assert act(editor, record, "apply").state == "applied"
    assert Term.objects.get().name == "Hitch"
    assert not Intake.objects.exists()
    assert not Course.objects.exists()


def test_a_glossary_that_asks_for_reviews_takes_nothing_from_one_person_alone(
    staff: Client,
) -> None:
    glossary = a_glossary(needs_review=True)
    record = paste(staff, "Sailing\n\nTack: To turn.", glossary=str(glossary.pk))
    assert act(staff, record, "apply").state == "ready"
    assert act(an_editor(view="", change=""), record, "apply").state in {"ready", "applied"}
    other = User.objects.create_superuser("robin@example.org", "a long password")
    client = Client()
    client.force_login(other)
    assert act(client, record, "apply").state == "applied"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "example.org/knots", "x" * 490])
def test_what_is_no_address_of_a_page_is_told_and_kept_as_text(staff: Client, address: str) -> None:
    file = SimpleUploadedFile(
        "knots.csv", f"name,definition,source url\nHitch,A knot.,{address}\n".encode()
    )
    assert staff.post(ADD, {"file": file}).status_code == 302
    record = Import.objects.get()
    assert "is no address of a page" in page(staff, record)
    act(staff, record, "decide", every="take")
    assert act(staff, record, "apply").state == "applied"
    assert (Term.objects.get().source, Term.objects.get().source_url) == (address, "")


def test_who_may_only_look_changes_nothing(staff: Client) -> None:
    record = paste(staff, "Knots\n\nHitch: A knot.")
    reader = an_editor(view="")
    assert "Hitch" in page(reader, record, "?show=all")
    assert reader.get(ADD).status_code == 403
    for what in ("decide", "apply", "drop", "undo"):
        assert reader.post(f"/admin/glossary/import/{record.pk}/{what}/").status_code == 403
        assert staff.get(f"/admin/glossary/import/{record.pk}/{what}/").status_code == 302
    assert act(staff, record, "drop").state == "dropped"
    assert act(staff, record, "apply").state == "dropped"


@pytest.mark.parametrize("choice", ["nonsense", "alias", "\x00"])
def test_a_decision_that_is_not_offered_is_refused(staff: Client, choice: str) -> None:
    record = paste(staff, "Knots\n\nHitch: A knot.\n\nHitch: Another.")
    entry = record.entries.in_doubt().get()
    act(staff, record, "decide", **{f"choice-{entry.pk}": choice})
    entry.refresh_from_db()
    assert entry.choice == ""


def test_more_entries_cost_no_more_queries(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    record = paste(staff, "\n\n".join(["Knots", *(f"Hitch {n}b: Knot {n}." for n in range(40))]))
    with django_assert_max_num_queries(16):
        page(staff, record, "?show=all")
