"""Texts as cells of a spreadsheet, which must neither reckon with them nor lose any of them."""

import re

# What a spreadsheet takes for the beginning of a formula (owasp.org, "CSV Injection"), the wide
# forms of East Asian keyboards among them.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_STARTS = re.escape("".join(FORMULA_STARTS))
_RECKONED = re.compile(rf"'* *[{_STARTS}]")
_DEFUSED = re.compile(rf"'+ *[{_STARTS}]")

# What XML cannot hold, a return (which it makes a line feed), and what looks like the mark itself:
# written as _xHHHH_ (ECMA-376, 22.9.2.19, ST_Xstring).
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def defused(text: str) -> str:
    """With an apostrophe in front of what a spreadsheet would reckon with; ``fused`` undoes it."""
    return f"'{text}" if _RECKONED.match(text) else text


def fused(text: str) -> str:
    """The text as it was before it was made safe for a spreadsheet."""
    return text[1:] if _DEFUSED.match(text) else text


def escaped(text: str) -> str:
    """As XLSX can hold it; ``unescaped`` undoes it."""
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """What an XLSX file holds, as a program for spreadsheets shows it."""
    return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


def _unescaped(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    # Half a character is none, and stays as it is written.
    return found[0] if "\ud800" <= letter <= "\udfff" else letter
