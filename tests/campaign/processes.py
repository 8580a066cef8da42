"""The processes that work on a home, by what they are, and what they hold of the memory."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import NamedTuple

_ROLES = (
    ("pipeline\0serve", "serve"),
    ("dagster_webserver", "web server"),
    ("dagster._daemon", "daemon"),
    ("\0api\0grpc", "code server"),
    ("multiprocessing.spawn", "run"),
    ("multiprocessing.resource_tracker", "resource tracker"),
)


class Process(NamedTuple):
    """A process: what it is, who started it, and its resident memory."""

    pid: int
    parent: int
    role: str
    rss_kb: int


def processes_of(home: Path) -> list[Process]:
    """Return the processes of this machine that work on a home."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if f"GROWTH_HOME={home}\0".encode() not in (place / "environ").read_bytes():
                continue
            command = (place / "cmdline").read_bytes().decode(errors="replace")
            status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines() if ":\t" in line)
            role = next((name for word, name in _ROLES if word in command), "other")
            rss = int(status.get("VmRSS", "0 kB").split()[0])
            found.append(Process(int(place.name), int(status["PPid"]), role, rss))
    roles = {one.pid: one.role for one in found}
    return [
        one._replace(role=f"code server of the {roles.get(one.parent, 'dead')}") if one.role == "code server" else one
        for one in found
    ]


def kill(pid: int) -> bool:
    """Kill a process as nothing else can; say whether it was there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
