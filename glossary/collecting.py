"""Python's collector of cycles, left out where it only looks."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """While very many objects are made and kept, none of which points back to another.

    The collector would look at all of them again and again, for a quarter of an import's time.
    Where threads are in this together, the first of them to begin lets it look again.
    """
    was_looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looking:
            gc.enable()
