"""Queries that are put together once and planned once."""

import pytest
from django.db import connection
from django.db.models import CharField, Value

from glossary.models import Glossary
from glossary.prepared import Prepared, a_text, partial_row
from tests.glossary.writing import a_glossary

pytestmark = pytest.mark.django_db

TITLES = Prepared(
    lambda: Glossary.objects.filter(slug=a_text("slug")).values_list(
        "title", Value("100 % %s 'sure'", output_field=CharField())
    )
)


def test_a_prepared_query_gives_what_differs_and_keeps_what_does_not() -> None:
    a_glossary("Sailing")
    a_glossary("Knots")
    assert TITLES.first(slug="sailing") == ("Sailing", "100 % %s 'sure'")
    assert TITLES.first(slug="knots") == ("Knots", "100 % %s 'sure'")
    assert TITLES.first(slug="'; --") is None


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        TITLES.first()


def test_the_server_plans_a_query_once_that_it_is_sent_often() -> None:
    for _ in range(12):
        TITLES.first(slug="sailing")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE %s",
            ["%'100 % %s ''sure'''%"],
        )
        found = cursor.fetchall()
    assert len(found) == 1
    assert found[0][0] > 0


def test_what_was_not_fetched_of_a_row_is_fetched_when_it_is_asked_for() -> None:
    glossary = a_glossary("Sailing")
    row = partial_row(Glossary, {"slug": "sailing", "id": glossary.pk})
    assert (row.pk, row.slug, row.get_deferred_fields() >= {"title"}) == (
        glossary.pk,
        "sailing",
        True,
    )
    assert row.title == "Sailing"
