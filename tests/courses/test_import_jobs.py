"""What staff are told where reading or applying a document fails in the worker."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from courses import jobs, reviewing
from glossary.importing.progress import Progress
from glossary.models import Import, ImportProgress, Term
from tests.glossary.writing import MOMENT

pytestmark = pytest.mark.django_db
TEXT = "Knots\n\nHitch: Holds a rope to a post.\n"
FAILING = """
    CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
    CREATE TRIGGER fails BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fails();
"""


@pytest.fixture
def record() -> Import:
    sam = User.objects.create_superuser("sam@example.org")
    return reviewing.receive(
        name="Pasted text", data=TEXT.encode(), slug="", brings_intake=True, at=MOMENT, by=sam
    )


def let_it_fail(table: str) -> None:
    """The database refuses each new row of a table, until the test ends."""
    with connection.cursor() as cursor:
        cursor.execute(FAILING.format(table=table))


def test_where_reading_fails_staff_are_asked_to_send_it_again(record: Import) -> None:
    let_it_fail("glossary_importentry")
    with pytest.raises(DatabaseError, match="disk is full"):
        jobs.look_at_import.func(import_id=record.pk)
    record.refresh_from_db()
    assert record.state == "refused"
    assert "Send it again." in record.message
    # The job runs again, and leaves it at that.
    jobs.look_at_import.func(import_id=record.pk)
    record.refresh_from_db()
    assert record.state == "refused"


def test_where_applying_fails_nothing_is_done_and_staff_may_try_again(record: Import) -> None:
    reviewing.look(record.pk)
    reviewing.begin_applying(record.pk, by=record.created_by)
    with transaction.atomic():
        let_it_fail("glossary_version")
        with pytest.raises(DatabaseError, match="disk is full"):
            jobs.apply_import.func(import_id=record.pk)
        record.refresh_from_db()
        assert (record.state, record.glossary) == ("ready", None)
        assert "nothing was done. Try again." in record.message
        assert not Term.objects.exists()
        transaction.set_rollback(True)
    jobs.apply_import.func(import_id=record.pk)
    assert Term.objects.get().name == "Hitch"


@pytest.mark.django_db(transaction=True)
def test_the_page_says_that_an_interrupted_import_was_begun_again(record: Import) -> None:
    with Progress(record.pk) as progress:
        progress.tell("Rendering terms", 500, 2000)
    with Progress(record.pk) as progress:
        progress.tell("Reading the document", 0, 0)
    told = ImportProgress.objects.get()
    assert str(told) == "Begun again after an interruption. Reading the document: 0 of 0"
    reviewing.look(record.pk)
    reviewing.begin_applying(record.pk, by=record.created_by)
    with Progress(record.pk) as progress:
        progress.tell("Reading the document", 0, 0)
    told.refresh_from_db()
    assert told.step == "Reading the document"
