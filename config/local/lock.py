"""`python -m config.local.lock [--upgrade]`: write requirements/ anew from pyproject.toml.

The files name packages, versions and hashes, and no place to fetch them from.
"""

import re
import subprocess
import sys

from config.local import CHECKOUT

COMPILE = [
    *("-m", "uv", "pip", "compile", "pyproject.toml", "--quiet"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
]
SETS = {
    "run.txt": [],
    # The same versions as above, and the tools beside them.
    "dev.txt": ["--group", "dev", "--constraint", "requirements/run.txt"],
}
ADDRESS = re.compile(r"://|^-|\s@\s|[/\\]\w", re.MULTILINE)


def main(options: list[str]) -> None:
    """Write both files; ends with a message where one would hold an address."""
    for name, extra in SETS.items():
        file = CHECKOUT / "requirements" / name
        command = [sys.executable, *COMPILE, *extra, *options, "--output-file", str(file)]
        subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
        if found := ADDRESS.search(file.read_text()):
            sys.exit(f"{file.name} holds what looks like an address: {found.group()!r}")
        print(f"requirements/{name}: {file.read_text().count('==')} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
