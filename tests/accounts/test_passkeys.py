"""Passkeys, as browsers use them and as nobody should."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.http import HttpResponseBase
from django.test import Client
from fido2.utils import websafe_decode, websafe_encode

from accounts.models import User
from tests.accounts.signing import PASSWORD, is_signed_in, sign_in
from tests.accounts.soft_key import Answer, SoftKey

ADD, LOGIN = "/account/2fa/webauthn/add/", "/account/2fa/webauthn/login/"
AGAIN, SECOND = "/account/2fa/webauthn/reauthenticate/", "/account/2fa/authenticate/"
WAYS = (ADD, LOGIN, AGAIN, SECOND)
# What nobody's browser sends in a field for JSON.
NONSENSE = [
    *("", "x", "{", "null", "7", '"text"', "[]", "[{}]", "{}", "NaN", '{"a": NaN}'),
    *('{"rawId": "\\u0000"}', '{"id": "\\ud800"}', '{"response": []}', '{"rawId": null}'),
    *("[" * 100_000, '{"a":' * 30_000, "9" * 5_000, '{"n": ' + "9" * 5_000 + "}", "x" * 60_000),
]
# In the place of anything in an answer that was right.
JUNK: list[Any] = [None, 7, -1, True, "", "x", "é", "A" * 4_000, [], {}, [None], {"a": "b"}]


@pytest.fixture
def key() -> SoftKey:
    return SoftKey()


@pytest.fixture
def adas(client: Client, ada: User) -> Client:
    """Ada's browser, in which she has just said her password once more."""
    sign_in(client)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def options(browser: Client, address: str) -> Answer:
    """What the page asks a key."""
    if address == LOGIN:
        asked = browser.get(address, headers={"x-requested-with": "XMLHttpRequest"}).json()
    else:
        asked = browser.get(address).context["js_data"]
    found: Answer = next(iter(asked.values()))["publicKey"]
    return json.loads(json.dumps(found))


def send(browser: Client, address: str, answer: Any, **more: str) -> HttpResponseBase:
    """Send an answer, an object or as text, in a form; nobody counts how often."""
    cache.clear()
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return browser.post(address, {"credential": text, "passwordless": "on", **more})


def add(browser: Client, key: SoftKey) -> HttpResponseBase:
    return send(browser, ADD, key.create(options(browser, ADD)), name="Blue key")


def answered(browser: Client, address: str, key: SoftKey, ada: User) -> Answer:
    """What the key says on that page."""
    asked = options(browser, address)
    return key.create(asked) if address == ADD else key.get(asked, handle=user_pk_to_url_str(ada))


def at(address: str, adas: Client) -> Client:
    """A browser that may send something there: Ada's, or one on its way in."""
    if address in {ADD, AGAIN}:
        return adas
    browser = Client()
    if address == SECOND:
        sign_in(browser)
    return browser


def test_a_key_is_added_signs_in_and_proves_who_it_is(
    adas: Client, ada: User, key: SoftKey
) -> None:
    assert add(adas, key).status_code == 302
    assert "Blue key" in adas.get("/account/2fa/webauthn/").content.decode()
    newcomer = Client()
    send(newcomer, LOGIN, answered(newcomer, LOGIN, key, ada))
    assert is_signed_in(newcomer)
    assert send(adas, AGAIN, answered(adas, AGAIN, key, ada)).status_code == 302
    halfway = Client()
    sign_in(halfway)
    assert not is_signed_in(halfway)
    send(halfway, SECOND, answered(halfway, SECOND, key, ada))
    assert is_signed_in(halfway)


def test_a_key_refused_is_asked_for_again_on_the_way_to_the_same_page(
    adas: Client, ada: User, key: SoftKey
) -> None:
    add(adas, key)
    goal = "/account/email/"
    refused = send(adas, AGAIN, answered(adas, AGAIN, SoftKey(), ada), next=goal)
    assert (refused.status_code, refused.url) == (302, f"{AGAIN}?next=%2Faccount%2Femail%2F")
    page = adas.get(refused.url).text
    assert "This key was not accepted." in page
    assert f'name="next" value="{goal}"' in page
    assert send(adas, AGAIN, answered(adas, AGAIN, key, ada), next=goal).url == goal


def test_another_key_and_an_old_answer_are_not_accepted(
    adas: Client, ada: User, key: SoftKey
) -> None:
    add(adas, key)
    halfway = Client()
    sign_in(halfway)
    refused = send(halfway, SECOND, answered(halfway, SECOND, SoftKey(), ada))
    assert "This key was not accepted." in refused.content.decode()
    answer = answered(halfway, SECOND, key, ada)
    options(halfway, SECOND)
    send(halfway, SECOND, answer)
    assert not is_signed_in(halfway)


@pytest.mark.parametrize("address", WAYS)
def test_nonsense_is_refused_and_never_breaks_a_page(
    adas: Client, ada: User, key: SoftKey, address: str
) -> None:
    add(adas, key)
    browser = at(address, adas)
    for text in NONSENSE:
        assert send(browser, address, text).status_code in {200, 302}, text[:40]
        options(browser, address)
        assert send(browser, address, text).status_code in {200, 302}, text[:40]
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def spoilt(answer: Answer) -> Iterator[Answer]:
    """The answer with one thing in it wrong: junk in its place, or bytes cut short or turned."""
    for path in [*((name,) for name in answer), *(("response", one) for one in answer["response"])]:
        *way, last = path
        for junk in [*JUNK, *_bytes(answer, path)]:
            copy = json.loads(json.dumps(answer))
            (copy[way[0]] if way else copy)[last] = junk
            yield copy


def _bytes(answer: Answer, path: tuple[str, ...]) -> list[str]:
    value: Any = answer
    for name in path:
        value = value[name]
    if not isinstance(value, str) or path == ("type",):
        return []
    known = websafe_decode(value)
    cuts = [known[:length] for length in range(0, len(known), 7)]
    turned = [known[:n] + bytes([known[n] ^ 255]) + known[n + 1 :] for n in range(0, len(known), 5)]
    return [websafe_encode(each) for each in cuts + turned]


@pytest.mark.proof
@pytest.mark.parametrize("address", WAYS)
def test_an_answer_that_is_nearly_right_is_refused_and_never_breaks_a_page(
    adas: Client, ada: User, key: SoftKey, address: str
) -> None:
    add(adas, key)
    browser = at(address, adas)
    for answer in spoilt(answered(browser, address, key, ada)):
        assert send(browser, address, answer).status_code in {200, 302}, answer
        if address != ADD and is_signed_in(browser):
            browser = at(address, adas)
    for page in ("/account/2fa/", "/account/2fa/webauthn/"):
        assert adas.get(page).status_code == 200
