"""What the marts of the samples say, in a form that a person can read in a diff.

`scorecard.csv` holds the scorecard line by line and `deliveries.csv` the deliveries; `profiles.csv` holds, of every
column of every mart, how many values are missing, how many differ, the least, the greatest and, of exact numbers, the
sum, over the rows of those items and feeds. A change of a figure anywhere shows in one of the three. What none of them
names (a new mart, a new indicator, a new feed) changes none. `python -m tests.golden.profiles` writes them anew, to be
read before they are committed.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.house import House, run_samples

GOLDEN = Path(__file__).parent
SCORECARD = (
    "directive", "item", "comparator", "threshold", "unit", "actual", "gap", "status", "provisional",
    "within_revision_error", "evidence_basis", "evidence_period", "evidence_released_on", "is_simulated",
    "status_reason_en", "status_reason_vi",
)  # fmt: skip
DELIVERIES = (
    "feed", "source_file", "period", "released_on", "status", "rows_in", "rows_accepted", "rows_rejected",
    "findings_critical", "findings_warning",
)  # fmt: skip
PROFILE = ("mart", "column", "rows", "missing", "distinct", "least", "greatest", "sum")
DIGESTS = ("delivery_id", "evidence_delivery_id")
"""Columns of hashes: how many there are matters, which is least does not."""


def scorecard(release: Path) -> str:
    """The scorecard as CSV."""
    rows = pq.read_table(release / "directive_scorecard.parquet", columns=list(SCORECARD)).to_pylist()
    return _csv(SCORECARD, rows)


def deliveries(release: Path) -> str:
    """The deliveries as CSV."""
    rows = pq.read_table(release / "delivery_quality.parquet", columns=list(DELIVERIES)).to_pylist()
    return _csv(DELIVERIES, sorted(rows, key=lambda row: (row["feed"], row["source_file"])))


def profiles(release: Path, items: Collection[tuple[str, str]], feeds: Collection[str]) -> str:
    """Every column of every mart as one line of CSV, over the rows of some items and feeds where it has such."""
    rows = [
        {"mart": path.stem, "column": name, **_profile(name, table.column(name))}
        for path in sorted(release.glob("*.parquet"))
        for table in [_of(pq.read_table(path), items, feeds)]
        for name in table.column_names
    ]
    return _csv(PROFILE, rows)


def _of(table: pa.Table, items: Collection[tuple[str, str]], feeds: Collection[str]) -> pa.Table:
    if {"directive", "item"} <= set(table.column_names):
        named = zip(table.column("directive").to_pylist(), table.column("item").to_pylist(), strict=True)
        table = table.filter(pa.array([item in items or item == (None, None) for item in named], pa.bool_()))
    if "feed" in table.column_names:
        table = table.filter(pc.is_in(table.column("feed"), pa.array(sorted(feeds))))
    return table


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a golden file."""
    return list(csv.DictReader(io.StringIO(text)))


def items_in(text: str) -> set[tuple[str, str]]:
    """The items that a scorecard names."""
    return {(row["directive"], row["item"]) for row in rows_of(text)}


def feeds_in(text: str) -> set[str]:
    """The feeds of deliveries."""
    return {row["feed"] for row in rows_of(text)}


def _profile(name: str, column: pa.ChunkedArray) -> dict[str, Any]:
    profile: dict[str, Any] = {
        "rows": len(column),
        "missing": column.null_count,
        "distinct": pc.count_distinct(column, mode="only_valid").as_py(),
    }
    values = [value for value in column.to_pylist() if value is not None]
    if values and name not in DIGESTS:
        profile |= {"least": _short(min(values)), "greatest": _short(max(values))}
    if values and isinstance(values[0], Decimal):
        profile["sum"] = sum(values, Decimal(0))
    elif values and type(values[0]) is int:
        profile["sum"] = sum(values)
    return profile


def _short(value: Any) -> Any:
    return value if not isinstance(value, str) or len(value) <= 60 else f"{value[:59]}…"


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def main() -> int:
    """Run a night on the samples and write the files anew."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        run_samples(house)
        release = house.home.marts / "current"
        told = {"scorecard": scorecard(release), "deliveries": deliveries(release)}
        told["profiles"] = profiles(release, items_in(told["scorecard"]), feeds_in(told["deliveries"]))
        for name, text in told.items():
            (GOLDEN / f"{name}.csv").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
