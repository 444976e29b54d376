"""The HTTP server: a thread for each connection, on loopback only."""

import ipaddress
import socket
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

#: Waiting connections: more than the couple of hundred clients that the races use.
BACKLOG = 1024


class QuietHandler(WSGIRequestHandler):
    """Handles requests without a line on stderr for each."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: the requests are in the log of the control page."""


class Server(ThreadedWSGIServer):
    """Werkzeug's threaded server with a longer queue."""

    request_queue_size = BACKLOG


def is_loopback(host: str) -> bool:
    """Tell whether a host, by name or address, is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def make_server(host: str, port: int, app: Any) -> Server:
    """Bind and listen. Raises OSError when the port is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    port = listener.getsockname()[1]
    return Server(host, port, app, QuietHandler, fd=listener.detach())
