"""Known errors of suppliers, corrected as their contract declares, cell by cell, and reported for each delivery."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from assets.layout.numbers import NATIVE, number_of
from dbt_like_sql.contracts import Contract, FileForm
from dbt_like_sql.corrections import Correction
from dbt_like_sql.fields import Field
from expectations.report import Finding, Severity
from resources.landing import Receipt

CORRECTED = "value_is_corrected"
MENDED = "correction_is_still_needed"


def with_corrections(
    contract: Contract, form: FileForm, fields: Mapping[str, Field], receipt: Receipt, rows: pa.Table
) -> tuple[pa.Table, list[Finding]]:
    """Return the rows of a delivery with its known errors corrected, and what was done."""
    findings: list[Finding] = []
    for correction in contract.corrections:
        if _is_over(correction, receipt):
            continue
        rows, done = _corrected(contract, form, fields, receipt, rows, correction)
        findings += done
    return rows, findings


def _is_over(correction: Correction, receipt: Receipt) -> bool:
    until = correction.released_until
    return until is not None and receipt.released_on is not None and receipt.released_on > until


def _corrected(
    contract: Contract,
    form: FileForm,
    fields: Mapping[str, Field],
    receipt: Receipt,
    rows: pa.Table,
    correction: Correction,
) -> tuple[pa.Table, list[Finding]]:
    """Apply one correction to the rows that it names."""
    indexes = {rule.name: index for index, rule in enumerate(contract.fields)}
    kinds = rows.column("kinds").to_pylist()
    columns = {name: rows.column(name).to_pylist() for name in (*correction.where, correction.field)}

    def says(at: int, name: str, value: object) -> bool:
        return _says(columns[name][at], kinds[at][indexes[name]], value, form, fields[name])

    meant = [at for at in range(rows.num_rows) if all(says(at, name, v) for name, v in correction.where.items())]
    found = [at for at in meant if says(at, correction.field, correction.found)]
    findings = [
        _finding(correction, receipt, rows.slice(at, 1).to_pylist()[0], columns[correction.field][at], at in found)
        for at in meant
        if at in found or not says(at, correction.field, correction.corrected) or correction.released_until is None
    ]
    if not found:
        return rows, findings
    texts, index = columns[correction.field], indexes[correction.field]
    for at in found:
        texts[at] = _text(correction.corrected)
        kinds[at] = kinds[at][:index] + _kind_of(fields[correction.field]) + kinds[at][index + 1 :]
    for name, values in ((correction.field, texts), ("kinds", kinds)):
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(values, pa.string()))
    return rows, findings


def _finding(
    correction: Correction, receipt: Receipt, row: Mapping[str, object], stands: str | None, is_found: bool
) -> Finding:
    severity: Severity = "info" if is_found else "warning"
    note = f"told its supplier on {correction.reported_on}: {correction.reason.strip().removesuffix('.')}"
    message = (
        f"{correction.field} '{stands or ''}' is read as '{_text(correction.corrected)}' ({note})"
        if is_found
        else f"{correction.field} is '{stands or ''}', no longer '{_text(correction.found)}', and is read so ({note})"
    )
    sheet = row["source_sheet"]
    where = f"sheet '{sheet}', row {row['source_row']}" if sheet else f"row {row['source_row']}"
    number = row["source_row"]
    return Finding(
        feed=receipt.feed,
        delivery_id=receipt.delivery_id,
        source_file=receipt.file_name,
        source_sheet=None if sheet is None else str(sheet),
        source_row=number if isinstance(number, int) else None,
        check=CORRECTED if is_found else MENDED,
        severity=severity,
        column=correction.field,
        value=stands,
        sentence=f"{receipt.feed}, delivery {receipt.file_name}, {where}: {message}.",
        next_step="Mend it in the next file."
        if is_found
        else "Give the correction a day in released_until, the last on which a file with the error was released.",
    )


def _says(text: str | None, kind: str, value: object, form: FileForm, field: Field) -> bool:
    """Whether a cell holds a value, as text or, in a field of numbers, as a number."""
    stands = (text or "").strip()
    if value is None or not stands:
        return value is None and not stands
    wanted = _text(value)
    if stands == wanted:
        return True
    try:
        return field.is_number and number_of(stands, kind, form.numbers) == Decimal(wanted)
    except InvalidOperation:
        return False


def _kind_of(field: Field) -> str:
    """The kind of a cell that holds a corrected value: numbers and days stand as any contract reads them."""
    return NATIVE if field.is_number else "d" if field.type == "date" else "s"


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
