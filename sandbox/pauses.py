"""What is under way: slow requests, let go when the rules are cleared, and deliveries."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds that whoever clears the rules waits for the requests let go to end.
PATIENCE = 5
#: And for deliveries: longer than one may take (``sandbox.delivery.TIMEOUT``).
DELIVERED = 12


class Pauses:
    """Every API request that is being delayed."""

    def __init__(self) -> None:
        """Start with none."""
        self._changed = threading.Condition()
        self._round = 0
        self._held = 0

    @contextmanager
    def request(self) -> Iterator[Callable[[float], None]]:
        """Cover one request; what is given waits for some seconds, or until `end`."""
        began, held = self._round, False

        def wait(seconds: float) -> None:
            nonlocal held
            with self._changed:
                if not held:
                    held, self._held = True, self._held + 1
                self._changed.wait_for(lambda: self._round != began, seconds)

        try:
            yield wait
        finally:
            with self._changed:
                self._held -= held
                self._changed.notify_all()

    def end(self) -> None:
        """Let all go on at once, and return when they have been worked on."""
        with self._changed:
            self._round += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._held, PATIENCE)


class UnderWay:
    """Counts what is being done just now, for whoever has to wait until nothing is."""

    def __init__(self) -> None:
        """Start with none."""
        self._changed = threading.Condition()
        self._number = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Cover one piece of work."""
        with self._changed:
            self._number += 1
        try:
            yield
        finally:
            with self._changed:
                self._number -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Return when nothing is under way, or after `DELIVERED`."""
        with self._changed:
            self._changed.wait_for(lambda: not self._number, DELIVERED)
