"""What makes a checkout run on one machine: a PostgreSQL of its own, and `make run`.

Nothing here is part of the site. The site knows only the environment variables that
these modules set, and runs the same without them.
"""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LOCAL = CHECKOUT / ".local"


class CannotRun(Exception):
    """Something outside the program stops it: a port, a disk, a tool. The message is one line."""
