"""What a price may not be: with VAT by a provider who is not registered, a concession for nothing.

Staff are told so beside the field, and nothing they typed is lost.
"""

from typing import Any

import pytest
from django.test import Client

from courses.models import Intake, Price, Provider
from tests.courses.making import a_course, a_price, a_provider, an_intake
from tests.courses.test_admin import form_of

pytestmark = pytest.mark.django_db

PROVIDER = "/admin/courses/provider/1/change/"
REGISTERED = {"vat_treatment": "inclusive", "vat_rate": 2000, "vat_number": "GB123456789"}
WITH_VAT = {"prices-0-vat_treatment": "inclusive", "prices-0-vat_rate": "2000"}


@pytest.fixture
def intake() -> Intake:
    """May 2126, £90 without VAT, of a provider who is not registered."""
    a_provider()
    made = an_intake(a_course(), "2126-05")
    a_price(made)
    return made


def address_of(intake: Intake) -> str:
    return f"/admin/courses/intake/{intake.pk}/change/"


def save(client: Client, address: str, **changes: Any) -> Any:
    return client.post(address, form_of(client, address) | changes)


def errors_beside(response: Any, field: str) -> str:
    """What stands beside a field of the intake's first price."""
    assert response.status_code == 200
    [inline] = response.context["inline_admin_formsets"]
    return " ".join(inline.formset.forms[0].errors.get(field, []))


@pytest.mark.parametrize(
    "provider",
    [
        {"vat_number": ""},
        {"vat_number": "GB123456789", "vat_treatment": "not_registered"},
        {"vat_number": " "},
    ],
)
def test_no_price_includes_vat_while_the_provider_is_not_registered(
    as_sam: Client, intake: Intake, provider: dict[str, str]
) -> None:
    Provider.objects.update(**provider)
    response = save(as_sam, address_of(intake), **{**WITH_VAT, "prices-0-name": "Full price"})
    assert "The provider is not registered for VAT." in errors_beside(response, "vat_treatment")
    assert 'value="Full price"' in response.text
    assert intake.prices.get().vat_treatment == "not_registered"


def test_without_any_provider_no_price_includes_vat(as_sam: Client, intake: Intake) -> None:
    Provider.objects.all().delete()
    response = save(as_sam, address_of(intake), **WITH_VAT)
    assert "The provider is not registered for VAT." in errors_beside(response, "vat_treatment")


@pytest.mark.parametrize("treatment", ["inclusive", "exempt"])
def test_a_registered_provider_sells_with_vat_whatever_its_other_prices_are(
    as_sam: Client, intake: Intake, treatment: str
) -> None:
    Provider.objects.update(**{**REGISTERED, "vat_treatment": treatment})
    assert save(as_sam, address_of(intake), **WITH_VAT).status_code == 302
    assert intake.prices.get().vat_treatment == "inclusive"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vat_number": "", "vat_treatment": "exempt"}, "vat_number"),
        ({"vat_number": "", "vat_treatment": "not_registered"}, "vat_number"),
        ({"vat_number": "", "vat_treatment": "inclusive"}, "vat_number"),
        ({"vat_treatment": "not_registered"}, "vat_treatment"),
    ],
)
def test_a_provider_stays_registered_while_prices_with_vat_sell(
    as_sam: Client, intake: Intake, changes: dict[str, str], field: str
) -> None:
    Provider.objects.update(**REGISTERED)
    intake.prices.update(vat_treatment="inclusive", vat_rate=2000)
    response = save(as_sam, PROVIDER, **changes, name="Another College")
    assert response.status_code == 200
    told = response.context["adminform"].form.errors[field]
    assert told == ["1 price includes VAT, in Deep learning, May 2126 intake. Change that first."]
    assert 'value="Another College"' in response.text
    assert Provider.objects.get().vat_number == "GB123456789"


@pytest.mark.parametrize(
    "why", ["changed to a price without VAT", "the intake is cancelled", "the intake is closed"]
)
def test_a_provider_leaves_the_register_once_nothing_sells_with_vat(
    as_sam: Client, intake: Intake, why: str
) -> None:
    Provider.objects.update(**REGISTERED)
    if why == "changed to a price without VAT":
        intake.prices.update(vat_treatment="exempt")
    else:
        intake.prices.update(vat_treatment="inclusive", vat_rate=2000)
        then = "2024-05-01T12:00Z"
        ended = "cancelled_at" if why == "the intake is cancelled" else "closes_at"
        Intake.objects.update(**{ended: then})
    response = save(as_sam, PROVIDER, vat_number="", vat_treatment="not_registered")
    assert response.status_code == 302
    assert Provider.objects.get().vat_number == ""


@pytest.mark.parametrize("declaration", ["", "   "])
def test_a_concession_is_not_sold_without_a_declaration(
    as_sam: Client, intake: Intake, declaration: str
) -> None:
    changes = {"prices-0-kind": "concession", "prices-0-declaration": declaration}
    response = save(as_sam, address_of(intake), **{**changes, "prices-0-amount": "45"})
    assert errors_beside(response, "declaration") == (
        "Say what someone who books a concession declares."
    )
    assert 'value="45"' in response.text
    assert Price.objects.get().kind == "standard"


def test_a_concession_with_a_declaration_is_sold(as_sam: Client, intake: Intake) -> None:
    changes = {"prices-0-kind": "concession", "prices-0-declaration": "I am out of work."}
    assert save(as_sam, address_of(intake), **changes).status_code == 302
    assert Price.objects.get().declaration == "I am out of work."


def test_what_stood_before_the_rules_does_not_keep_the_rest_from_being_saved(
    as_sam: Client, intake: Intake
) -> None:
    intake.prices.update(vat_treatment="inclusive", vat_rate=2000)
    a_price(intake, 4500, name="Student", kind="concession", position=2)
    assert save(as_sam, address_of(intake), capacity="12").status_code == 302
    intake.refresh_from_db()
    assert intake.capacity == 12
    emptied = save(as_sam, address_of(intake), **{"prices-0-kind": "concession"})
    assert "Say what someone" in errors_beside(emptied, "declaration")
