"""The site as it is served, with the addresses of ``tests.browser.failing`` besides its own."""

from django.conf import settings

from config.wsgi import application

__all__ = ["application"]

settings.ROOT_URLCONF = "tests.browser.failing"
