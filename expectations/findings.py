"""Turns failed rules into findings: sentences that say what is wrong, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from expectations.report import CheckResult, Finding, Row, Scalar, SuiteReport

_ROW_ID = ("delivery_id", "source_file", "source_sheet", "source_row")


def findings_of(report: SuiteReport, feed: str, files: Mapping[str, str]) -> list[Finding]:
    """Return one finding for each failing row, and for each rule about the whole table that did not hold.

    `files` gives the file name of each delivery. A delivery whose failing rows are all past the runner's
    limit still has one finding, without a row, that counts them; so has one with more failing rows than are
    listed. A rule that speaks of no delivery (its row count, its columns, or a rule that could not be judged)
    is a finding of the only delivery where `files` has just one, and of none otherwise.
    """
    found: list[Finding] = []
    for result in report.not_passed:
        if not result.failing_rows:
            found.append(_of_table(result, feed, files))
            continue
        found += [_of_row(result, row, feed, files) for row in result.failing_rows]
        found += _of_unlisted(result, feed, files)
    return found


def finding_sentence(result: CheckResult, row: Row, feed: str, source_file: str | None) -> str:
    """Say what is wrong with one row.

    For example: `treasury_disbursement, delivery treasury_disbursement__2024-09__2024-10-03.csv, row 17:
    amount_vnd is -5, but amounts are positive whole dong. Next: correct the row and send the file again with
    note r2.`
    """
    seen = [
        f"{name} is {_shown(row.get(name))}"
        for name in result.columns
        if name not in _ROW_ID or name == "source_row"
    ]
    said = " and ".join(seen) or "this row fails"
    return f"{_where(feed, source_file, row)}: {said}, but {_clause(result.description)}. Next: {_clause(result.next_step)}."


def table_sentence(result: CheckResult, feed: str, source_file: str | None) -> str:
    """Say what is wrong with a whole table or delivery, or why a rule could not be judged."""
    where = _where(feed, source_file, {})
    if result.outcome == "errored":
        said = f"the rule {result.check} could not be judged ({result.error})"
        return f"{where}: {said}. Next: {_clause(result.next_step)}."
    return (
        f"{where}: {result.observed}, but {_clause(result.description)}. Next: {_clause(result.next_step)}."
    )


def _of_row(result: CheckResult, row: Row, feed: str, files: Mapping[str, str]) -> Finding:
    delivery_id = _text(row.get("delivery_id"))
    source_file = _text(row.get("source_file")) or files.get(delivery_id or "")
    source_row = row.get("source_row")
    judged = [name for name in result.columns if name not in _ROW_ID]
    values = [
        f"{_shown(row.get(name))}" if len(judged) == 1 else f"{name}={_shown(row.get(name))}"
        for name in judged
    ]
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
    )


def _of_unlisted(result: CheckResult, feed: str, files: Mapping[str, str]) -> Iterator[Finding]:
    listed: dict[str, int] = {}
    for row in result.failing_rows:
        delivery_id = str(row.get("delivery_id"))
        listed[delivery_id] = listed.get(delivery_id, 0) + 1
    for delivery_id, count in sorted(result.failing_by_delivery.items()):
        more = count - listed.get(delivery_id, 0)
        if more > 0:
            said = f"{more:,} more rows of {count:,} fail like this"
            yield _whole(
                result,
                feed,
                delivery_id,
                files.get(delivery_id),
                f"{said}, and {_clause(result.description)}",
            )


def _of_table(result: CheckResult, feed: str, files: Mapping[str, str]) -> Finding:
    delivery_id, source_file = next(iter(files.items())) if len(files) == 1 else (None, None)
    sentence = table_sentence(result, feed, source_file)
    return Finding(
        feed=feed,
        delivery_id=delivery_id,
        source_file=source_file,
        source_sheet=None,
        source_row=None,
        check=result.check,
        severity=result.severity,
        column=", ".join(result.columns) or None,
        value=result.observed,
        sentence=sentence,
        next_step=result.next_step,
    )


def _whole(result: CheckResult, feed: str, delivery_id: str, source_file: str | None, said: str) -> Finding:
    return Finding(
        feed=feed,
        delivery_id=delivery_id,
        source_file=source_file,
        source_sheet=None,
        source_row=None,
        check=result.check,
        severity=result.severity,
        column=", ".join(result.columns) or None,
        value=None,
        sentence=f"{_where(feed, source_file, {})}: {said}. Next: {_clause(result.next_step)}.",
        next_step=result.next_step,
    )


def _where(feed: str, source_file: str | None, row: Row) -> str:
    parts = [feed]
    if source_file:
        parts.append(f"delivery {source_file}")
    if row.get("source_sheet"):
        parts.append(f"sheet {row['source_sheet']}")
    if row.get("source_row") is not None:
        parts.append(f"row {row['source_row']}")
    return ", ".join(parts)


def _clause(sentence: str) -> str:
    """A sentence as it stands inside another: without its full stop, its first word in lower case unless a name or acronym."""
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
