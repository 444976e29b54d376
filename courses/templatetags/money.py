"""The one way that money is shown."""

from django import template

register = template.Library()


@register.filter
def money(pence: int | None) -> str:
    """Pence as pounds: 9000 is ``£90``, 9050 is ``£90.50``; None is nothing at all."""
    if pence is None:
        return ""
    return pounds(pence).removesuffix(".00")


@register.filter
def pounds(pence: int) -> str:
    """An amount on a receipt or in a column, always with its pence: 9000 is ``£90.00``."""
    sign = "−" if pence < 0 else ""
    whole, rest = divmod(abs(pence), 100)
    return f"{sign}£{whole:,}.{rest:02d}"
