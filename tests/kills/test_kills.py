"""Kill -9 of web, worker, database and Stripe, at the steps of every journey."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import ROOT

# So that as many processes as there are cores share the journeys evenly.
PARTS = 8
DOCUMENTS = "a document is applied by real processes"


def killed(folder: Path, *more: str) -> str:
    """Run the cases in processes of their own; what they printed."""
    command = [sys.executable, "-m", "tests.kills", "--folder", str(folder), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    # What failed may stand far above the end of what was printed.
    failed = done.stdout[done.stdout.find("FAILED") :] if "FAILED" in done.stdout else ""
    assert done.returncode == 0, failed[:6000] + done.stdout[-500:] + done.stderr[-3000:]
    return done.stdout


def test_nothing_is_lost_doubled_or_stuck_when_something_dies(tmp_path: Path) -> None:
    printed = killed(tmp_path / "house", "--journeys", "5", "--sample", "2", "--also", DOCUMENTS)
    assert f"ok     {DOCUMENTS}" in printed
    assert "12 cases tried, 0 failed" in printed


@pytest.mark.proof
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_nothing_is_lost_whichever_step_it_dies_at(tmp_path: Path, part: int) -> None:
    assert ", 0 failed" in killed(tmp_path / "house", "--part", f"{part}/{PARTS}")
