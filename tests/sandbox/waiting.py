"""Waiting for something that happens in another process or thread."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.01


def until(condition: Callable[[], T], *, seconds: float = 60, what: str = "it") -> T:
    """Return the first truthy result of `condition`; fail when the deadline passes first."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}; last saw {result!r}")
        time.sleep(PAUSE)
