"""The cells of findings, so that the person who corrects a file knows where to look."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow.compute as pc

from assets.delivery_stages import JudgedDelivery
from assets.layout.numbers import number_of
from assets.readers.raw import read_raw
from dbt_like_sql.contracts import Contract, FileForm
from expectations.report import Finding

_Place = tuple[str | None, int]
"""A sheet, and a row of it."""


def with_cells(judged: JudgedDelivery, contract: Contract, raw: Path | None) -> JudgedDelivery:
    """Return a delivery whose findings name the columns of their cells, as far as the layout knows them.

    A field of a wide table has several columns: of these a finding speaks of those that hold its value.
    """
    columns: Mapping[str, Mapping[str, Sequence[int]]] = judged.facts.get("column_numbers") or {}
    if not columns:
        return judged
    judged = dataclasses.replace(judged, findings=tuple(_with_sheet(finding, columns) for finding in judged.findings))
    numbers = [_columns_of(finding, columns) for finding in judged.findings]
    unclear = {
        (finding.source_sheet, finding.source_row)
        for finding, some in zip(judged.findings, numbers, strict=True)
        if finding.source_row is not None and len(some) > 1 and "," not in (finding.column or "")
    }
    rows = _rows(raw, unclear) if unclear and raw is not None else {}
    form = contract.forms[judged.receipt.extension]
    findings = []
    for finding, some in zip(judged.findings, numbers, strict=True):
        if (row := rows.get((finding.source_sheet, finding.source_row or 0))) is not None and len(some) > 1:
            some = [number for number in some if _holds(row, number, finding.value, form)] or some
        findings.append(dataclasses.replace(finding, column_numbers=tuple(some)) if some else finding)
    return dataclasses.replace(judged, findings=tuple(findings))


def _with_sheet(finding: Finding, columns: Mapping[str, Mapping[str, Sequence[int]]]) -> Finding:
    """A finding of a row with the sheet of that row: a rule across rows knows no sheet, and most files have one."""
    if finding.source_row is None or finding.source_sheet is not None or len(columns) != 1:
        return finding
    (sheet,) = columns
    return dataclasses.replace(finding, source_sheet=sheet or None)


def _columns_of(finding: Finding, columns: Mapping[str, Mapping[str, Sequence[int]]]) -> list[int]:
    """The columns of the fields that a finding names, or of the figure that it is about.

    None where it has its cells already, or speaks of no row.
    """
    if finding.source_row is None or finding.column_numbers:
        return []
    of_sheet = columns.get(finding.source_sheet or "", {})
    named = [number for name in (finding.column or "").split(", ") for number in of_sheet.get(name, ())]
    return named or list(of_sheet.get(dict(finding.row_names).get("figure_name", ""), ()))


def _rows(raw: Path, places: set[_Place]) -> dict[_Place, tuple[Sequence[str | None], str]]:
    """The cells and kinds of some rows."""
    table = read_raw(raw).select(["source_sheet", "source_row", "cells", "kinds"])
    wanted = table.filter(pc.is_in(table.column("source_row"), pc.cast([row for _, row in places], "int64")))
    return {(row["source_sheet"], row["source_row"]): (row["cells"], row["kinds"]) for row in wanted.to_pylist()}


def _holds(row: tuple[Sequence[str | None], str], number: int, value: str | None, form: FileForm) -> bool:
    """Whether a cell holds the value of a finding, as text or as a number."""
    cells, kinds = row
    text = (cells[number - 1] or "").strip() if number <= len(cells) else ""
    if value in (None, "empty"):
        return not text
    if text == value:
        return True
    try:
        return bool(text) and number_of(text, kinds[number - 1], form.numbers) == Decimal(str(value))
    except InvalidOperation:
        return False
