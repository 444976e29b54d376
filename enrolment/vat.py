"""VAT in whole pence."""


def vat_in(gross: int, rate: int) -> int:
    """The VAT in ``gross`` pence at ``rate`` hundredths of a per cent, rounded half up.

    Prices include VAT, so it is the VAT fraction of what was paid (HMRC, VAT guide (VAT Notice
    700), section 17.5): at 2000, a sixth.
    """
    return (2 * gross * rate + 10_000 + rate) // (2 * (10_000 + rate))
