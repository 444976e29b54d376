"""Which ports are free on the loopback addresses."""

import errno
import socket

from config.local import CannotRun

LAST = 65535


def loopback_addresses() -> list[str]:
    """The loopback addresses of this machine: ``localhost`` may mean either kind."""
    found = ["127.0.0.1"]
    if socket.has_ipv6:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("::1", 0))
            except OSError:
                return found
            found.append("::1")
    return found


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` at every loopback address.

    Raises CannotRun where this account may not listen there at all.
    """
    for address in loopback_addresses():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As servers do; it forgives connections that are closing, not another listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except PermissionError:
                raise CannotRun(
                    f"Port {port} is not for this account; set PORT to one above 1023."
                ) from None
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                raise
    return True


def site_port(given: str) -> int:
    """The port that ``PORT`` names. Raises CannotRun where it is none, or taken."""
    if not given.isdecimal() or not 1 <= int(given) <= LAST:
        raise CannotRun(f"PORT={given} is no port; give a number from 1024 to {LAST}.")
    port = int(given)
    if not is_free(port):
        raise CannotRun(
            f"Port {port} is taken; run `make run PORT={port + 100 if port < 60000 else 8100}`."
        )
    return port


def next_free(after: int) -> int:
    """The first free port above ``after``. Raises CannotRun where there is none."""
    for port in range(after + 1, LAST + 1):
        if is_free(port):
            return port
    raise CannotRun(f"There is no free port above {after}.")
