"""The site as it is served, with one bare page more, which only the benchmark has."""

from django.conf import settings

from config.wsgi import application

__all__ = ["application"]

settings.ROOT_URLCONF = "tests.bench.pages"
