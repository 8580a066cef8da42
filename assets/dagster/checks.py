"""What became of the rules, as Dagster shows it: one check for each dimension of a table.

A check for each dimension and not for each rule: an asset then has at most seven lines, in the same order
everywhere, that an officer can read aloud (complete, valid, unique …), and each opens on a table of its rules with
what was observed and on the failing rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from expectations.report import DIMENSIONS, CheckResult, Dimension
from expectations.suites import Suite

ROWS_SHOWN = 50
STOPS = "A critical rule that is broken stops all that is made from this table, however it is launched."
REFUSES = "A critical rule that is broken keeps the delivery, or its bad rows, out of the validated table."
_WHAT: Mapping[str, str] = {
    "schema": "The columns are those that were agreed.",
    "completeness": "Nothing that must be there is missing.",
    "validity": "Each value is of the kind and in the range that it must have.",
    "uniqueness": "Nothing is there twice.",
    "consistency": "Values do not contradict each other.",
    "timeliness": "It came when it was due.",
    "reconciliation": "Parts add up, and figures agree with what is known from elsewhere.",
}


def check_specs(
    key: dg.AssetKey, dimensions: Iterable[Dimension], suite: Suite | None, when_critical: str
) -> list[dg.AssetCheckSpec]:
    """Return the checks of an asset: one for each dimension, described by the rules in it.

    None of them blocks as Dagster means it: who is stopped by a broken rule is decided in `assets.run`, whatever a run
    selects. Dagster says above the description that it does not block, so `when_critical` says there what does.
    """
    specs = []
    for dimension in dimensions:
        rules = [e for e in suite.expectations if e.dimension == dimension] if suite else []
        means = [when_critical] if any(rule.severity == "critical" for rule in rules) else []
        lines = [f"- {rule.check} ({rule.severity}): {rule.description}" for rule in rules]
        specs.append(
            dg.AssetCheckSpec(
                name=dimension,
                asset=key,
                description="\n".join([_WHAT[dimension], *means, *lines]),
            )
        )
    return specs


def check_results(
    key: dg.AssetKey,
    dimensions: Iterable[Dimension],
    results: Sequence[CheckResult],
    rejects: Path | None = None,
) -> list[dg.AssetCheckResult]:
    """Return what became of each dimension. A dimension without results passed: nothing broke its rules."""
    return [
        _check_result(key, dimension, [r for r in results if r.dimension == dimension], rejects)
        for dimension in dimensions
    ]


def ordered(dimensions: Iterable[Dimension]) -> tuple[Dimension, ...]:
    """Return dimensions in the order in which they are always shown."""
    wanted = set(dimensions)
    return tuple(dimension for dimension in DIMENSIONS if dimension in wanted)


def _check_result(
    key: dg.AssetKey, dimension: Dimension, results: Sequence[CheckResult], rejects: Path | None
) -> dg.AssetCheckResult:
    broken = [r for r in results if not r.passed and r.severity != "info"]
    errored = [r for r in broken if r.outcome == "errored"]
    critical = any(r.severity == "critical" for r in broken)
    metadata: dict[str, Any] = {
        "outcome": "errored" if errored else "failed" if broken else "passed",
        "rules": _rules_table(results),
    }
    rows = [_record(r, row) for r in broken for row in r.failing_rows][:ROWS_SHOWN]
    if rows:
        metadata["failing_rows"] = table_value(rows)
        metadata["failing_rows_in_all"] = sum(r.failing_count for r in broken)
    if broken and rejects is not None:
        metadata["rejects"] = dg.MetadataValue.path(str(rejects))
    return dg.AssetCheckResult(
        check_name=dimension,
        asset_key=key,
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        description=_summary(broken) if broken else _all_hold(len(results)),
        metadata=metadata,
    )


def _all_hold(number: int) -> str:
    return "1 rule holds." if number == 1 else f"{number} rules hold."


def _summary(broken: Sequence[CheckResult]) -> str:
    parts = []
    for result in broken:
        seen = result.error if result.outcome == "errored" else result.observed
        facts = ", ".join(part for part in (result.outcome, seen or "") if part)
        parts.append(f"{result.check}: {facts}. {result.description} {result.next_step}".strip())
    return "\n".join(parts)


def _rules_table(results: Sequence[CheckResult]) -> dg.MetadataValue:
    rows = [
        {
            "rule": r.check,
            "outcome": r.outcome,
            "severity": r.severity,
            "failing rows": r.failing_count,
            "observed": r.error or r.observed or "",
            "what should be true": r.description,
        }
        for r in results
    ]
    return table_value(rows) if rows else dg.MetadataValue.text("No rule of this dimension had anything to judge.")


def _record(result: CheckResult, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"rule": result.check, **row}


def table_value(rows: Sequence[Mapping[str, Any]]) -> dg.MetadataValue:
    """Return rows as a table that Dagster shows in its place; longer Markdown it hides behind a click."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return dg.MetadataValue.table(
        [dg.TableRecord({column: _plain(row.get(column)) for column in columns}) for row in rows],
        dg.TableSchema([dg.TableColumn(column) for column in columns]),
    )


def _plain(value: Any) -> str | int:
    return value if isinstance(value, int) else "" if value is None else str(value)
