"""What a kind of mail is: to whom it goes, and what its templates are told."""

from collections.abc import Callable
from typing import Any

Context = dict[str, Any]
# From the key of what the mail is about to the address that it goes to, and its context.
Kinds = dict[str, Callable[[str], tuple[str, Context]]]


class NothingToSay(Exception):
    """What the mail was to be about is no more; it need not be tried again."""
