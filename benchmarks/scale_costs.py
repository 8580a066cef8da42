"""What a night costs as data grow: CPU-seconds and peak memory by phase, on DuckDB and on Spark, and a bare script.

A night is watched from outside while it runs: twice a second the processes that it has started are counted together,
and what they spent since is put to the phase of which the night speaks. So Java counts, which no parent waits for;
a process that lives shorter than half a second may not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from benchmarks.measuring import OURS, ROOT, Cost, measure
from benchmarks.night_costs import DAY, NEXT_DAY, PUBLISHED
from benchmarks.peer import QUIETLY
from simulator.simulate import DEFAULT_SEED, simulate

SPARK = ROOT / ".venv-spark" / "bin" / "python"
PHASES = {
    "landing": "intake",
    "raw": "intake",
    "candidates": "intake",
    "validated": "intake",
    "ledger": "intake",
    "staging": "models",
    "intermediate": "models",
    "audits": "models",
    "marts": "models",
    "history": "history",
    "release": "release",
}
"""The phase of a table, by its layer; what comes before the first table is the start."""
EVERY = 0.5
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


@dataclass
class Watched:
    """What a command cost, phase by phase."""

    seconds: float = 0.0
    phases: dict[str, Cost] = field(default_factory=dict)

    @property
    def whole(self) -> Cost:
        """What it cost from its start to its end."""
        costs = self.phases.values()
        return Cost(sum(cost.cpu_seconds for cost in costs), max((cost.peak_mb for cost in costs), default=0.0))


def compare_scales(scales: Sequence[int], engines: Sequence[str], out: Callable[[str], None] = print) -> None:
    """Print, for each number of provinces, what nights and the bare script cost."""
    if "spark" in engines and not SPARK.exists():
        raise SystemExit("Spark's environment is not there: make .venv-spark/stamp, or --engines duckdb")
    out(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    out("| Provinces | What | Phase | CPU-s | Peak MB | s |\n|---|---|---|---|---|---|")
    for scale in scales:
        root = Path(tempfile.mkdtemp(prefix="benchmark-scale-"))
        try:
            for line in _of_scale(root, scale, engines):
                out(line)
        finally:
            shutil.rmtree(root, ignore_errors=True)
    out(f"load of the machine after: {os.getloadavg()[0]:.1f}")


def _of_scale(root: Path, scale: int, engines: Sequence[str]) -> Iterable[str]:
    simulate(root, scale, DEFAULT_SEED, say=lambda _: None)
    for engine in engines:
        home = root / f"home-{engine}"
        for name, day in (("first night", DAY), ("next day", NEXT_DAY)):
            watched = _night(home, root / "inbox", day, engine)
            for phase, cost in {**watched.phases, "whole": watched.whole}.items():
                seconds = f"{watched.seconds:.0f}" if phase == "whole" else ""
                yield _row(scale, f"{name}, {engine}", phase, cost, seconds)
    script = root / "bare"
    home = root / f"home-{engines[0]}"
    command = [sys.executable, "-m", "benchmarks.night_models", "bare", str(home), "--out", str(script), "--python"]
    measure(command, {})
    began = time.monotonic()
    cost = measure([sys.executable, str(script / "bare.py")], OURS)
    yield _row(scale, "bare script", "models", cost, f"{time.monotonic() - began:.0f}")


def _row(scale: int, what: str, phase: str, cost: Cost, seconds: str) -> str:
    return f"| {scale} | {what} | {phase} | {cost.cpu_seconds:.1f} | {cost.peak_mb:.0f} | {seconds} |"


def _night(home: Path, inbox: Path, day: str, engine: str) -> Watched:
    python = str(SPARK) if engine == "spark" else sys.executable
    command = [python, "-u", "-m", "pipeline", "nightly", "--inbox", str(inbox), "--as-of", day]
    return watch(command, {"GROWTH_HOME": str(home), "GROWTH_ENGINE": engine, **QUIETLY}, PUBLISHED)


def watch(command: Sequence[str], environment: Mapping[str, str], good: Sequence[int] = (0,)) -> Watched:
    """Run a command to its end and return what each phase of it cost.

    Raises CalledProcessError, its last lines in a note, unless it exits with one of the codes that are `good`.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []

    def listen() -> None:
        assert process.stdout is not None
        lines.extend(process.stdout)

    listener = Thread(target=listen, daemon=True)
    listener.start()
    spent: dict[int, float] = {}
    phases: dict[str, Cost] = {}
    while process.poll() is None:
        phase, before = _phase_of(lines), sum(spent.values())
        memory = 0.0
        for pid, (cpu_seconds, resident_mb) in _processes_of(process.pid).items():
            spent[pid] = cpu_seconds
            memory += resident_mb
        known = phases.get(phase, Cost(0.0, 0.0))
        phases[phase] = Cost(known.cpu_seconds + sum(spent.values()) - before, max(known.peak_mb, memory))
        time.sleep(EVERY)
    listener.join(timeout=10)
    if process.returncode not in good:
        error = subprocess.CalledProcessError(process.returncode, command, output="".join(lines))
        error.add_note("".join(lines)[-4000:])
        raise error
    return Watched(time.monotonic() - began, phases)


def _phase_of(lines: Sequence[str]) -> str:
    """The phase of the table that a night told of last."""
    for line in reversed(lines):
        layer = line.partition("] ")[2].removeprefix("still at: ").partition("/")[0].partition(":")[0]
        if layer in PHASES:
            return PHASES[layer]
    return "start"


def _processes_of(pid: int) -> dict[int, tuple[float, float]]:
    """CPU-seconds and resident megabytes of a process and of those that it, or one of these, has started."""
    rows: dict[int, tuple[int, float, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(") ")[2].split()
            except OSError:
                continue  # it has ended
            cpu_seconds = (int(fields[11]) + int(fields[12])) / TICKS
            rows[int(entry.name)] = int(fields[1]), cpu_seconds, int(fields[21]) * PAGE / 1e6
    found, of = {}, {pid}
    while of:
        found.update({one: rows[one][1:] for one in of if one in rows})
        of = {one for one, (parent, _, _) in rows.items() if parent in of} - set(found)
    return found
