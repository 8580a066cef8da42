"""A copy of the checkout: for tests that run commands as a newcomer does, or that write into the project."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import PROJECT_ROOT
from tests.house import House

# A `make` that runs beneath another one announces its folder and takes over its options: a user's does neither. Tests
# that run beneath a worker of these would share what they build with whatever ran on this machine before.
SHARED_BETWEEN_RUNS = "TESTS_SHARED_HOMES"
"""The variable that names a folder in which runs of the tests at the same time, of one checkout, share homes."""
OURS_ALONE = (
    SHARED_BETWEEN_RUNS,
    "GROWTH_HOME",
    "PYTEST_XDIST_WORKER",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "MAKEOVERRIDES",
)
LEFT_OUT = shutil.ignore_patterns(".git", "data", ".venv*", ".*_cache", ".hypothesis")
QUICK_NIGHT = """
import datetime as dt, sys
from pathlib import Path
from tests.house import House
assert House(Path(sys.argv[1])).quick_night(dt.date.fromisoformat(sys.argv[2])).failures == ()
"""


@dataclass(frozen=True)
class Checkout:
    """A checkout whose `.venv/bin/python` is our interpreter; its user's home folder lies beside it."""

    folder: Path

    @property
    def user(self) -> Path:
        """The home folder of whoever runs commands in it (`$HOME`)."""
        return self.folder.parent / "user"

    def run(self, *command: str | Path, timeout: float = 1200, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as its user would; `.venv/bin/python` is a good first word."""
        ours = {name: value for name, value in os.environ.items() if name not in OURS_ALONE}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=ours | {"HOME": str(self.user), "PYTHONUTF8": "1", "COLUMNS": "200"} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def pipeline(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m pipeline …` in it."""
        return self.run(".venv/bin/python", "-m", "pipeline", *arguments, **environment)

    def quick_night(self, house: House, as_of: dt.date) -> None:
        """Run `House.quick_night` by its declarations and its code. Fails if anything in it failed."""
        night = self.run(".venv/bin/python", "-c", QUICK_NIGHT, str(house.root), as_of.isoformat())
        assert night.returncode == 0, night.stdout + night.stderr


def copied_checkout(root: Path) -> Checkout:
    """Copy the project to `root/checkout`, without its stores and environments."""
    folder = root / "checkout"
    shutil.copytree(PROJECT_ROOT, folder, ignore=LEFT_OUT, symlinks=True)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / ".venv" / "runtime.stamp").touch()
    checkout = Checkout(folder)
    checkout.user.mkdir()
    return checkout
