"""The rows of each delivery and what is wrong with them: laid out, cast, judged by its rules, and noted.

It follows from the delivery's bytes, its contract, its suite and this code alone, so it is judged once.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from assets.delivery_stages import JudgedDelivery, RawDelivery
from assets.intake.area_of_home import areas_named
from assets.intake.casting import cast_rows, rounded_cells
from assets.intake.context import Intake, fingerprint_of
from assets.intake.correcting import CORRECTED, with_corrections
from assets.intake.finding_cells import with_cells
from assets.intake.lost_columns_and_codes import target_codes
from assets.intake.reading import all_read, raw_deliveries, reading_fingerprint
from assets.intake.whole_deliveries import judge_whole
from assets.layout import lay_out, with_missing_values_apart
from assets.layout.number_forms import AMERICAN
from assets.readers.raw import read_raw
from assets.rules import digest_of_rules, rules_of_feed
from dbt_like_sql.contracts import Contract
from dbt_like_sql.periods import parse_period
from expectations.findings import findings_of
from expectations.report import Finding, SuiteReport
from expectations.suites import Suite
from resources.landing import Receipt
from resources.warehouse import TableMissingError

ROWS_AT_A_TIME = 250_000
"""Rows of new deliveries judged together: few enough to keep memory small, many enough to judge rarely."""

_FAULTS_OF_THE_MACHINE = (OSError, MemoryError, TableMissingError)

log = logging.getLogger("provincial_growth")

_ORDER_OF_ROWS = ("released_on", "revision", "delivery_id", "source_row")
"""Rows stand in tables in the order of their release, by columns that are followed by the key of the contract."""


def audit_deliveries(intake: Intake, contract: Contract) -> list[JudgedDelivery]:
    """Lay out, cast and judge every delivery of a feed that is new, or was judged by other rules; return all."""
    feed = contract.feed
    suite = rules_of_feed(intake.project, feed)
    deliveries = all_read(intake, feed)
    notes = {raw.receipt.delivery_id: intake.note("candidates", raw.receipt) for raw in deliveries}
    fingerprints = {
        raw.receipt.delivery_id: fingerprint_of(
            reading_fingerprint(contract, raw.receipt),
            intake.project.contract_digests[feed],
            digest_of_rules(suite),
            *(seed.digest for seed in intake.project.seeds.values()),
        )
        for raw in deliveries
    }
    unjudged = [
        raw
        for raw in deliveries
        if raw.refusal is None
        and (notes[raw.receipt.delivery_id] or {}).get("fingerprint") != fingerprints[raw.receipt.delivery_id]
    ]
    for some in _by_rows(unjudged):
        for judged in _judged(intake, contract, suite, some):
            delivery_id = judged.receipt.delivery_id
            # What ended in an error is judged again by the next night with something new.
            notes[delivery_id] = _keep_judged(intake, judged, "" if judged.refusal else fingerprints[delivery_id])
    return [_as_judged(intake, raw, notes[raw.receipt.delivery_id]) for raw in deliveries]


def deliveries_judged(intake: Intake, feed: str) -> list[JudgedDelivery]:
    """Return what is known of every delivery of a feed, without judging anything again."""
    return [_as_judged(intake, raw, intake.note("candidates", raw.receipt)) for raw in raw_deliveries(intake, feed)]


def refuse_if_unjudged(intake: Intake, feed: str) -> None:
    """Raise TableMissingError if the rows of a readable delivery are not there, or not as they were."""
    for raw in all_read(intake, feed):
        if raw.refusal is None and intake.note("candidates", raw.receipt) is None:
            raise TableMissingError(
                f"{feed}, {raw.receipt.file_name}: it has not been judged yet, or its rows have changed "
                f"on the disk. Run the nightly job, or candidates/{feed}, first."
            )


def _judged(
    intake: Intake, contract: Contract, suite: Suite, deliveries: Sequence[RawDelivery]
) -> list[JudgedDelivery]:
    """Judge deliveries together; where that ends in an error, one by one, so that one delivery alone is refused.

    What the machine is at fault for (the disk, memory, a table that is gone) is raised.
    """
    try:
        return _judge(intake, contract, suite, deliveries)
    except _FAULTS_OF_THE_MACHINE:
        raise
    except Exception as error:
        if len(deliveries) > 1:
            return [judged for raw in deliveries for judged in _judged(intake, contract, suite, [raw])]
        (raw,) = deliveries
        log.exception("%s, delivery %s: judging it ended in an error", contract.feed, raw.receipt.file_name)
        message = " ".join(str(error).split())[:200]
        refusal = (
            f"judging it ended in an error ({type(error).__name__}: {message}). Tell the data team: the log says where."
        )
        return [JudgedDelivery(raw.receipt, None, None, facts=raw.facts, refusal=refusal)]


def _judge(intake: Intake, contract: Contract, suite: Suite, deliveries: Sequence[RawDelivery]) -> list[JudgedDelivery]:
    """Lay out each delivery, then cast and judge all of them together: a query costs more than its rows."""
    laid_out = [_laid_out(intake, contract, raw) for raw in deliveries]
    typed: list[pa.Table] = []
    findings: list[Finding] = []
    rounded: dict[str, int] = {}
    for extension, form in contract.forms.items():
        tables = [rows for judged, rows in laid_out if rows is not None and judged.receipt.extension == extension]
        if tables:
            parsed = with_missing_values_apart(pa.concat_tables(tables), [rule.name for rule in contract.fields])
            some, broken = cast_rows(intake, contract, form, parsed)
            typed.append(some)
            findings += broken
            rounded |= rounded_cells(intake, contract, form, parsed)
    if not typed:
        return [judged for judged, _ in laid_out]
    table = pa.concat_tables(typed)
    areas = areas_named(intake.project, contract, table)
    report = _judge_with(suite, table)
    table = table.sort_by([(name, "ascending") for name in dict.fromkeys(_ORDER_OF_ROWS + contract.key)])
    names = {judged.receipt.delivery_id: judged.receipt.file_name for judged, rows in laid_out if rows is not None}
    earlier = [*findings, *(finding for judged, _ in laid_out for finding in judged.findings)]
    of_rules = _not_repeated(findings_of(report, contract.feed, names), earlier)
    findings = _without_those_of_style([*findings, *of_rules], earlier)
    errored = {r.check: r.error or "it could not be judged" for r in report.results if r.outcome == "errored"}
    counted = [
        judged if rows is None else _with_rows(intake, _counted(judged, rounded, areas), table, rows, findings, errored)
        for judged, rows in laid_out
    ]
    return [with_cells(judged, contract, raw.cells) for judged, raw in zip(counted, deliveries, strict=True)]


def _laid_out(intake: Intake, contract: Contract, raw: RawDelivery) -> tuple[JudgedDelivery, pa.Table | None]:
    """Return what the layout found in a delivery, and its rows as text (None: there are none)."""
    receipt, form = raw.receipt, contract.forms[raw.receipt.extension]
    assert raw.cells is not None
    named = None if receipt.period is None else parse_period(receipt.period)
    parsed = lay_out(read_raw(raw.cells), contract, form, intake.project.fields, named)
    rows, corrections = with_corrections(contract, form, intake.project.fields, receipt, parsed.rows)
    findings = tuple(dataclasses.replace(f, delivery_id=receipt.delivery_id) for f in (*parsed.findings, *corrections))
    facts = {
        **raw.facts,
        "rows_held": parsed.physical_rows,
        "rows_set_aside": dict(parsed.rows_set_aside),
        "fields_held": sorted(parsed.fields),
        "column_numbers": parsed.column_numbers,
        "cells_corrected": sum(finding.check == CORRECTED for finding in corrections),
    }
    judged = JudgedDelivery(receipt, parsed.rows_in, None, findings, facts=facts)
    return judged, _with_delivery(rows, receipt) if rows.num_rows else None


def _with_rows(
    intake: Intake,
    judged: JudgedDelivery,
    table: pa.Table,
    texts: pa.Table,
    findings: Sequence[Finding],
    errored: Mapping[str, str],
) -> JudgedDelivery:
    """Keep the typed rows of a delivery, and what was found in them."""
    receipt = judged.receipt
    contract = intake.project.contracts[receipt.feed]
    rows = table.filter(pc.equal(table.column("delivery_id"), receipt.delivery_id))
    path = intake.path_of("candidates", receipt)
    intake.warehouse.write_table(path, rows)
    held = {
        name: sorted(known.intersection(pc.unique(rows.column(name)).to_pylist()))
        for name, known in target_codes(intake.project, contract).items()
    }
    judged = dataclasses.replace(judged, rows=path, errored=errored, facts={**judged.facts, "target_codes": held})
    of_whole = judge_whole(contract, intake.project.fields, receipt, rows, texts)
    return judged.with_findings([*findings, *_without_those_of_style(of_whole, judged.findings)])


def _keep_judged(intake: Intake, judged: JudgedDelivery, fingerprint: str) -> dict[str, Any]:
    note = {
        "fingerprint": fingerprint,
        "rows_in": judged.rows_in,
        "has_rows": judged.rows is not None,
        "findings": [finding.to_dict() for finding in judged.findings],
        "errored": dict(judged.errored),
        "facts": dict(judged.facts),
        "refusal": judged.refusal,
    }
    return intake.keep_note("candidates", judged.receipt, note, has_file=judged.rows is not None)


def _as_judged(intake: Intake, raw: RawDelivery, note: Mapping[str, Any] | None) -> JudgedDelivery:
    if raw.refusal is not None:
        return JudgedDelivery(raw.receipt, None, None, refusal=raw.refusal)
    if note is None:
        return JudgedDelivery(raw.receipt, None, None)
    return JudgedDelivery(
        receipt=raw.receipt,
        rows_in=note["rows_in"],
        rows=intake.path_of("candidates", raw.receipt) if note["has_rows"] else None,
        findings=tuple(Finding.from_dict(finding) for finding in note["findings"]),
        errored=note["errored"],
        facts=note["facts"],
        refusal=note.get("refusal"),
    )


def _judge_with(suite: Suite, table: pa.Table) -> SuiteReport:
    # Imported here because it imports Great Expectations, which costs seconds: only when something is new.
    from expectations.runner import judge

    # Every failing row is named: rows are accepted or quarantined one by one.
    return judge(suite, table, row_limit=None)


def _by_rows(deliveries: Sequence[RawDelivery]) -> Iterable[list[RawDelivery]]:
    """Group deliveries so that each group holds a bounded number of rows."""
    group: list[RawDelivery] = []
    rows = 0
    for raw in deliveries:
        size = int(raw.facts.get("parsed_rows") or 0)
        if group and rows + size > ROWS_AT_A_TIME:
            yield group
            group, rows = [], 0
        group.append(raw)
        rows += size
    if group:
        yield group


def _with_delivery(rows: pa.Table, receipt: Receipt) -> pa.Table:
    count = rows.num_rows
    facts = {
        "delivered_on": pa.scalar(receipt.released_on, pa.date32()),
        "revision": pa.scalar(receipt.revision, pa.int32()),
        "is_simulated": pa.scalar(receipt.is_simulated, pa.bool_()),
    }
    for name, value in facts.items():
        column = pa.repeat(value, count)
        if name in rows.column_names:
            rows = rows.set_column(rows.column_names.index(name), name, column)
        else:
            rows = rows.append_column(name, column)
    return rows


def _counted(
    judged: JudgedDelivery, rounded: Mapping[str, int], areas: Mapping[str, Mapping[str, list[str]]]
) -> JudgedDelivery:
    delivery_id = judged.receipt.delivery_id
    counted = {"cells_rounded": rounded[delivery_id]} if delivery_id in rounded else {}
    return dataclasses.replace(judged, facts={**judged.facts, **counted, **areas.get(delivery_id, {})})


def _not_repeated(of_rules: Iterable[Finding], earlier: Iterable[Finding]) -> list[Finding]:
    """Findings, without those that repeat that an unreadable cell is empty or holds no period, or that a cell of a
    missing column is empty.
    """
    cells: set[tuple[str | None, int | None, str | None]] = set()
    unreadable: set[tuple[str | None, int | None, str | None]] = set()
    missing: set[tuple[str | None, str]] = set()
    for f in earlier:
        cells.add((f.delivery_id, f.source_row, f.column))
        if f.check == "period_is_readable":
            unreadable.add((f.delivery_id, f.source_row, f.column))
        if f.check == "required_columns_are_present":
            missing |= {(f.delivery_id, column) for column in _columns_of(f)}
    return [
        f
        for f in of_rules
        if not any((f.delivery_id, column) in missing for column in _columns_of(f))
        and (f.check != f"{f.column}_is_given" or (f.delivery_id, f.source_row, f.column) not in cells)
        and (not f.check.startswith(f"{f.column}_is_a_") or (f.delivery_id, f.source_row, f.column) not in unreadable)
    ]


def _without_those_of_style(findings: Iterable[Finding], earlier: Iterable[Finding]) -> list[Finding]:
    """Leave out findings that only follow from columns written in the style of another country.

    Such a number has surplus decimals, is no number, or leaves its cell empty for rules; where all are so, none is
    read.
    """
    written = {
        (f.delivery_id, sheet, column)
        for f in earlier
        if f.check == _STYLE and f.severity == "critical"
        for column in _columns_of(f)
        for sheet in (f.source_sheet, None)  # a rule across rows knows no sheet
    }
    return [
        f
        for f in findings
        if not all((f.delivery_id, f.source_sheet, column) in written for column in _columns_of(f) or [""])
        or not (
            f.check in ("has_no_surplus_decimals", "figures_are_read")
            or (f.check == "is_a_number" and re.search(AMERICAN, f.value or ""))
            or f.value == "empty"
        )
    ]


_STYLE = "numbers_are_written_as_agreed"


def _columns_of(finding: Finding) -> list[str]:
    return finding.column.split(", ") if finding.column else []
