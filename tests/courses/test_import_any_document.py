"""Any document at all through the admin's form: told, kept, and nothing changed unasked."""

import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from courses import jobs
from courses.models import Course, Intake
from glossary.models import Glossary, Import, Passage, Takeaway, Term
from tests.courses.making import a_provider
from tests.glossary.test_parsing_any_bytes import (
    ENDINGS,
    WHOLE,
    bomb,
    damaged,
    documents,
    far_away,
)
from tests.glossary.writing import a_glossary, a_term

ADD = "/admin/glossary/import/add/"
pytestmark = pytest.mark.django_db
FORM = {"form": "termtime-glossary-1", "title": "Knots", "summary": "", "takeaways": []}


@pytest.fixture
def staff(client: Client) -> Client:
    """Somebody who may do everything, on a site that has a glossary."""
    a_provider()
    a_term(a_glossary("Knots"), "Bend", "It joins two ropes.", aliases=["Hitch"])
    client.force_login(User.objects.create_superuser("sam@example.org"))
    return client


def state() -> list[Any]:
    """All that a visitor could see of glossaries, courses and intakes."""
    said = Term.objects.order_by("pk")
    return [
        list(said.values_list("name", "slug", "abbreviation", "formula", "definition__source")),
        list(said.values_list("name", "aliases__name", "see_also__name")),
        list(Glossary.objects.filter(is_published=True).values_list("title", "slug", "summary")),
        list(Takeaway.objects.order_by("pk").values_list("text")),
        list(Course.objects.values_list("title", "slug")),
        Intake.objects.count(),
    ]


@contextmanager
def for_once() -> Iterator[None]:
    """What is done in here is forgotten, so that each example finds the same site."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def a_file(name: str, data: bytes) -> SimpleUploadedFile:
    """A file as a browser sends it: of no other name than the last part of its path."""
    last = name.rpartition("/")[2]
    return SimpleUploadedFile("document" if last in {"", ".", ".."} else last, data)


def send(staff: Client, given: dict[str, Any]) -> Import | None:
    """Send the form; the import that comes of it, or None where the form comes back."""
    present = state()
    response = staff.post(ADD, given)
    assert response.status_code in {302, 422}
    assert state() == present
    if response.status_code == 302:
        return Import.objects.latest("pk")
    page = html.unescape(response.content.decode()).replace("\r\n", "\n")
    assert 'class="error-summary"' in page
    assert given.get("text", "").replace("\r\n", "\n").replace("\x00", "\ufffd") in page.replace(
        "\x00", "\ufffd"
    )
    return None


def go_through(staff: Client, record: Import) -> None:
    """Look at all of it, decide, apply and undo: in the end the site is as it was."""
    address = f"/admin/glossary/import/{record.pk}/"
    if record.state == Import.State.REFUSED:
        assert record.message
    present = state()
    for query in ("", "?show=all", "?show=doubt&page=2"):
        assert staff.get(f"{address}change/{query}").status_code == 200
    assert staff.get(f"{address}document/").content == bytes(record.data)
    for every in ("take", "keep"):
        assert staff.post(f"{address}decide/", {"every": every}).status_code == 302
    assert state() == present
    assert staff.post(f"{address}apply/").status_code == 302
    record.refresh_from_db()
    assert record.state in {Import.State.APPLIED, Import.State.REFUSED}, record.message
    assert staff.get(f"{address}change/?show=all").status_code == 200
    for glossary in Glossary.objects.all():
        for shown in ("", ".json", ".csv"):
            status = staff.get(f"/glossary/{glossary.slug}{shown or '/'}").status_code
            assert status == 200 or not glossary.is_published
    assert staff.post(f"{address}undo/", {"confirmed": "yes"}).status_code == 302
    assert state() == present


def try_file(staff: Client, data: bytes, name: str, **more: str) -> None:
    with for_once():
        record = send(staff, {"file": a_file(name, data), **more})
        if record:
            go_through(staff, record)


texts = documents | st.text(max_size=200)
whole = st.builds(damaged, st.sampled_from(WHOLE), st.integers(0, 2**32))
files = whole | st.binary(max_size=300) | texts.map(lambda text: text.encode("utf-8", "replace"))
coded = st.builds(
    lambda text, code: text.encode(code, "replace"),
    texts,
    st.sampled_from(["utf-16", "utf-16-be", "utf-32", "cp1252", "latin-1", "shift-jis", "utf-7"]),
)
names = st.sampled_from(ENDINGS) | st.text(max_size=300)
ONE_SITE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
few = settings(max_examples=5, deadline=None, suppress_health_check=ONE_SITE)
many = settings(max_examples=500, deadline=None, suppress_health_check=ONE_SITE)


@few
@given(data=files | coded, name=names)
def test_no_file_breaks_the_form_the_review_applying_or_undoing(
    staff: Client, data: bytes, name: str
) -> None:
    try_file(staff, data, name)


@few
@given(text=texts, address=st.text(max_size=10) | st.just("knots"), key=st.text(max_size=4))
def test_no_pasted_text_breaks_anything(staff: Client, text: str, address: str, key: str) -> None:
    with for_once():
        sound = text.encode("utf-8", "replace").decode()
        record = send(staff, {"text": sound, "address": address, "course": key})
        if record:
            go_through(staff, record)


@pytest.mark.proof
@many
@given(data=files | coded, name=names)
def test_no_file_breaks_anything_many_times(staff: Client, data: bytes, name: str) -> None:
    try_file(staff, data, name)
    with for_once():
        glossary = Glossary.objects.get(slug="knots")
        file = a_file(name, data)
        record = send(staff, {"file": file, "glossary": str(glossary.pk)})
        if record:
            go_through(staff, record)


@pytest.mark.proof
@many
@given(text=texts, address=st.text(max_size=10) | st.just("knots"), key=st.text(max_size=4))
def test_no_pasted_text_breaks_anything_many_times(
    staff: Client, text: str, address: str, key: str
) -> None:
    with for_once():
        sound = text.encode("utf-8", "replace").decode()
        record = send(staff, {"text": sound, "address": address, "course": key})
        if record:
            go_through(staff, record)


def json_of(**term: Any) -> bytes:
    """Our own form, with one term that says odd things."""
    return json.dumps({**FORM, "terms": [{"name": "Bend", "definition": "x", **term}]}).encode()


ODD = {
    "a NUL in a name": ("x.json", json_of(name="Be\x00nd")),
    "a NUL in a definition": ("x.json", json_of(definition="It \x00 joins.")),
    "half a character in a name": ("x.json", json_of(name="Be\ud800nd")),
    "half a character in a definition": ("x.json", b'{"Bend": "It \\udfff joins."}'),
    "half a character in a formula": ("x.json", json_of(formula="\ud800")),
    "half a character in a title": ("x.json", json.dumps({**FORM, "title": "\ud800"}).encode()),
    "NULs as text": ("x.txt", b"Knots\n\nBend\x00: It\x00 joins.\n"),
    "a name of 200 letters": ("x.txt", b"Knots\n\n" + b"B" * 200 + b": It joins.\n"),
    "a name of 201 letters": ("x.csv", b"Term,Definition\n" + b"B" * 201 + b",It joins.\n"),
    "a name of 200 wide letters": ("x.csv", ("Term,Definition\n" + "ß" * 200 + ",x\n").encode()),
    "a title of 10,000 letters": ("x.txt", b"K" * 10_000 + b"\n\nBend: It joins.\n"),
    "an abbreviation of 300 letters": ("x.json", json_of(abbreviation="B" * 300)),
    "an alias of 300 letters": ("x.json", json_of(aliases=["B" * 300])),
    "aliases that are one in lower case": ("x.json", json_of(aliases=["Knot", "KNOT", "knot"])),
    "a caption of 5,000 letters": ("x.json", json_of(formula_caption="c" * 5_000)),
    "a source of 5,000 letters": ("x.json", json_of(source="s" * 5_000)),
    "UTF-16 without a mark": ("x.txt", "Knots\n\nBend: It joins.\n".encode("utf-16-le")),
    "UTF-8 broken off": ("x.txt", "Knots\n\nBend: It joins – ".encode()[:-2]),
    "signs that are not there": ("x.txt", "Knots\n\nBe\u200b\u202e\ufffend: It joins.\n".encode()),
    "emoji as a name": ("x.csv", "Term,Definition\n🪢,A knot.\n".encode()),
    "names of dots": ("x.csv", b"Term,Definition\n.,a\n..,b\n...,c\n/,d\n#,e\n?,f\n"),
    "an intake of the year 0": (
        "x.txt",
        b"Knots\n\nBend: x.\n\nMay 0000 intake\nfrom 9 GBP",
    ),
    "an intake for billions": (
        "x.txt",
        "Knots\n\nBend: It joins.\n\nMay 2099 intake\n\nfrom £99999999999999 GBP\n".encode(),
    ),
}
HEAVY = {
    "nothing but NULs": ("x.csv", bytes(5_000)),
    "a formula that nests": ("x.json", json_of(formula="{" * 3_000 + "}" * 3_000)),
    "thousands of columns": ("x.csv", (b"Term,Definition" + b",x" * 5_000 + b"\n") * 2),
    "thousands of columns in tabs": ("x.tsv", b"Term\tDefinition" + b"\tx" * 5_000 + b"\nBend\tx"),
    "one line of half a megabyte": ("x.txt", b"Knots\n\nBend: " + b"joins " * 80_000),
    "one word of half a megabyte": ("x.txt", b"Knots\n\nBend: " + b"j" * 500_000),
    "a zip bomb": ("x.xlsx", bomb(**{"xl/workbook.xml": b"", "xl/big": b"0" * 120_000_000})),
    "a cell far away": ("x.xlsx", far_away("XFD1048576")),
}


@pytest.mark.parametrize("case", ODD, ids=str)
def test_no_odd_document_breaks_anything(staff: Client, case: str) -> None:
    name, data = ODD[case]
    record = send(staff, {"file": SimpleUploadedFile(name, data)})
    assert record is not None
    go_through(staff, record)


@pytest.mark.proof
@pytest.mark.parametrize("case", HEAVY, ids=str)
def test_no_document_that_is_too_much_breaks_anything(staff: Client, case: str) -> None:
    name, data = HEAVY[case]
    record = send(staff, {"file": SimpleUploadedFile(name, data)})
    assert record is not None
    if record.state == Import.State.READING:
        jobs.look_at_import.func(import_id=record.pk)
        record.refresh_from_db()
    go_through(staff, record)


@pytest.mark.parametrize(
    "posted",
    [
        {"every": "\x00"},
        {"choice-0": "take"},
        {"choice-999999999999999999": "take"},
        {"choice-１": "take"},
        {"query": "\r\nSet-Cookie: a=b"},
        {"query": "\x00"},
    ],
    ids=str,
)
def test_no_odd_decision_breaks_anything(staff: Client, posted: dict[str, str]) -> None:
    record = send(staff, {"text": "Sails\n\nLuff: The edge.\n\nLuff: Another edge.\n"})
    assert record is not None
    response = staff.post(f"/admin/glossary/import/{record.pk}/decide/", posted)
    assert response.status_code == 302
    assert record.entries.undecided().count() == 1


@pytest.mark.parametrize("query", ["page=-1", "page=x", "page=99999999", "show=%0A", "show=x"])
def test_no_odd_address_breaks_the_review(staff: Client, query: str) -> None:
    record = send(staff, {"text": "Sails\n\nLuff: The edge.\n"})
    assert record is not None
    assert staff.get(f"/admin/glossary/import/{record.pk}/change/?{query}").status_code == 200
    assert not Passage.objects.filter(source="The edge.").exists()
