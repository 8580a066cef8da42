"""What became of the rules: plain results that know neither Great Expectations nor Dagster.

They are cached beside the tables they speak of, so each has an exact JSON form. Values of failing rows are
kept as JSON can hold them: whole numbers and booleans as they are, decimals and dates as text (a decimal must
not pass through a float).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

RuleOutcome = Literal["passed", "failed", "errored"]
Severity = Literal["critical", "warning", "info"]
Dimension = Literal["schema", "completeness", "validity", "uniqueness", "consistency", "timeliness", "reconciliation"]
Scalar = str | int | float | bool | None
Row = Mapping[str, Scalar]

OUTCOMES: tuple[RuleOutcome, ...] = get_args(RuleOutcome)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one delivery, worded so that its supplier can act on it.

    `source_row` is the physical row of the file (1-based), null where the finding speaks of the whole
    delivery. Such a finding may still have a place that a person can look at: `line` is a row that is no data (of
    the header, a total, a unit). `column_numbers` are the columns of the cells that it speaks of, from 1. `row_names`
    holds what else names the row that a rule judged, each with its column: the figure, the series, the ratio.
    """

    feed: str
    delivery_id: str | None
    source_file: str | None
    source_sheet: str | None
    source_row: int | None
    check: str
    severity: Severity
    column: str | None
    value: str | None
    sentence: str
    next_step: str
    line: int | None = None
    column_numbers: tuple[int, ...] = ()
    row_names: tuple[tuple[str, str], ...] = ()

    @property
    def message(self) -> str:
        """What is wrong, and the rule that says so: a waiver names it."""
        return f"{self.sentence} [rule {self.check}]"

    @property
    def cells(self) -> list[tuple[int, int]]:
        """The cells that it is about, as row and column."""
        row = self.line if self.source_row is None else self.source_row
        return [] if row is None else [(row, column) for column in self.column_numbers]

    def to_dict(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """The finding that `to_dict` wrote; an unknown or missing key is a TypeError."""
        row_names = tuple((name, value) for name, value in data["row_names"])
        return cls(**{**data, "column_numbers": tuple(data["column_numbers"]), "row_names": row_names})


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What became of one rule on one table.

    `outcome` is `errored` when the rule could not be judged at all (a missing column, say): neither good nor
    bad is known then, and `error` says why. `failing_count` is exact; `failing_rows` holds at most the
    runner's limit of them, each with the suite's row_id columns and the judged columns. A rule about the
    table as a whole (its row count, its columns) fails with `failing_count` 0 and no rows: `observed` says
    what was seen. `failing_by_delivery` counts the failing rows of each delivery, exactly, where the table's
    rows are named by their delivery: a delivery may be judged by it even where its rows are past the limit.
    """

    check: str
    dimension: Dimension
    severity: Severity
    outcome: RuleOutcome
    description: str
    observed: str | None = None
    failing_rows: tuple[Row, ...] = ()
    failing_count: int = 0
    failing_by_delivery: Mapping[str, int] = field(default_factory=dict)
    next_step: str = ""
    columns: tuple[str, ...] = ()
    error: str | None = None
    expectation: str = ""

    @property
    def passed(self) -> bool:
        """True only where the rule was judged and held."""
        return self.outcome == "passed"

    @property
    def blocks(self) -> bool:
        """True where a critical rule failed or could not be judged: the table must not be promoted."""
        return self.severity == "critical" and not self.passed

    def to_dict(self) -> dict[str, Any]:
        """The result as a JSON object."""
        data = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        rows = [dict(row) for row in self.failing_rows]
        return {
            **data,
            "failing_rows": rows,
            "failing_by_delivery": dict(self.failing_by_delivery),
            "columns": list(self.columns),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CheckResult:
        """The result that `to_dict` wrote; an unknown or missing key is a TypeError."""
        values = dict(data)
        values["failing_rows"] = tuple(dict(row) for row in values.get("failing_rows", ()))
        values["columns"] = tuple(values.get("columns", ()))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """What became of all rules of one suite on one table of `row_count` rows."""

    suite: str
    row_count: int
    results: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        """True where every rule passed, warnings included."""
        return all(result.passed for result in self.results)

    @property
    def blocks(self) -> bool:
        """True where a critical rule failed or could not be judged."""
        return any(result.blocks for result in self.results)

    @property
    def not_passed(self) -> tuple[CheckResult, ...]:
        """The results that failed or errored, most serious first."""
        return tuple(sorted((r for r in self.results if not r.passed), key=lambda r: SEVERITIES.index(r.severity)))

    def result(self, check: str) -> CheckResult:
        """The result of the named rule; a KeyError names the rules there are."""
        for result in self.results:
            if result.check == check:
                return result
        raise KeyError(f"{self.suite} has no rule {check}; it has {', '.join(r.check for r in self.results)}")

    def to_dict(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return {
            "suite": self.suite,
            "row_count": self.row_count,
            "results": [r.to_dict() for r in self.results],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SuiteReport:
        """The report that `to_dict` wrote."""
        results = tuple(CheckResult.from_dict(result) for result in data["results"])
        return cls(suite=data["suite"], row_count=data["row_count"], results=results)

    def to_json(self) -> str:
        """The report as one line of JSON; the same report gives the same bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> SuiteReport:
        """The report that `to_json` wrote."""
        return cls.from_dict(json.loads(text))


@dataclass(frozen=True, slots=True)
class DimensionReport:
    """The results of one dimension of a suite: what one Dagster asset check shows."""

    dimension: Dimension
    results: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        """True where every rule of the dimension passed."""
        return all(result.passed for result in self.results)

    @property
    def blocks(self) -> bool:
        """True where a critical rule of the dimension failed or errored."""
        return any(result.blocks for result in self.results)

    @property
    def severity(self) -> Severity:
        """The highest severity among the rules that did not pass, or among all rules where all passed."""
        relevant = [r.severity for r in self.results if not r.passed] or [r.severity for r in self.results]
        return min(relevant, key=SEVERITIES.index)

    @property
    def outcome(self) -> RuleOutcome:
        """`errored` where a rule could not be judged, else `failed` where one failed, else `passed`."""
        outcomes = {result.outcome for result in self.results}
        return "errored" if "errored" in outcomes else "failed" if "failed" in outcomes else "passed"


def by_dimension(results: Iterable[CheckResult]) -> dict[Dimension, DimensionReport]:
    """The results grouped by dimension, in the order of `DIMENSIONS`; dimensions without a rule are left out."""
    kept = tuple(results)
    groups = {dimension: tuple(r for r in kept if r.dimension == dimension) for dimension in DIMENSIONS}
    return {dimension: DimensionReport(dimension, group) for dimension, group in groups.items() if group}
