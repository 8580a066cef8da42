"""What became of a rule, as a plain result: failing rows named and shown as they stand in the Arrow table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from expectations.batches import judges_columns
from expectations.expectation_types import ROW_COUNT_TYPES
from expectations.report import CheckResult, Row, Scalar
from expectations.suites import Expectation

_VALUES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class RuleJudgement:
    """What was said of one rule: whether it holds, what was observed, where it fails, or why nobody knows.

    `positions` are those of the failing rows in the table, where single rows fail.
    """

    passed: bool
    observed: Any = None
    positions: Sequence[int] | NDArray[np.int64] = ()
    error: str | None = None


def result_of(
    rule: Expectation, verdict: RuleJudgement, row_id: Sequence[str], table: pa.Table, row_limit: int | None
) -> CheckResult:
    """Return the result of a rule; failing rows are listed up to `row_limit` of each delivery (None: all)."""
    if verdict.error is not None:
        return _errored(rule, verdict.error)
    named = [name for name in row_id if name in table.column_names]
    shown = [*named, *(name for name in rule.columns if name not in named)]
    rows: tuple[Row, ...] = ()
    by_delivery: dict[str, int] = {}
    if len(verdict.positions):
        positions = np.asarray(verdict.positions, dtype=np.int64)
        listed = positions[:row_limit]
        if "delivery_id" in named:
            by_delivery, listed = _by_delivery(table.column("delivery_id"), positions, row_limit)
        rows = tuple(_rows(table.select(shown), listed))
    return CheckResult(
        check=rule.check,
        dimension=rule.dimension,
        severity=rule.severity,
        outcome="passed" if verdict.passed else "failed",
        description=rule.description,
        observed=_observed(rule, verdict, table),
        failing_rows=rows,
        failing_count=len(verdict.positions),
        failing_by_delivery=by_delivery,
        next_step=rule.next_step,
        columns=rule.columns,
        expectation=rule.type,
    )


def _errored(rule: Expectation, error: str) -> CheckResult:
    return CheckResult(
        check=rule.check,
        dimension=rule.dimension,
        severity=rule.severity,
        outcome="errored",
        description=rule.description,
        observed="could not be judged",
        next_step=f"Mend the table or the rule {rule.check}, which could not be judged: {error}.",
        columns=rule.columns,
        error=error,
        expectation=rule.type,
    )


def _observed(rule: Expectation, verdict: RuleJudgement, table: pa.Table) -> str:
    if rule.names_rows:
        failing = len(verdict.positions) or int(verdict.observed or 0)
        return f"{failing:,} of {table.num_rows:,} rows"
    if judges_columns(rule):
        return _differences(table.column_names, rule.kwargs.get("column_list") or rule.kwargs["column_set"])
    if rule.type in ROW_COUNT_TYPES:
        return f"{int(verdict.observed):,} rows"
    if isinstance(verdict.observed, list | tuple | set):
        values = [str(value) for value in verdict.observed]
        return ", ".join(values[:_VALUES_SHOWN]) + (" ..." if len(values) > _VALUES_SHOWN else "")
    return str(verdict.observed)


def _differences(there: Sequence[str], declared: Sequence[str]) -> str:
    missing = [name for name in declared if name not in there]
    surplus = [name for name in there if name not in declared]
    difference = parts(missing, surplus)
    if not difference and list(there) != list(declared):
        difference = "in another order"
    return f"{len(there)} columns" + (f"; {difference}" if difference else "")


def parts(missing: Iterable[Any], surplus: Iterable[Any]) -> str:
    """Say what is missing and what is surplus; nothing where neither is."""
    kinds = [("without ", missing), ("with the undeclared ", surplus)]
    return "; ".join(words + ", ".join(str(value) for value in values) for words, values in kinds if values)


def _rows(table: pa.Table, positions: NDArray[np.int64]) -> Iterable[Row]:
    for row in table.take(pa.array(positions)).to_pylist():
        yield {name: _scalar(value) for name, value in row.items()}


def _scalar(value: Any) -> Scalar:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _by_delivery(
    deliveries: pa.ChunkedArray, positions: NDArray[np.int64], row_limit: int | None
) -> tuple[dict[str, int], NDArray[np.int64]]:
    """How many of the rows each delivery has, and the first `row_limit` positions of each."""
    encoded = deliveries.take(pa.array(positions)).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    names = [str(name) for name in (*encoded.dictionary.to_pylist(), None)]
    counts = np.bincount(codes, minlength=len(names))
    order = np.argsort(codes, kind="stable")
    firsts = np.cumsum(counts) - counts
    rank = np.empty(len(codes), dtype=np.int64)
    rank[order] = np.arange(len(codes)) - firsts[codes[order]]
    listed = positions if row_limit is None else positions[rank < row_limit]
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}, listed
