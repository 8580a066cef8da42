"""Turns failed rules into findings: sentences that say what is wrong, where, and what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from expectations.report import CheckResult, Finding, Row, Scalar, SuiteReport

_ROW_ID = ("delivery_id", "source_file", "source_sheet", "source_row")
_SERIES = (
    "area_code", "sector_code", "activity_code", "project_code", "period", "month", "price_basis",
    "figure_name", "line_kind", "middle_ratio", "reference_file",
)  # fmt: skip
"""What an audit's rows may be named by besides: its suite lists them in row_id."""


def findings_of(report: SuiteReport, feed: str, files: Mapping[str, str]) -> list[Finding]:
    """Return one finding for each failing row, and for each rule about the whole table that did not hold.

    `files` gives the file name of each delivery that was judged, by its id. A rule about the table as a whole
    (its row count, its columns, a rule that could not be judged) is a finding of every one of them, because
    nobody knows which is to blame. A delivery with more failing rows than are listed has one finding more,
    without a row, that counts them.
    """
    found: list[Finding] = []
    for result in report.not_passed:
        if result.failing_rows:
            found += [_of_row(result, row, feed, files) for row in result.failing_rows]
            found += _of_unlisted(result, feed, files)
        else:
            deliveries: list[tuple[str | None, str | None]] = [*files.items()] or [(None, None)]
            found += [_of_table(result, feed, delivery_id, name) for delivery_id, name in deliveries]
    return found


def finding_sentence(result: CheckResult, row: Row, feed: str, source_file: str | None) -> str:
    """Say what is wrong with one row; what to do about it is the finding's `next_step`.

    For example: `treasury_disbursement, delivery treasury_disbursement__2024-09__2024-10-03.csv, row 17:
    amount_vnd is -5, but amounts are positive whole dong.`
    """
    judged = [name for name in result.columns if name not in _ROW_ID] or list(result.columns)
    clause = " and ".join(f"{name} is {_shown(row.get(name))}" for name in judged)
    return f"{_where(feed, source_file, row, judged)}: {clause}, but {_clause(result.description)}."


def table_sentence(result: CheckResult, feed: str, source_file: str | None) -> str:
    """Say what is wrong with a whole table or delivery, or why a rule could not be judged."""
    where = _where(feed, source_file, {})
    if result.outcome == "errored":
        return f"{where}: the rule {result.check} could not be judged, because {_clause(result.error or '')}."
    return f"{where}: found {result.observed}, but {_clause(result.description)}."


def _of_row(result: CheckResult, row: Row, feed: str, files: Mapping[str, str]) -> Finding:
    delivery_id = _text(row.get("delivery_id"))
    source_file = _text(row.get("source_file")) or files.get(delivery_id or "")
    source_row = row.get("source_row")
    judged = [name for name in result.columns if name not in _ROW_ID]
    values = [f"{_shown(row.get(name))}" if len(judged) == 1 else f"{name}={_shown(row.get(name))}" for name in judged]
    return Finding(
        feed=feed,
        delivery_id=delivery_id,
        source_file=source_file,
        source_sheet=_text(row.get("source_sheet")),
        source_row=source_row if isinstance(source_row, int) else None,
        check=result.check,
        severity=result.severity,
        column=", ".join(judged) or None,
        value=", ".join(values) or None,
        sentence=finding_sentence(result, row, feed, source_file),
        next_step=result.next_step,
        row_names=tuple((name, str(row[name])) for name in _SERIES if row.get(name) is not None),
    )


def _of_unlisted(result: CheckResult, feed: str, files: Mapping[str, str]) -> Iterator[Finding]:
    listed = Counter(str(row.get("delivery_id")) for row in result.failing_rows)
    for delivery_id, count in sorted(result.failing_by_delivery.items()):
        more = count - listed[delivery_id]
        if more > 0:
            name = files.get(delivery_id)
            clause = f"{more:,} more of its rows break the rule that {_clause(result.description)} ({count:,} in all)"
            sentence = f"{_where(feed, name, {})}: {clause}."
            yield _of_whole(result, feed, delivery_id, name, sentence, value=None)


def _of_table(result: CheckResult, feed: str, delivery_id: str | None, source_file: str | None) -> Finding:
    sentence = table_sentence(result, feed, source_file)
    return _of_whole(result, feed, delivery_id, source_file, sentence, value=result.observed)


def _of_whole(
    result: CheckResult, feed: str, delivery_id: str | None, source_file: str | None, sentence: str, value: str | None
) -> Finding:
    return Finding(
        feed=feed,
        delivery_id=delivery_id,
        source_file=source_file,
        source_sheet=None,
        source_row=None,
        check=result.check,
        severity=result.severity,
        column=", ".join(result.columns) or None,
        value=value,
        sentence=sentence,
        next_step=result.next_step,
    )


def _where(feed: str, source_file: str | None, row: Row, judged: Sequence[str] = ()) -> str:
    parts = [feed]
    if source_file:
        parts.append(f"delivery {source_file}")
    if row.get("source_sheet"):
        parts.append(f"sheet '{row['source_sheet']}'")
    if row.get("source_row") is not None:
        parts.append(f"row {row['source_row']}")
    parts += [f"{name} {row[name]}" for name in _SERIES if name not in judged and row.get(name) is not None]
    return ", ".join(parts)


def _clause(sentence: str) -> str:
    """A sentence inside another: no full stop, first word in lower case unless it is an acronym."""
    bare = sentence.strip().removesuffix(".")
    return bare[:1].lower() + bare[1:] if re.match(r"[A-Z][a-z]|A ", bare) else bare


def _shown(value: Scalar) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _text(value: Scalar) -> str | None:
    return None if value is None else str(value)
