"""What the marts of the samples say, in a form that a person can read in a diff.

`scorecard.csv` holds the scorecard line by line; `profiles.csv` holds, of every column of every mart, how many values
are missing, how many differ, the least, the greatest and, of exact numbers, the sum. A change of a figure anywhere
shows in one of the two. `python -m tests.golden.profiles` writes both anew, to be read before they are committed.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
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
    "status_reason", "status_reason_vi",
)  # fmt: skip
PROFILE = ("mart", "column", "rows", "missing", "distinct", "least", "greatest", "sum")
DIGESTS = ("delivery_id", "evidence_delivery_id")
"""Columns of hashes: how many there are matters, which is least does not."""


def scorecard(release: Path) -> str:
    """The scorecard as CSV."""
    rows = pq.read_table(release / "directive_scorecard.parquet", columns=list(SCORECARD)).to_pylist()
    return _csv(SCORECARD, rows)


def profiles(release: Path) -> str:
    """Every column of every mart as one line of CSV."""
    rows = [
        {"mart": path.stem, "column": name, **_profile(name, table.column(name))}
        for path in sorted(release.glob("*.parquet"))
        for table in [pq.read_table(path)]
        for name in table.column_names
    ]
    return _csv(PROFILE, rows)


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
    """Run a night on the samples and write both files anew."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        run_samples(house)
        release = house.home.marts / "current"
        (GOLDEN / "scorecard.csv").write_text(scorecard(release), encoding="utf-8")
        (GOLDEN / "profiles.csv").write_text(profiles(release), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
