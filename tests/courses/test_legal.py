"""Legal pages: the provider's facts in the words of staff, and nothing else in them."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.legal_text import render_legal_text
from courses.models import LegalPage, Provider
from courses.seeding import seed_legal_pages
from tests.courses.making import a_provider

pytestmark = pytest.mark.django_db


def test_the_pages_are_seeded_once_and_edits_are_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    a_provider()
    assert {page.slug for page in seed_legal_pages()} == set(LegalPage.Slug.values)
    LegalPage.objects.filter(slug="terms").update(title="Our own terms")
    LegalPage.objects.filter(slug="privacy").delete()
    call_command("seed_legal_pages")
    assert capsys.readouterr().out == "Added /privacy/ (Privacy).\n"
    assert LegalPage.objects.get(slug="terms").title == "Our own terms"
    call_command("seed_legal_pages")
    assert "Nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize("slug", LegalPage.Slug.values)
def test_each_seeded_page_names_the_provider_and_leaves_no_gap(client: Client, slug: str) -> None:
    a_provider(legal_name="Example College Ltd", phone="01632 960000")
    seed_legal_pages()
    page = client.get(f"/{slug}/").content.decode()
    assert "Example College" in page
    assert "hello@example.org" in page
    assert "{{" not in page
    assert "\\" not in LegalPage.objects.get(slug=slug).html


def test_a_page_that_nobody_wrote_is_404(client: Client) -> None:
    assert client.get("/terms/").status_code == 404


def test_a_change_of_the_provider_changes_the_pages(client: Client) -> None:
    provider = a_provider()
    LegalPage.objects.create(
        slug="terms", title="Terms", version="1", source="We are {{ provider.name }}."
    )
    assert "We are Example College." in client.get("/terms/").content.decode()
    provider.name = "Another College"
    provider.save()
    assert "We are Another College." in client.get("/terms/").content.decode()


def test_a_fact_is_text_whatever_it_contains() -> None:
    provider = Provider(
        name="<script>alert(1)</script> & [x](javascript:y) *not bold* {{ provider.email }}",
        address="# 1 Lane\n\n- Town\n    code",
        email="a_b_c@example.org",
    )
    html = render_legal_text(
        "{{provider.name}}\n\n{{ provider.address }}\n\n{{ provider.email }}", provider
    )
    assert "<script" not in html
    assert "<em>" not in html
    assert "<a " not in html
    assert "<h" not in html
    assert "<li>" not in html
    assert "*not bold* {{ provider.email }}" in html
    assert "# 1 Lane, - Town, code" in html
    assert "a_b_c@example.org" in html


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_fact_ever_becomes_markup(value: str) -> None:
    html = render_legal_text("Before {{ provider.name }} after", Provider(name=value))
    assert html.count("<") == 2
    assert html.startswith("<p>Before")


@pytest.mark.parametrize(
    "source", ["{{ provider.password }}", "{{ settings.SECRET_KEY }}", "{{ provider.name|safe }}"]
)
def test_an_unknown_placeholder_is_refused_and_never_run(source: str) -> None:
    page = LegalPage(slug="terms", title="Terms", version="1", source=source)
    with pytest.raises(ValidationError, match="is not known"):
        page.full_clean()
    assert source in render_legal_text(source, Provider(name="x"))


def test_template_tags_in_a_page_are_words_like_others(client: Client) -> None:
    a_provider()
    LegalPage.objects.create(
        slug="terms", title="Terms", version="1", source="{% url 'home' %} {# note #}"
    )
    assert "{% url" in client.get("/terms/").content.decode()
