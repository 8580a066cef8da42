"""A clock that can be set on while servers run by it: a small library of ours, preloaded, that a C compiler makes."""

from __future__ import annotations

import datetime as dt
import mmap
import shutil
import struct
import subprocess
from pathlib import Path

COMPILER = shutil.which("cc")
_SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """A clock of its own for the Python of processes that are started with `environment`."""

    def __init__(self, folder: Path) -> None:
        self._place, self._library = folder / "clock", folder / "clock.so"
        assert COMPILER is not None
        command = [COMPILER, "-O2", "-shared", "-fPIC", "-o", str(self._library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        self._place.write_bytes(struct.pack("l", 0))

    @property
    def environment(self) -> dict[str, str]:
        """What a process must find in its environment; waiting goes by the true clock."""
        return {"LD_PRELOAD": str(self._library), "GROWTH_CLOCK": str(self._place)}

    def set(self, moment: dt.datetime) -> None:
        """Let it be that moment now, for all processes at once."""
        ahead = round((moment - dt.datetime.now(dt.UTC)).total_seconds())
        with self._place.open("r+b") as file, mmap.mmap(file.fileno(), struct.calcsize("l")) as shared:
            shared[:] = struct.pack("l", ahead)
