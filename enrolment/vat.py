"""VAT in whole pence."""


def vat_in(gross: int, rate: int) -> int:
    """The VAT in ``gross`` pence at ``rate`` hundredths of a per cent, rounded half up.

    Prices include VAT, so it is the VAT fraction of what was paid: rate / (100 + rate), at 2000 a
    sixth. Who sells to consumers may not round the VAT down, but may round each up or down as it
    falls (HMRC, VAT guide (VAT Notice 700), section 17.6).
    """
    return (2 * gross * rate + 10_000 + rate) // (2 * (10_000 + rate))
