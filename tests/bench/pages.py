"""The bare pages that others are compared with, and the addresses of a site that has them."""

import os
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from accounts.models import User
from config.urls import urlpatterns as site

ROWS = 300
# The environment variable that names the folder of the pages that ``same`` returns.
SAME_PAGES = "TERMTIME_BENCH_PAGES"
_template = engines["django"].from_string(Path(__file__).with_name("bare.html").read_text("utf-8"))


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    """About 30 KB by template: 300 rows with three fields. The session, the person and the rows
    are its three queries."""
    rows = User.objects.order_by("pk")[:ROWS]
    return HttpResponse(_template.render({"rows": rows}, request))


def same(request: HttpRequest, name: str) -> HttpResponse:
    """The bytes of another page, which somebody kept in a folder."""
    return HttpResponse(_kept(name))


@cache
def _kept(name: str) -> bytes:
    return (Path(os.environ[SAME_PAGES]) / name).read_bytes()


urlpatterns = [
    *site,
    path("bench/students/", bare),
    path("bench/same/<slug:name>/", same),
]
