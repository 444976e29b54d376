"""Intake lines, as ``May 2026 intake · open enrolment``, ``from £90 GBP`` and ``Enrol`` below."""

import re
from datetime import date

from django.utils.translation import gettext as _

from glossary.documents import DocumentError, IntakeLine
from glossary.parsing.drafts import Draft
from glossary.parsing.limits import shown

MINIMUM_PRICE = 30  # pence; less cannot be charged, save nothing at all
MAXIMUM_PRICE = 99_999_999  # pence
_LONGEST = 120  # characters; a longer line is prose

_INTAKE = re.compile(r"(?P<month>.*\d.*?)\s+intake\s*(?:[·|,–-]\s*(?P<wording>.*))?", re.IGNORECASE)
# “From” begins many a sentence; a price has its sign, or nothing but figures.
_PRICE = re.compile(r"from\s+(?P<price>[£$€].*|[\d.,]+(?:\s?[A-Z]{3})?)", re.IGNORECASE)
_POUNDS = re.compile(r"£\s?(\d{1,3}(?:,\d{3}){1,3}|\d{1,9})(?:\.(\d\d))?(?:\s?GBP)?", re.IGNORECASE)
_BUTTON = re.compile(r"enrol(?:l)?(?:\s+now)?", re.IGNORECASE)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def take_intake(draft: Draft, number: int, line: str) -> bool:
    """Take an intake line, a price, or the button under them; False where it is none of these.

    Raises DocumentError for one that cannot be read, and for a second one.
    """
    beginning = line[:5].lower()
    if beginning == "from " and (price := _PRICE.fullmatch(line)):
        if draft.price is not None:
            raise DocumentError(_("this is a second price; keep one"), line=number)
        draft.price = (number, _price(price["price"], number))
        return True
    if len(line) <= _LONGEST and "intake" in line.lower() and ":" not in line:
        intake = _INTAKE.fullmatch(line)
        # “Type 2 intake – an opening that lets air into an engine” explains a term.
        if intake and len((intake["wording"] or "").split()) <= 4:
            if draft.intake:
                raise DocumentError(_("this is a second intake; keep one"), line=number)
            draft.intake = (number, _month(intake["month"], number), _wording(intake, number))
            return True
    if beginning == "enrol" and _BUTTON.fullmatch(line):
        return draft.intake is not None or draft.price is not None
    return False


def intake_line(draft: Draft) -> IntakeLine | None:
    """The intake with its price. Raises DocumentError for a price alone."""
    if draft.intake is None:
        if draft.price is not None:
            raise DocumentError(
                _(
                    "there is a price, and no intake that it is the price of; add a line such as "
                    "“May 2026 intake”"
                ),
                line=draft.price[0],
            )
        return None
    number, month, wording = draft.intake
    amount = draft.price[1] if draft.price else None
    return IntakeLine(month=month, wording=wording, amount=amount, line=number)


def _month(words: str, number: int) -> date:
    parts = words.replace(",", " ").split()
    if len(parts) == 2 and re.fullmatch(r"20\d\d", parts[1]):
        name = parts[0].rstrip(".").lower()
        for month, full in enumerate(_MONTHS, start=1):
            if name == full or (3 <= len(name) <= 4 and full.startswith(name)):
                return date(int(parts[1]), month, 1)
    raise DocumentError(
        _("%(text)s is no month and year (as in May 2026)") % {"text": shown(words)}, line=number
    )


def _wording(intake: re.Match[str], number: int) -> str:
    wording = (intake["wording"] or "").strip()
    if wording and wording.lower() != "open enrolment":
        # The site works out an intake's state by itself; what it would contradict is refused.
        raise DocumentError(
            _("%(text)s is not understood; “open enrolment” is") % {"text": shown(wording)},
            line=number,
        )
    return wording.lower()


def _price(words: str, number: int) -> int:
    """Whole pence."""
    pounds = _POUNDS.fullmatch(words)
    if not pounds:
        raise DocumentError(
            _("%(text)s is no price in pounds (as in £90 GBP)") % {"text": shown(words)},
            line=number,
        )
    amount = int(pounds[1].replace(",", "")) * 100 + int(pounds[2] or 0)
    if 0 < amount < MINIMUM_PRICE or amount > MAXIMUM_PRICE:
        raise DocumentError(
            _("“%(words)s” cannot be charged: £0, or £0.30 to £999,999.99") % {"words": words},
            line=number,
        )
    return amount
