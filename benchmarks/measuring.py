"""What a command costs: CPU-seconds (user and system, children included) and peak memory.

Wall times of a shared machine say little; CPU-seconds of commands that ran in turn in the same minutes can be compared.
"""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = {"PYTHONPATH": str(ROOT)}
"""What a script that lies elsewhere needs to import packages of ours."""


@dataclass(frozen=True)
class Cost:
    """What one process and its children cost; `peak_mb` is that of the largest of them."""

    cpu_seconds: float
    peak_mb: float


def measure(command: Sequence[str], environment: Mapping[str, str], good: Collection[int] = (0,)) -> Cost:
    """Run a command to its end and return what it cost.

    Raises CalledProcessError, its last lines in a note, unless it exits with one of the codes that are `good`.
    """
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    captured = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in good:
        error = subprocess.CalledProcessError(process.returncode, command, output=captured)
        error.add_note(captured.decode(errors="replace")[-4000:])
        raise error
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turn(parts: Mapping[str, Callable[[], Cost]], runs: int) -> dict[str, Cost]:
    """Measure all parts one after another, `runs` times over, and return the median of each and its highest peak."""
    costs: dict[str, list[Cost]] = {name: [] for name in parts}
    for _ in range(runs):
        for name, part in parts.items():
            costs[name].append(part())
    return {
        name: Cost(statistics.median(one.cpu_seconds for one in some), max(one.peak_mb for one in some))
        for name, some in costs.items()
    }
