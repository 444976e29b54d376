"""The codes of a batch as a spreadsheet reads them."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.conf import settings

from enrolment.models import VoucherBatch
from enrolment.spreadsheets import plain

HEADINGS = ("code", "uses", "limit", "withdrawn", "link")


def rows(batch: VoucherBatch) -> Iterator[tuple[str, ...]]:
    """The headings, and a row for each code; ``limit`` is empty where there is none."""
    yield HEADINGS
    address = _enrol_address(batch)
    for voucher in batch.vouchers.order_by("pk").iterator(chunk_size=1000):
        limit = "" if voucher.limit is None else str(voucher.limit)
        link = f"{address}?{urlencode({'voucher': voucher.code})}" if address else ""
        withdrawn = "yes" if voucher.is_withdrawn else "no"
        row = (voucher.code, str(voucher.times_used), limit, withdrawn, link)
        yield tuple(map(plain, row))


def _enrol_address(batch: VoucherBatch) -> str:
    """Where to enrol with a code filled in, if the batch is for one intake; else nothing."""
    intakes = {intake.pk: intake for intake in batch.intakes.select_related("course")}
    for price in batch.prices.select_related("intake__course"):
        intakes[price.intake_id] = price.intake
    if len(intakes) != 1 or batch.courses.exists():
        return ""
    [intake] = intakes.values()
    return f"{settings.SITE_URL}{intake.get_enrol_url()}"
