"""Which account the embedded PostgreSQL runs as, and what that account can reach.

PostgreSQL refuses to run as root. Started by root it runs as an ordinary account instead, and no
folder is opened wider for that account's sake: what it cannot reach where it is goes to a
folder under /var/lib that root makes for it.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.local import CannotRun

STATE = Path("/var/lib")


@dataclass(frozen=True)
class Account:
    """A user and group of this machine, by number."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether this process already runs as the account."""
        return self.uid == os.geteuid()

    def popen_options(self) -> dict[str, Any]:
        """What ``subprocess`` needs to start a program as the account."""
        if self.is_us:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, right: str, path: Path) -> bool:
        """Whether the account may read (``r``) or enter and execute (``x``) ``path``.

        Asked of the system itself rather than computed from mode bits, so that access lists
        and read-only mounts count too.
        """
        answer = subprocess.run(
            ["/usr/bin/env", "test", f"-{right}", str(path)],
            cwd="/",
            check=False,
            **self.popen_options(),
        )
        return answer.returncode == 0


def server_account(checkout: Path, data: Path) -> Account:
    """The account for a server of ``checkout``: we ourselves, or for root whoever owns the files.

    Data that exist keep their owner. A checkout of root's own gets ``nobody``.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for folder in (data, checkout):
        if folder.exists() and folder.stat().st_uid != 0:
            return Account(folder.stat().st_uid, folder.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def short_hash(path: Path) -> str:
    """Twelve hexadecimal digits that stand for ``path`` where it is too long or not allowed."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def folder_outside(checkout: Path) -> Path:
    """Where things of ``checkout`` go that the server's account cannot reach inside it."""
    return STATE / f"termtime-{short_hash(checkout)}"


def make_private_folder(folder: Path, account: Account, mode: int = 0o700) -> None:
    """Make ``folder`` with this owner and mode, or check that it has been made so.

    Raises CannotRun where something else stands in its place, which in a folder that everybody
    writes to may be somebody's trap.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        raise CannotRun(f"{folder} is not a folder that we can open; remove it.") from None
    try:
        if os.fstat(opened).st_uid not in {account.uid, os.geteuid()}:
            raise CannotRun(f"{folder} belongs to somebody else; remove it.")
        if not account.is_us:
            os.fchown(opened, account.uid, account.gid)
        os.fchmod(opened, mode)
    finally:
        os.close(opened)


def reachable_copy(package: Path, libraries: Path, account: Account, outside: Path) -> Path:
    """The folder of PostgreSQL's programs, copied to ``outside`` if the account cannot read it.

    ``package`` and ``libraries`` lie side by side, and the programs find the second from the first.
    """
    install = package / "pginstall"
    if account.can("x", install / "bin" / "postgres") and account.can(
        "r", install / "share" / "postgres.bki"
    ):
        return install
    copy = outside / f"programs-{short_hash(package)}-{install.stat().st_mtime_ns}"
    if not copy.exists():
        for old in outside.glob("programs-*"):
            shutil.rmtree(old)
        unfinished = outside / "programs-unfinished"
        shutil.copytree(install, unfinished / package.name / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        _open_for_reading(unfinished)
        unfinished.rename(copy)
    return copy / package.name / "pginstall"


def _open_for_reading(folder: Path) -> None:
    """Let everybody read a copy of public programs, whatever the mask it was copied under."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    for program in folder.glob("*/pginstall/bin/*"):
        program.chmod(0o755)
