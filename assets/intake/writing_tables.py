"""What the intake writes: rows as tables, the ledger, the rejects, and a CSV of what was found for each supplier.

A table that stands as it would be written is left alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.code_version import reading_code
from assets.delivery_stages import Decision
from assets.intake.context import Intake, fingerprint_of
from assets.intake.finding_messages import SEND_AGAIN
from assets.readers.sheet_scan import address
from dbt_like_sql.contracts import Contract
from expectations.report import Finding
from resources.file_names import safe_name
from resources.files import replacing
from resources.landing import Receipt
from resources.warehouse import LEDGER_COLUMNS, TableState

_ARROW_TYPES = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


_BLANK = " \t\r\n\u00a0"
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")
"""What a formula begins with in one spreadsheet or another, and the wide forms of the same signs."""


def write_rows(intake: Intake, layer: str, contract: Contract, decisions: Sequence[Decision]) -> None:
    """Write the rows of the accepted deliveries, without bad rows, as one table in the order of release.

    Nothing is written where the table stands there already, made from the same things; what was validated is most
    often the candidates, and is copied.
    """
    released = sorted((d for d in decisions if d.is_accepted), key=lambda d: _release(d.judged.receipt))
    parts = repr([(d.judged.receipt.delivery_id, sorted(d.bad_rows)) for d in released])
    fingerprint = fingerprint_of(parts, intake.project.contract_digests[contract.feed], reading_code())
    before = intake.warehouse.state(layer, contract.feed)
    if before is not None and before.fingerprint == fingerprint:
        return
    intake.warehouse.forget(layer, contract.feed)
    path = intake.warehouse.path(layer, contract.feed)
    candidates = intake.warehouse.state("candidates", contract.feed)
    if candidates is not None and candidates.fingerprint == fingerprint:
        rows = candidates.rows
        with replacing(path) as temporary:
            shutil.copyfile(intake.warehouse.path("candidates", contract.feed), temporary)
    elif released:
        batches = chain.from_iterable(map(_good_rows, released))
        rows = intake.warehouse.write_batches(path, pq.read_schema(released[0].judged.rows), batches)
    else:
        nothing = intake.warehouse.empty_relation("validated", contract.feed)
        rows = intake.warehouse.write_query(path, f"select * from {nothing}")
    _record(intake, layer, contract.feed, fingerprint, rows)


def write_rejects(intake: Intake, feed: str, decisions: Sequence[Decision]) -> None:
    """Write all findings as a table, and for each supplier a CSV of what was found in a file."""
    rows = [
        {
            **{name: getattr(finding, name) for name in ("feed", "source_sheet", "source_row", "severity")},
            "delivery_id": decision.judged.receipt.delivery_id,
            "source_file": decision.judged.receipt.file_name,
            "rule": finding.check,
            "column_name": finding.column,
            "value_text": finding.value,
            "sentence": finding.sentence,
            "next_step": finding.next_step,
            "waived": finding.check in decision.waived,
        }
        for decision in decisions
        for finding in decision.findings
    ]
    _write_ledger_table(intake, "rejects", "findings", feed, rows)
    for decision in decisions:
        _write_supplier_csv(intake, feed, decision)


def write_ledger(intake: Intake, feed: str, decisions: Sequence[Decision]) -> None:
    """Write what became of every delivery of a feed; what lies under no known feed has no contract."""
    contract = intake.project.contracts.get(feed)
    rows = [_ledger_row(feed, contract.supplier if contract else "", decision) for decision in decisions]
    for row, decision in zip(rows, decisions, strict=True):
        if contract and contract.row_released_on and decision.judged.rows is not None:
            row["released_on"] = _collected_until(intake, decision, row["released_on"])
    _write_ledger_table(intake, "ledger", "deliveries", feed, rows)


def supplier_csv(root: Path, feed: str, receipt: Receipt) -> Path:
    """Return where the findings of a delivery are written for its supplier, in a home."""
    return root / "rejects" / feed / f"{safe_name(receipt.file_name)}.{receipt.delivery_id}.csv"


def _good_rows(decision: Decision) -> Iterator[pa.RecordBatch]:
    """Yield the rows of an accepted delivery without its bad ones."""
    bad = pa.array(sorted(decision.bad_rows), pa.int64())
    with pq.ParquetFile(decision.judged.rows) as file:
        for batch in file.iter_batches():
            yield batch.filter(pc.invert(pc.is_in(batch.column("source_row"), bad))) if len(bad) else batch


def _release(receipt: Receipt) -> tuple[dt.date, int, str]:
    """The order of deliveries in tables; where two give the same thing, the later release comes last."""
    return receipt.released_on or dt.date.min, receipt.revision, receipt.delivery_id


def _write_supplier_csv(intake: Intake, feed: str, decision: Decision) -> None:
    path = supplier_csv(intake.warehouse.root, feed, decision.judged.receipt)
    if not decision.findings and decision.status != "rejected":
        path.unlink(missing_ok=True)
        return
    header = ("file", "sheet", "row", "cell", "rule", "severity", "column", "value", "what_is_wrong", "next_step")
    name = decision.judged.receipt.file_name
    lines: list[tuple[object, ...]] = [
        (
            name,
            f.source_sheet,
            f.source_row,
            _cells_named(f),
            f.check,
            f.severity,
            f.column,
            f.value,
            f.sentence,
            f.next_step,
        )
        for f in decision.findings
    ]
    if decision.is_refused_for_no_finding:
        lines.append((name, None, None, None, "delivery", "critical", None, None, decision.reason, SEND_AGAIN))
    with replacing(path, keeps_equal=True) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([[_harmless(cell) for cell in line] for line in lines])


def _cells_named(finding: Finding) -> str | None:
    """The cells of a finding, as a spreadsheet names them."""
    return ", ".join(address(row, column) for row, column in finding.cells) or None


def _harmless(cell: object) -> object:
    """A cell as text, so that a spreadsheet runs nothing of what a delivery says: no formula, no markup."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("<", "‹").replace(">", "›")
    return f"'{text}" if text.lstrip(_BLANK).startswith(_FORMULA) else text


def _ledger_row(feed: str, supplier: str, decision: Decision) -> dict[str, Any]:
    receipt = decision.judged.receipt
    counted = [finding for finding in decision.findings if finding.check not in decision.waived]
    severities = Counter(finding.severity for finding in counted)
    rows_in, accepted = decision.judged.rows_in, decision.rows_accepted
    return {
        "delivery_id": receipt.delivery_id,
        "feed": feed,
        "source_file": receipt.file_name,
        "supplier": supplier,
        "period": receipt.period,
        "released_on": receipt.released_on,
        "revision": receipt.revision,
        "note": receipt.note or None,
        "status": decision.status,
        "is_superseded": decision.superseded,
        "reason": decision.reason,
        "rows_in": rows_in,
        "rows_accepted": accepted,
        "rows_rejected": None if rows_in is None or accepted is None else rows_in - accepted,
        "findings_critical": severities["critical"] + int(decision.is_refused_for_no_finding),
        "findings_warning": severities["warning"],
        "findings_waived": len(decision.findings) - len(counted),
        "is_simulated": receipt.is_simulated,
        **_held(decision.judged.facts),
    }


def _held(facts: Mapping[str, Any]) -> dict[str, Any]:
    """How many rows the file holds, and which of them are no data; nothing where it could not be laid out."""
    if "rows_set_aside" not in facts:
        return {}
    set_aside: Mapping[str, int] = facts["rows_set_aside"]
    return {
        "rows_held": facts["rows_held"],
        "rows_set_aside": sum(set_aside.values()),
        "set_aside_as": ", ".join(f"{kind} {count}" for kind, count in sorted(set_aside.items())) or None,
        "cells_corrected": facts["cells_corrected"],
    }


def _collected_until(intake: Intake, decision: Decision, named: dt.date) -> dt.date:
    """The day up to which a collection is known: the latest row by `as_of`, or the day in its name,
    whichever is earlier.
    """
    days = pq.read_table(decision.judged.rows, columns=["released_on"]).column("released_on").to_pylist()
    known = [day for day in days if day is not None and day <= intake.as_of]
    return min(named, max(known)) if known else named


def _write_ledger_table(intake: Intake, layer: str, kind: str, name: str, rows: list[dict[str, Any]]) -> None:
    columns = LEDGER_COLUMNS[kind]
    fields = intake.project.fields
    schema = pa.schema([(column, _ARROW_TYPES[fields[column].type]) for column in columns])
    table = pa.Table.from_pylist([{c: row.get(c) for c in columns} for row in rows], schema=schema)
    order = [("delivery_id", "ascending")]
    if kind == "findings":
        order += [("source_row", "ascending"), ("rule", "ascending"), ("column_name", "ascending")]
    table = table.sort_by(order)
    content = hashlib.sha256(repr((columns, table.to_pylist())).encode()).hexdigest()
    before = intake.warehouse.state(layer, name)
    if before is None or before.fingerprint != content:
        intake.warehouse.forget(layer, name)
        intake.warehouse.write_table(intake.warehouse.path(layer, name), table)
        _record(intake, layer, name, content, table.num_rows)


def _record(intake: Intake, layer: str, table: str, fingerprint: str, rows: int) -> None:
    content = intake.warehouse.digest_of(intake.warehouse.path(layer, table))
    intake.warehouse.record(layer, table, TableState(fingerprint, content, rows, intake.as_of.isoformat()))
