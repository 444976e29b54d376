"""The environment of the demo, kept in `.local/demo.env` so that `manage.py` finds it too."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

SECRETS = {
    "SECRET_KEY": "demo-",
    "STRIPE_SECRET_KEY": "sk_test_termtime",
    "STRIPE_WEBHOOK_SECRET": "whsec_termtime",
}


def read_settings(file: Path) -> dict[str, str]:
    """The variables in ``file``, one ``NAME=value`` a line, the value taken as it stands."""
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines())
    return {name: value for name, found, value in lines if found and not name.startswith("#")}


def keep_secrets(kept: Mapping[str, str]) -> dict[str, str]:
    """The secrets that an earlier run made, and new ones where there are none.

    Only our own are taken over, told by how they begin: a Stripe key that somebody once gave by
    hand must not be used again after they stopped giving it.
    """
    return {
        name: kept[name] if kept.get(name, "").startswith(ours) else ours + secrets.token_hex(32)
        for name, ours in SECRETS.items()
    }


def uses_stand_in(given: Mapping[str, str]) -> bool:
    """Whether the stand-in takes Stripe's place: unless both of Stripe's secrets were given."""
    return not (given.get("STRIPE_SECRET_KEY") and given.get("STRIPE_WEBHOOK_SECRET"))


def demo_settings(
    *, kept: Mapping[str, str], given: Mapping[str, str], local: Path, port: int, sandbox: int
) -> dict[str, str]:
    """The settings of the demo but for its database, those in the environment before our own."""
    made = keep_secrets(kept) | {
        "DEMO": "1",
        "DEBUG": "0",
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "CSRF_TRUSTED_ORIGINS": f"http://localhost:{port},http://127.0.0.1:{port}",
        # One slash ends the empty host, the next begins the path.
        "EMAIL_URL": f"filemail:///{quote(str(local / 'mail'))}",
        "DEMO_MAIL_URL": f"http://localhost:{sandbox}/mail/",
    }
    if uses_stand_in(given):
        made["STRIPE_API_BASE"] = f"http://127.0.0.1:{sandbox}"
        # Stripe itself offers only what its dashboard has switched on.
        made["STRIPE_PAYMENT_METHODS"] = "card,bacs_debit"
    return made | {name: given[name] for name in made if given.get(name)}


def write_settings(file: Path, settings: Mapping[str, str]) -> None:
    """Write ``settings`` where only we can read them, whole or not at all."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    lines = [f"{name}={value}\n" for name, value in sorted(settings.items())]
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.writelines(["# Made by `make run`; it is written anew at every start.\n", *lines])
    unfinished.replace(file)
