"""Pence as pounds: one piece of code for all who write an amount."""


def decimal(pence: int, *, thousands: str = "") -> str:
    """Without its currency, always with two places: 900050 is ``9000.50``; not for less than 0."""
    whole, rest = divmod(pence, 100)
    return f"{whole:{thousands}}.{rest:02d}"


def pounds(pence: int) -> str:
    """An amount on a receipt or in a column, always with its pence: 9000 is ``£90.00``."""
    return f"{'−' if pence < 0 else ''}£{decimal(abs(pence), thousands=',')}"


def money(pence: int | None) -> str:
    """Pence as pounds: 9000 is ``£90``, 9050 is ``£90.50``; None is nothing at all."""
    return "" if pence is None else pounds(pence).removesuffix(".00")
