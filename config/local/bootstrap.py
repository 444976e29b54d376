"""`python3 config/local/bootstrap.py run|dev`: the virtual environment, as the lock says.

Runs before anything is installed, under whichever Python was found: the standard library only,
and nothing of ours imported. Where the lock has not changed it does nothing, in a blink.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
STAMP = VENV / "installed.json"
PYTHON = VENV / "bin" / "python"
# The larger set holds the smaller one in the same versions, so it serves both purposes.
SERVED_BY = {"run": ("run", "dev"), "dev": ("dev",)}
NEEDED_BYTES = 800_000_000


def main(purpose: str) -> None:
    """Make the environment fit for ``purpose``; a refusal is one line and exit status 1."""
    (CHECKOUT / ".local").mkdir(exist_ok=True)
    with (CHECKOUT / ".local" / "venv.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once would install over each other
        if not works():
            make()
        if not any(installed().get(name) == wanted(name) for name in SERVED_BY[purpose]):
            install(purpose)


def wanted(name: str) -> str:
    """What the stamp says when this lock file, and no other, has been installed."""
    return hashlib.sha256((CHECKOUT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """The lock files that have been installed whole, by name."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def works() -> bool:
    """Whether there is an environment whose Python still runs and has pip."""
    try:
        probe = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False)
    except OSError:
        return False
    return probe.returncode == 0


def make() -> None:
    """Make an empty environment in the place of whatever is there."""
    free = shutil.disk_usage(CHECKOUT).free
    if free < NEEDED_BYTES:
        refuse(f"The disk is nearly full: {NEEDED_BYTES // 10**6} MB are needed.")
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Making a virtual environment (Python {version})", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if "ensurepip" in done.stdout + done.stderr or "No module named venv" in done.stderr:
            refuse("Python's venv module is missing; on Debian: apt-get install python3-venv")
        refuse(f"The virtual environment could not be made: {last_line(done)}")


def install(purpose: str) -> None:
    """Install the locked packages, each checked against its hash, none of them built here."""
    print("Installing packages (about a minute the first time)", flush=True)
    stamp = {name: digest for name, digest in installed().items() if digest == wanted(name)}
    STAMP.unlink(missing_ok=True)
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--only-binary=:all:"]
    command += ["--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["-r", str(CHECKOUT / "requirements" / f"{purpose}.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        refuse(f"pip could not install the packages: {last_line(done)}")
    STAMP.write_text(json.dumps(stamp | {purpose: wanted(purpose)}))


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    """The last thing that a program said, an error before a warning."""
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no reason given"])[-1]


def refuse(reason: str) -> None:
    """End with one line."""
    sys.exit(reason)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SERVED_BY:
        refuse("Say what for: run or dev")
    try:
        main(sys.argv[1])
    except OSError as error:
        refuse(f"{error.strerror or error}: {error.filename or CHECKOUT}")
    except KeyboardInterrupt:
        sys.exit(130)
