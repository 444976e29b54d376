"""Words in a file that a spreadsheet opens."""

from glossary.exporting.cells import FORMULA_STARTS


def plain(text: str) -> str:
    """The text as a cell that no spreadsheet reckons with, without what no spreadsheet can keep."""
    kept = "".join(letter for letter in text if letter >= " " or letter in "\t\r\n")
    return f"'{kept}" if kept.lstrip(" ").startswith(FORMULA_STARTS) else kept
