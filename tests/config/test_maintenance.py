"""A site that is closed for a while says so, to people and to machines, without its database."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def closed(settings: Any) -> Client:
    settings.MAINTENANCE = True
    return Client()


@pytest.mark.parametrize("path", ["/", "/account/login/", "/admin/", "/nothing/here/"])
def test_every_page_says_so_and_when_to_come_back(closed: Client, path: str) -> None:
    response = closed.get(path)
    assert response.status_code == 503
    assert response["Retry-After"] == "300"
    assert "no-store" in response["Cache-Control"]
    assert "We are working on the site" in response.content.decode()
    assert "default-src" in response["Content-Security-Policy"]


def test_stripe_is_asked_to_send_its_event_again(closed: Client) -> None:
    event = closed.post("/stripe/webhook/", b"{}", content_type="application/json")
    assert event.status_code == 503


def test_visitors_are_still_sent_to_the_page_that_says_so(closed: Client) -> None:
    health = closed.get("/healthz/")
    assert (health.status_code, health.content) == (200, b"maintenance\n")


def test_an_open_site_has_nothing_of_it(client: Client, db: None) -> None:
    assert client.get("/courses/").status_code == 200
    assert client.get("/healthz/").content == b"ok\n"
