"""What a sheet says of its units (a line above the table, a row below the header, headers) against its contract.

A table in million where the contract says billion is wrong by a thousand in every cell, and every single
value of it is plausible: the line above the table is where it shows. A wrong unit that no text
states is caught by the audits `*_magnitude`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from assets.layout.delivery import Delivery
from assets.layout.headers import Column, Header, HeaderRow, plain
from assets.layout.unit_words import is_scaled, unit_in_brackets, units_agree, units_in
from dbt_like_sql.fields import Field

_UNIT_LINE = re.compile(r"\(?\s*(?:đơn vị(?: tính)?|đvt|đv|unit)\s*[:.]\s*(?P<unit>.*?)\)?\s*")
_UNIT_OF_LABEL = re.compile(r"[(\[]\s*(?P<unit>[^()\[\]]+?)\s*[)\]]\s*[:.]?$")
_MONEY = (
    ("nghìn tỷ đồng", "trillion VND"),
    ("nghìn tỉ đồng", "trillion VND"),
    ("tỷ đồng", "bn VND"),
    ("tỉ đồng", "bn VND"),
    ("triệu đồng", "mn VND"),
    ("nghìn đồng", "thousand VND"),
    ("ngàn đồng", "thousand VND"),
    ("1000đ", "thousand VND"),
    ("1.000 đồng", "thousand VND"),
    ("1000 đồng", "thousand VND"),
    ("đồng", "VND"),
    ("vnd", "VND"),
)
_UNIT_OF_FIELD = re.compile(r"(?:(trillion|bn|mn|thousand) )?VND\b")


def unit_lines(rows: Sequence[HeaderRow], *, alone: bool = False) -> dict[int, str]:
    """The rows that are unit lines, by their index in `rows`, each with the unit that it states.

    With `alone` a row that holds no more than a unit (`Tỷ đồng`) is one too.
    """
    found = {index: given for index, row in enumerate(rows) if alone and (given := _unit_alone(row.texts))}
    for index, row in enumerate(rows):
        for text in row.texts:
            match = _UNIT_LINE.fullmatch(plain(text)) if text.strip() else None
            if match:
                found[index] = " ".join(text.split())
    return found


def is_unit_line(row: HeaderRow) -> bool:
    """Whether a row above a table says its unit, with or without words for it."""
    return bool(unit_lines([row], alone=True))


def _unit_alone(texts: Sequence[str]) -> str | None:
    """What a row says that holds a unit and nothing else; None for any other."""
    given = [" ".join(text.split()) for text in texts if text.strip()]
    return given[0] if len(given) == 1 and (unit_in_brackets(given[0])[0] or units_in(given[0])) else None


def judge_unit_lines(
    delivery: Delivery, sheet: str | None, header: Header, rows: Sequence[HeaderRow], lines: dict[int, str]
) -> None:
    """Add a critical finding for a unit line that contradicts the contract.

    The contract's form may say what the line must match (`unit_line`, a regular expression); without it the
    unit of money in the line is set against the units of the contract's fields.
    """
    declared = delivery.form.unit_line
    if declared is not None and not lines:
        delivery.found(
            "unit_line_is_present",
            "warning",
            f"the sheet states no unit; its contract expects a line like '{declared}'",
            "Write the unit of the table above it, as in the agreed form.",
            sheet=sheet,
        )
    for index, given in lines.items():
        at = rows[index].number, next(n for n, text in enumerate(rows[index].texts, start=1) if text.strip())
        stated = units_in(given)
        if declared is not None:
            agrees = re.search(declared, given, re.IGNORECASE) is not None
            expected = f"'{declared}'"
        elif delivery.form.labels is not None:
            of_figures = {field.unit for field in _figures_of(delivery, header)}
            agrees = all(any(units_agree(one, unit) for unit in of_figures) for one in stated)
            expected = " or ".join(sorted(of_figures))
        else:
            units = _money_units_of(delivery)
            money = _money_unit(given)
            agrees = money is None or not units or money in units
            expected = " or ".join(sorted(units))
        if agrees and declared is None and not stated and _money_unit(given) is None:
            _not_understood(delivery, sheet, header, given, at)
        if not agrees:
            delivery.found(
                "unit_is_the_declared_one",
                "critical",
                f"the sheet says '{given}', and its contract expects {expected}",
                "Convert the values to the unit of the contract, or correct the line, and send the file again.",
                sheet=sheet,
                line=rows[index].number,
                value=given,
                at=at,
            )


def unit_behind(label: str | None) -> str | None:
    """What stands in brackets at the end of a label and is a unit: a known one, or one that begins as units do."""
    match = _UNIT_OF_LABEL.search(label or "")
    return match["unit"] if match and (units_in(match["unit"]) or is_scaled(match["unit"])) else None


def judge_units_of_labels(
    delivery: Delivery, sheet: str | None, header: Header, below: pa.Table, sections: Sequence[str | None]
) -> None:
    """Hold the unit in brackets behind a label (`I. Vận chuyển (Nghìn HK)`) against the units of its section's figures.

    `sections` has for each row the expression of `by_section` that it matches.
    """
    name = (delivery.form.labels or {}).get("field")
    position = next(column.position for column in header.columns if column.field == name)
    by_section = delivery.form.by_section
    elsewhere = {one for some in by_section.values() for one in some.values()}
    figures = _figures_of(delivery, header)
    units_of: dict[str | None, set[str]] = {None: {field.unit for field in figures if field.name not in elsewhere}}
    for pattern, some in by_section.items():
        other = elsewhere - set(some.values())
        units_of[pattern] = {f.unit for f in figures if f.name not in some and f.name not in other}
    for row, section in zip(below.select(["source_row", "cells"]).to_pylist(), sections, strict=True):
        units = units_of[section]
        label = row["cells"][position] or ""
        match = _UNIT_OF_LABEL.search(label)
        if match is None or all(unit.startswith(("index", "percent", "%")) for unit in units):
            continue
        stated = units_in(match["unit"])
        at = next((n for n, text in enumerate(row["cells"], start=1) if text and " ".join(text.split()) == label), 1)
        if not stated and is_scaled(match["unit"]) and not any(unit.startswith("as in") for unit in units):
            _not_understood(delivery, sheet, header, label, (row["source_row"], at))
        elif any(not any(units_agree(one, unit) for unit in units) for one in stated):
            delivery.found(
                "unit_is_the_declared_one",
                "critical",
                f"'{label}' states the unit {' and '.join(stated)}, and its contract expects "
                f"{' or '.join(sorted(units))}",
                "Convert the values to the unit of the contract, or correct the label, and send the file again.",
                sheet=sheet,
                line=row["source_row"],
                value=label,
                at=(row["source_row"], at),
            )


def _not_understood(delivery: Delivery, sheet: str | None, header: Header, given: str, at: tuple[int, int]) -> None:
    units = sorted({field.unit for field in _figures_of(delivery, header)})
    delivery.found(
        "unit_is_understood",
        "warning",
        f"the unit in '{given}' is not understood",
        f"See that the figures are in the units of the contract: {', '.join(units)}.",
        sheet=sheet,
        line=at[0],
        value=given,
        at=at,
    )


def is_unit_row(texts: Sequence[str], header: Header) -> bool:
    """Whether a row below the header holds nothing but units: known ones, or words in brackets."""
    given = [unit_in_brackets(text) for text in texts if text.strip()]
    known = [c.position for c in header.columns if c.field and c.position < len(texts) and texts[c.position].strip()]
    is_given = any(unit for unit, _ in given) or len(given) > 1
    return bool(known) and is_given and all(unit or in_brackets for unit, in_brackets in given)


def judge_unit_row(delivery: Delivery, sheet: str | None, header: Header, row: HeaderRow) -> None:
    """Hold the units of a row below the header against the fields of their columns."""
    for column in header.columns:
        text = row.texts[column.position] if column.position < len(row.texts) else ""
        if not column.field or not text.strip():
            continue
        unit, _ = unit_in_brackets(text)
        if unit is None and delivery.fields[column.field].is_number:
            delivery.found(
                "unit_is_understood",
                "warning",
                f"the unit '{text.strip()}' of {column.field} is not understood",
                f"See that the column is in the unit of the contract: {delivery.fields[column.field].unit}.",
                sheet=sheet,
                line=row.number,
                column=column.field,
                value=text,
                at=(row.number, column.position + 1),
            )
        elif unit is not None:
            _judge_unit(delivery, sheet, column, unit, text.strip(), row.number, row.number)


def judge_forgiven_headers(delivery: Delivery, sheet: str | None, header: Header, line: int) -> None:
    """Say which headers were understood though they are not the contract's, and which state another unit.

    `line` is the row of the header in its file.
    """
    forgiven = [column for column in header.columns if column.is_forgiven]
    for column in header.columns:
        if column.unit is not None and delivery.fields[column.field or ""].is_number:
            _judge_unit(delivery, sheet, column, column.unit, column.heading, None, line)
    if forgiven:
        given = "; ".join(f"'{column.heading}' is read as {column.field}" for column in forgiven)
        delivery.found(
            "headers_are_those_of_the_contract",
            "info",
            f"headers that differ from the contract's in their unit alone were understood: {given}",
            "Nothing to do if the columns are meant so.",
            sheet=sheet,
        )


def _judge_unit(
    delivery: Delivery, sheet: str | None, column: Column, unit: str, given: str, line: int | None, stands_in: int
) -> None:
    expected = delivery.fields[column.field or ""].unit
    if not units_agree(unit, expected):
        delivery.found(
            "unit_is_the_declared_one",
            "critical",
            f"'{given}' states the unit {unit} for {column.field}, and its contract expects {expected}",
            "Convert the values to the unit of the contract, or correct the unit, and send the file again.",
            sheet=sheet,
            line=line,
            column=column.field,
            value=given,
            at=(stands_in, column.position + 1),
        )


def _figures_of(delivery: Delivery, header: Header) -> list[Field]:
    """The numbers that a table has columns for, also those of some sections alone."""
    there = {column.field for column in header.columns}
    there |= {one for some in delivery.form.by_section.values() for one in some.values()}
    fields = [delivery.fields[rule.name] for rule in delivery.contract.fields if rule.name in there]
    return [field for field in fields if field.is_number]


def _money_unit(given: str) -> str | None:
    text = plain(given)
    return next((unit for words, unit in _MONEY if words in text), None)


def _money_units_of(delivery: Delivery) -> set[str]:
    units = set()
    for rule in delivery.contract.fields:
        match = _UNIT_OF_FIELD.match(delivery.fields[rule.name].unit) if rule.name in delivery.fields else None
        if match:
            units.add(f"{match.group(1)} VND" if match.group(1) else "VND")
    return units
