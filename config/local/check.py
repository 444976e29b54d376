"""`python -m config.local.check`: everything that reads the code without running it.

All checks run, whatever the first one found, and each failure is shown in full.
"""

import os
import subprocess
import sys
import time

from config.local import CHECKOUT, CannotRun
from config.local.postgres import start

# As on a real site, so that the settings show what they are there; none of it reaches anything.
AS_PRODUCTION = {
    "DEMO": "0",
    "DEBUG": "0",
    "SECRET_KEY": "".join(chr(33 + n * 7 % 94) for n in range(64)),
    "SITE_URL": "https://termtime.example",
    "ALLOWED_HOSTS": "termtime.example",
    "EMAIL_URL": "smtp+tls://user:password@mail.termtime.example:587",
    "STRIPE_SECRET_KEY": "sk_test_nothing",
    "STRIPE_WEBHOOK_SECRET": "whsec_nothing",
}
NOT_SET = (
    "STRIPE_API_BASE",
    "DEMO_MAIL_URL",
    "CACHE_URL",
    "DJANGO_SETTINGS_MODULE",
    "LANGUAGE_CODE",
)

CHECKS: dict[str, list[str]] = {
    "format": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "lint": ["-m", "ruff", "check", "--quiet", "."],
    "types": ["-m", "mypy", "--no-error-summary"],
    "templates": ["-m", "djlint", "templates", "--lint", "--quiet"],
    "imports": [
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-logo",
    ],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": ["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}


def main(names: list[str]) -> int:
    """Run the named checks, or all of them; 1 where one failed."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_SET}
    environment |= AS_PRODUCTION | {"COLUMNS": "100"}
    # Looking for missing migrations compares with the history in a database.
    with start("test") as cluster:
        environment["DATABASE_URL"] = cluster.url()
        failed = [name for name in names or CHECKS if not passes(name, environment)]
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def passes(name: str, environment: dict[str, str]) -> bool:
    """Run one check and say how it went; its output only where it failed."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *CHECKS[name]],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name:<12} {verdict}  ({time.monotonic() - began:.1f} s)", flush=True)
    if done.returncode != 0:
        print(done.stdout.rstrip(), flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as refusal:
        sys.exit(str(refusal))
