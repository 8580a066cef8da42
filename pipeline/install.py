"""Install a lock into the environment that runs this: `python -m pipeline.install requirements.lock`.

It says beforehand what is needed and, while pip works, how far it is. It runs where nothing is installed yet, so it
imports the standard library alone. Everything that is installed comes from pip and the lock, as in
`python -m pip install --require-hashes -r requirements.lock`; only the bytecode of modules is left to their first
import, because a night imports a third of what is there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

PIP = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
PIP += ["--no-compile", "--no-warn-conflicts"]  # seconds each; a lock was resolved when it was compiled
NEEDED = {"requirements.lock": (210, 850), "requirements-server.lock": (5, 15), "requirements-dev.lock": (55, 165)}
"""Roughly, of each lock: MB to download, and MB on the disk in the end."""

EVERY_SECONDS_ON_A_TERMINAL, EVERY_SECONDS_IN_A_LOG = 0.2, 5.0
LAST_LINES = 12

_PIN = re.compile(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==")
_LOOKED_AT = re.compile(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")


class _Progress:
    """How far pip is: packages fetched, then installed. Shown on one line of a terminal, on many lines of a log."""

    def __init__(self, pinned: Sequence[str]) -> None:
        self.wanted = len(pinned)
        self.fetched: dict[str, None] = {}
        self.to_install: int | None = None
        self.installed_before = _installed()
        self.started = time.monotonic()
        self.done = threading.Event()

    def hear(self, line: str) -> None:
        """Understand a line of pip; what is not understood changes nothing but the count."""
        if line.startswith("Ignoring "):  # a package of another system or another Python
            self.wanted -= 1
        elif found := _LOOKED_AT.match(line):
            self.fetched[found[1]] = None
        elif line.startswith("Installing collected packages: "):
            self.to_install = line.count(",") + 1

    def sentence(self) -> str:
        """What is being done now."""
        seconds = f"{time.monotonic() - self.started:3.0f} s"
        if self.to_install is None:
            newest = next(reversed(self.fetched), "")
            return f"  {seconds}  fetching    {len(self.fetched):3d} of {self.wanted}  {newest}"
        return f"  {seconds}  installing  {_installed() - self.installed_before:3d} of {self.to_install}"

    def tell(self) -> None:
        """Keep telling until pip is done."""
        terminal = sys.stdout.isatty()
        while not self.done.wait(EVERY_SECONDS_ON_A_TERMINAL if terminal else EVERY_SECONDS_IN_A_LOG):
            sentence = self.sentence()
            print(f"\r{sentence[: shutil.get_terminal_size().columns - 1]}\033[K" if terminal else sentence,
                  end="" if terminal else "\n", flush=True)  # fmt: skip
        if terminal:
            print("\r\033[K", end="", flush=True)


def _installed() -> int:
    """How many packages lie in this environment."""
    return sum(path.suffix == ".dist-info" for path in Path(sysconfig.get_path("purelib")).iterdir())


def install(lock: Path) -> int:
    """Install what a lock names; return pip's exit code. What pip says is shown only where it fails."""
    progress = _Progress(_PIN.findall(lock.read_text(encoding="utf-8")))
    download, disk = NEEDED.get(lock.name, (0, 0))
    free = shutil.disk_usage(sys.prefix).free // 1_000_000
    print(
        f"Installing {lock.name} into {Path(sys.prefix).name}: about {download} MB to download from the index that pip "
        f"knows, {disk} MB on the disk ({free:,} MB are free).",
        flush=True,
    )
    if free < disk:
        print(f"Too little: make room for {disk} MB where {sys.prefix} lies, then start again.", file=sys.stderr)
        return 1
    command = [sys.executable, *PIP, "--require-hashes", "-r", str(lock)]
    last: deque[str] = deque(maxlen=LAST_LINES)
    teller = threading.Thread(target=progress.tell)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        teller.start()
        assert pip.stdout is not None
        for line in pip.stdout:
            progress.hear(line.strip())
            last.append(line)
    progress.done.set()
    teller.join()
    if pip.returncode:
        print("".join(last), end="", file=sys.stderr)
        print(
            f"{lock.name} could not be installed; pip's last lines stand above. If it reached no index, name yours "
            "once (PIP_INDEX_URL, or `python3 -m pip config set global.index-url ADDRESS`), then start again.",
            file=sys.stderr,
        )
        return pip.returncode
    print(f"Installed {progress.to_install or 0} packages in {time.monotonic() - progress.started:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(install(Path(sys.argv[1])))
