"""Amounts as receipts and invoices show them."""

from django import template

register = template.Library()


@register.filter
def pounds(pence: int) -> str:
    """An amount in a column of amounts, always with its pence: 9000 is ``£90.00``."""
    return f"£{pence // 100:,}.{pence % 100:02d}"
