"""The one way to show money on pages."""

from django import template

from glossary.amounts import money, pounds

__all__ = ["money", "pounds", "register"]

register = template.Library()
register.filter(money)
register.filter(pounds)
