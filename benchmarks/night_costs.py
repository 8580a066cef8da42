"""What nights cost, side by side: CPU-seconds (user and system, children included), as ratios of medians.

A night is set against what it cannot do without (its imports, the same SQL as one bare script) and against a peer that
does the same models and rules by other means: dagster-dbt with dbt-duckdb. Whatever stands in one row is measured in
turn, in the same minutes. Every home holds a simulated inbox of `simulate`, faults included, as of one day.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import OURS, ROOT, Cost, in_turn, measure
from benchmarks.peer import QUIETLY, Peer, make_environment
from simulator.simulate import DEFAULT_SEED, simulate

DAY, NEXT_DAY = "2025-02-10", "2025-02-11"
DELIVERY = "treasury_disbursement/treasury_disbursement__2025-01__2025-02-05__simulated.csv"
"""The newest vouchers: what comes in the night in which one delivery comes."""
PUBLISHED = (0, 3)
"""Exit codes of a night that published; a planted fault may affect evidence."""
MEMORY_MB = {1: 600, 20: 1200}
"""Peak memory that a first night may take, by the number of provinces."""


@dataclass(frozen=True)
class Row:
    """One measure: what was spent over what it is set against. Without a bound it is shown and holds."""

    measure: str
    value: float
    bound: float | None = None
    beside: str = ""
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is within its bound."""
        return self.bound is None or self.value <= self.bound

    @property
    def line(self) -> str:
        """The row of the printed table."""
        shown = f"{self.value:,.0f} {self.unit}" if self.unit else f"{self.value:.2f}"
        bound = "" if self.bound is None else f"<= {self.bound:,.0f} {self.unit}" if self.unit else f"<= {self.bound}"
        verdict = "" if self.bound is None else "holds" if self.holds else "BROKEN"
        return f"{self.measure:<64} {shown:>9} {bound:>11} {verdict:6}  {self.beside}".rstrip()


def compare_nights(scale: int = 1, runs: int = 3, out: Callable[[str], None] = print) -> bool:
    """Measure everything `runs` times in turn, print each row as it is known, and return whether all bounds hold.

    With a `scale` above 1, what a further province costs is measured on so many.
    """
    make_environment()
    root = Path(tempfile.mkdtemp(prefix="benchmark-night-"))
    holds = True
    try:
        out(f"load of the machine before: {_load()}")
        for row in _rows(root, scale, runs):
            out(row.line)
            holds = holds and row.holds
        out(f"load of the machine after: {_load()}")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return holds


def _load() -> str:
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def _rows(root: Path, scale: int, runs: int) -> Iterator[Row]:
    province = MeasuredProvince(root / "1", 1)
    yield from _ordinary_nights(province, runs)
    yield from _quiet_nights(province, runs)
    yield from _definitions(runs)
    yield from _beside_the_peer(province, runs)
    yield from _sql(province, runs, 1.4)
    if scale > 1:
        yield from _further_provinces(province, MeasuredProvince(root / str(scale), scale), runs)


class MeasuredProvince:
    """A simulated inbox, and a home of it after its first night, from which copies are made to be measured."""

    def __init__(self, root: Path, scale: int) -> None:
        """Simulate the inbox and let a first night run."""
        self.scale = scale
        self.root = root
        self.inbox = root / "inbox"
        self.home = root / "home"
        simulate(root, scale, DEFAULT_SEED, say=lambda _: None)
        self._comes_later = (self.inbox / DELIVERY).rename(root / Path(DELIVERY).name)
        _night(self.home, self.inbox)

    def first_night(self) -> Cost:
        """A night in an empty home."""
        home = self._home("first")
        shutil.rmtree(home)
        return _night(home, self.inbox)

    def next_night(self) -> Cost:
        """The night of the next day, in which nothing was delivered."""
        return _night(self._home("next"), self.inbox, NEXT_DAY)

    def same_night(self) -> Cost:
        """The same night again."""
        return _night(self.home, self.inbox)

    def night_with_a_delivery(self) -> Cost:
        """The night of the next day, in which one file was delivered."""
        home, delivered = self._home("delivery"), self.inbox / DELIVERY
        shutil.copy2(self._comes_later, delivered)
        try:
            return _night(home, self.inbox, NEXT_DAY)
        finally:
            delivered.unlink()

    def night_of_models(self) -> Cost:
        """A night that has all validated rows and the history, and no table of a model."""
        home = self._home("models")
        measure(_models("forget", home), {})
        return _night(home, self.inbox)

    def tables(self) -> Cost:
        """Every SQL model computed and written, in a process that does nothing else."""
        home = self._home("tables")
        measure([*_models("forget", home), "--keep-python"], {})
        return measure(_models("tables", home), {})

    def bare_script(self, with_python: bool) -> Callable[[], Cost]:
        """Write the same SQL as a bare script and return what measures it."""
        out = self.root / f"bare{'-with-python' if with_python else ''}"
        measure([*_models("bare", self.home), "--out", str(out), *(["--python"] if with_python else [])], {})
        return lambda: measure([sys.executable, str(out / "bare.py")], OURS)

    def _home(self, name: str) -> Path:
        """A fresh copy of the home."""
        home = self.root / f"home-{name}"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.home, home, symlinks=True)
        return home


def _night(home: Path, inbox: Path, day: str = DAY) -> Cost:
    command = [sys.executable, "-m", "pipeline", "nightly", "--inbox", str(inbox), "--as-of", day]
    return measure(command, {"GROWTH_HOME": str(home), **QUIETLY}, good=PUBLISHED)


def _models(what: str, home: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.night_models", what, str(home)]


def _imports(libraries: str) -> Callable[[], Cost]:
    return lambda: measure([sys.executable, "-c", f"import {libraries}"], QUIETLY)


def _ratio(measure: str, costs: Mapping[str, Cost], bound: float | None = None) -> Row:
    """The first part of a measurement over the second."""
    (above, a), (below, b) = costs.items()
    beside = f"{above} {a.cpu_seconds:.2f}, {below} {b.cpu_seconds:.2f} CPU-s"
    return Row(measure, a.cpu_seconds / b.cpu_seconds, bound, beside)


def _ordinary_nights(province: MeasuredProvince, runs: int) -> Iterator[Row]:
    nights = {"new day": province.next_night, "one delivery": province.night_with_a_delivery}
    costs = in_turn({**nights, "imports": _imports("dagster, great_expectations")}, runs)
    for name, title, bound in (
        ("new day", "new day, no delivery / import dagster + great_expectations", 2.0),
        ("one delivery", "new day, one delivery / the same", 2.5),
    ):
        yield _ratio(title, {name: costs[name], "imports": costs["imports"]}, bound)


def _quiet_nights(province: MeasuredProvince, runs: int) -> Iterator[Row]:
    costs = in_turn({"night": province.same_night, "imports": _imports("pyarrow, duckdb")}, runs)
    yield _ratio("same day again / import pyarrow + duckdb", costs, 3)


def _definitions(runs: int) -> Iterator[Row]:
    costs = in_turn({"definitions": _imports("pipeline.definitions"), "dagster": _imports("dagster")}, runs)
    yield _ratio("loading definitions / import dagster", costs, 1.5)


def _beside_the_peer(province: MeasuredProvince, runs: int) -> Iterator[Row]:
    peer = Peer(province.home, province.root / "peer")
    costs = in_turn(
        {"night of models": province.night_of_models, "peer": peer.night, "first night": province.first_night}, runs
    )
    judged, tested = _output_of(_models("rules", province.root / "home-models")), peer.tests()
    if judged != tested:
        raise RuntimeError(f"The peer's tests say something else than our rules: {tested}, and ours {judged}")
    models = {name: costs[name] for name in ("night of models", "peer")}
    number = f"; {judged['rules']} rules judged, {tested['rules']} tests run"
    row = _ratio("models, judging, release from validated / dagster-dbt, dbt-duckdb", models, 1.0)
    yield Row(row.measure, row.value, row.bound, row.beside + number)
    yield _ratio("whole first night / the same peer", {name: costs[name] for name in ("first night", "peer")}, 1.5)
    yield _peak(province, costs["first night"])
    home = province.root / "home-parts"
    spent = _output_of([*_models("parts", home), "--inbox", str(province.inbox)])
    for part in ("intake", "history"):
        cost = {f"{part} of a first night": Cost(spent[part], 0), "peer": costs["peer"]}
        yield _ratio(f"  of it {part}, without Dagster / the same peer", cost)


def _output_of(command: list[str]) -> dict[str, Any]:
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    content: dict[str, Any] = json.loads(output)
    return content


def _sql(province: MeasuredProvince, runs: int, bound: float) -> Iterator[Row]:
    bare = province.bare_script(with_python=False)
    costs = in_turn({"SQL": province.tables, "bare": bare}, runs)
    yield _ratio(f"SQL part, all tables written / bare script, {province.scale} province(s)", costs, bound)


def _further_provinces(one: MeasuredProvince, many: MeasuredProvince, runs: int) -> Iterator[Row]:
    yield from _sql(many, runs, 1.2)
    costs = in_turn(
        {
            "first night of one": one.first_night,
            "first night of many": many.first_night,
            "bare script of one": one.bare_script(with_python=True),
            "bare script of many": many.bare_script(with_python=True),
        },
        runs,
    )
    more = many.scale - one.scale
    a, b = (
        Cost((costs[f"{what} of many"].cpu_seconds - costs[f"{what} of one"].cpu_seconds) / more, 0)
        for what in ("first night", "bare script")
    )
    yield _ratio("a further province / the bare script's with the Python models", {"night": a, "bare": b}, 6)
    yield _peak(many, costs["first night of many"])


def _peak(province: MeasuredProvince, night: Cost) -> Row:
    return Row(f"peak memory, {province.scale} province(s)", night.peak_mb, MEMORY_MB.get(province.scale), unit="MB")
