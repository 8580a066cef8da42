"""What a night costs, side by side in one run: CPU-seconds (user and system, children included), as medians.

A night is set against what it cannot do without: importing its libraries, and a graph of as many assets and checks with
empty bodies, run as Dagster comes. A night keeps Dagster's databases open, which makes the graph itself cheaper
(`pipeline.instance`); what the empty graph costs so is printed too, and how much a night costs above it. Wall times of
a shared machine say little; CPU-seconds of the same minutes can be compared.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = "import dagster, duckdb, pandas"
MEMORY_LIMIT_MB = 600
_EMPTY, _EMPTY_AS_A_NIGHT = "the same graph, empty", "the same graph, empty, run as a night"


@dataclass(frozen=True)
class Cost:
    """What one process and its children cost."""

    cpu_seconds: float
    peak_mb: float


def measure(command: list[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end and return what it cost. Raises CalledProcessError unless it exits with 0."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    stderr = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=stderr)
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare_nights(runs: int = 3, out: Callable[[str], None] = print) -> bool:
    """Measure all parts `runs` times in turn, print their medians, and return whether the bounds hold."""
    costs: dict[str, list[Cost]] = {}
    for _ in range(runs):
        for name, cost in _one_round().items():
            costs.setdefault(name, []).append(cost)
    cpu = {name: statistics.median(cost.cpu_seconds for cost in some) for name, some in costs.items()}
    peak = {name: max(cost.peak_mb for cost in some) for name, some in costs.items()}
    for name in costs:
        out(f"{name:44} {cpu[name]:7.2f} CPU-s   peak {peak[name]:5.0f} MB")
    great_expectations = cpu["imports and Great Expectations"] - cpu["imports"]
    empty_graph = cpu[_EMPTY] - cpu["import dagster"]
    as_a_night = cpu[_EMPTY_AS_A_NIGHT] - cpu["import dagster"]
    first_bound = cpu["imports"] + great_expectations + empty_graph + 3
    quiet_bound = cpu["imports"] + 1
    verdicts = {
        f"first night {cpu['first night']:.2f} <= {first_bound:.2f} = imports {cpu['imports']:.2f} + "
        f"Great Expectations {great_expectations:.2f} + empty graph {empty_graph:.2f} + 3": cpu["first night"]
        <= first_bound,
        f"night without news {cpu['night without news']:.2f} <= {quiet_bound:.2f} = imports without Great Expectations "
        "+ 1": cpu["night without news"] <= quiet_bound,
        f"peak memory {peak['first night']:.0f} <= {MEMORY_LIMIT_MB} MB": peak["first night"] <= MEMORY_LIMIT_MB,
    }
    for text, holds in verdicts.items():
        out(f"{'holds' if holds else 'BROKEN'}: {text}")
    above = cpu["first night"] - cpu["imports"] - great_expectations
    out(f"a first night: {above:.2f} above imports, {above - as_a_night:.2f} above them and that graph run as a night")
    return all(verdicts.values())


def _one_round() -> dict[str, Cost]:
    home = Path(tempfile.mkdtemp(prefix="benchmark-night-"))
    nightly = [sys.executable, "-m", "pipeline", "nightly", "--inbox", "samples/inbox", "--as-of", "2025-02-10"]
    python = [sys.executable, "-c"]
    empty_graph = [sys.executable, "-m", "benchmarks.empty_graph"]
    quietly = {"DAGSTER_DISABLE_TELEMETRY": "yes"}
    at_home = {"GROWTH_HOME": str(home / "night"), **quietly}
    try:
        return {
            "import dagster": measure([*python, "import dagster"], {}),
            "imports": measure([*python, IMPORTS], {}),
            "imports and Great Expectations": measure([*python, f"{IMPORTS}, great_expectations"], {}),
            _EMPTY: measure([*empty_graph, str(home / "empty")], quietly),
            _EMPTY_AS_A_NIGHT: measure([*empty_graph, str(home / "empty-night"), "--as-a-night"], quietly),
            "first night": measure(nightly, at_home),
            "night without news": measure(nightly, at_home),
        }
    finally:
        shutil.rmtree(home, ignore_errors=True)
