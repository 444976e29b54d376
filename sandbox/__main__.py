"""Start the stand-in: `python -m sandbox --port 8001 --data .local/sandbox.sqlite3`."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from sandbox import api, sweeper
from sandbox.app import App
from sandbox.delivery import Courier
from sandbox.server import is_loopback, make_server
from sandbox.store import InUse, Store


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A local stand-in for Stripe. No money moves."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8001, help="0 picks a free one")
    parser.add_argument("--data", type=Path, default=Path(".local/sandbox.sqlite3"))
    parser.add_argument("--webhook-url", help="where events go; without it they are only kept")
    parser.add_argument("--public-url", help="the address browsers use, if not the one bound")
    parser.add_argument("--mail-folder", type=Path, help="what Django's file backend writes to")
    parser.add_argument("--bacs-delay", type=int, help="seconds until a Direct Debit settles")
    return parser.parse_args()


def _environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        sys.exit(f"sandbox: {name} is not set")
    return value


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    options = _arguments()
    secret_key = _environment("STRIPE_SECRET_KEY")
    webhook_secret = _environment("STRIPE_WEBHOOK_SECRET")
    if not is_loopback(options.host):
        sys.exit(f"sandbox: {options.host} is not a loopback address")
    try:
        store = Store(options.data, webhooks=bool(options.webhook_url))
    except InUse as error:
        sys.exit(f"sandbox: {error}")
    if options.bacs_delay is not None:
        with store.work() as work:
            work.set("bacs_delay", options.bacs_delay)
    courier = Courier(store, options.webhook_url or "", webhook_secret)
    app = App(store, secret_key, courier.wake, options.mail_folder, options.public_url)
    try:
        server = make_server(options.host, options.port, app)
    except OSError as error:
        sys.exit(f"sandbox: cannot listen on {options.host}:{options.port}: {error.strerror}")
    stopping = threading.Event()
    # Set outright: a shell that starts a job in the background leaves SIGINT ignored.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    if options.webhook_url:
        courier.start()
    api.warm_up()
    sweeper.start(store, courier.wake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"sandbox ready on http://{options.host}:{server.port}", flush=True)
    while not stopping.wait(3600):
        pass
    store.close()


if __name__ == "__main__":
    main()
