"""Collecting static files only when one of them has changed since the last time."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from config.local import CHECKOUT, CannotRun

STAMP = "collected.sha256"


def collect_static(folder: Path) -> bool:
    """Run ``collectstatic`` into ``folder`` where what it would collect has changed.

    The environment must be one that the site's settings accept. True where it ran.
    Raises CannotRun with Django's own last line where a file refers to one that is missing.
    """
    fingerprint = _fingerprint()
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text() == fingerprint:
        return False
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"],
        cwd=CHECKOUT,
        env=os.environ | {"STATIC_ROOT": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CannotRun(f"The static files could not be collected: {reason}")
    stamp.write_text(fingerprint)
    return True


def _fingerprint() -> str:
    """A hash over our own static files and over the lock, which stands for the packages' ones."""
    digest = hashlib.sha256()
    files = [
        CHECKOUT / "requirements" / "run.txt",
        CHECKOUT / "config" / "settings.py",
        CHECKOUT / "config" / "bundling.py",
        *sorted((CHECKOUT / "static").rglob("*")),
        *sorted(CHECKOUT.glob("[a-z]*/static/**/*")),
    ]
    for file in files:
        if file.is_file():
            digest.update(f"{file.relative_to(CHECKOUT)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
