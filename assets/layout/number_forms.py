"""Numbers in forms of their own: percentages, and digits whose grouping contradicts the contract's way of writing."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.columns import filled
from assets.layout.delivery import Delivery
from assets.layout.headers import Column, Header
from assets.layout.totals import is_added

PERCENT = "p"
"""Kind of a number that its workbook shows as a percentage; its text is what a person sees, `85%`."""

_PERCENT = re.compile(r"(?P<number>[^%]*[0-9][^%]*?)\s*%")
_THOUSANDS = {"vi": r"^[+-]?[1-9]\d{0,2},\d{3}$", "plain": r"^[+-]?[1-9]\d{0,2}\.\d{3}$"}
"""What is a decimal fraction in a style, and looks like thousands of the other one."""
_SEPARATOR = {"vi": ",", "plain": "."}
_DIGITS_OF_A_GROUP = 3
_ENOUGH = 3
"""So many rows of a plain file, all with three digits behind the point, are no chance."""


def with_percentages_as_numbers(
    delivery: Delivery, sheet: str | None, header: Header, rows: pa.Table, cells: Mapping[int, pa.ChunkedArray]
) -> tuple[pa.Table, dict[int, pa.ChunkedArray]]:
    """Rows and columns in which percentages are plain numbers, in fields in %. In another field one is a finding."""
    plain = dict(cells)
    for column in header.columns:
        if not column.field or not delivery.fields[column.field].is_number:
            continue
        signs = pc.fill_null(pc.ends_with(cells[column.position], "%"), False)
        if not pc.any(signs).as_py():
            continue
        unit = delivery.fields[column.field].unit
        texts = cells[column.position].to_pylist()
        for at in np.flatnonzero(np.asarray(signs)).tolist():
            match = _PERCENT.fullmatch(texts[at])
            if match is None:
                continue
            if unit not in ("%", "percent") and not unit.startswith("index"):
                delivery.found(
                    "percentages_stand_in_fields_of_percent",
                    "critical",
                    f"{column.field} is {texts[at]}, a percentage, and its contract expects {unit}",
                    "Write the number itself, and show it as a number.",
                    sheet=sheet,
                    row=rows.column("source_row")[at].as_py(),
                    column=column.field,
                    value=texts[at],
                    at=(rows.column("source_row")[at].as_py(), column.position + 1),
                )
            texts[at] = match["number"].strip()
        plain[column.position] = pa.chunked_array([pa.array(texts, pa.string())])
    kinds = pc.replace_substring(rows.column("kinds"), PERCENT, "n")
    return rows.set_column(rows.column_names.index("kinds"), "kinds", kinds), plain


def judge_number_forms(
    delivery: Delivery, sheet: str | None, header: Header, rows: pa.Table, cells: Mapping[int, pa.ChunkedArray]
) -> None:
    """Find columns of amounts that were typed as text and whose every fraction looks like thousands of the other style.

    `2,250` in a Vietnamese sheet would be read as two and a quarter. In a plain file all rows must look so, because
    programs do write three decimals; of a field that keeps just so many they say nothing.
    """
    style = delivery.form.numbers
    for column in header.columns if style in _THOUSANDS else ():
        if not column.field or not is_added(delivery.fields[column.field]):
            continue
        if style == "plain" and _decimals(delivery, column.field) == _DIGITS_OF_A_GROUP:
            continue
        kinds = pc.utf8_slice_codeunits(rows.column("kinds"), column.position, column.position + 1)
        typed = cells[column.position].filter(pc.and_(pc.equal(kinds, "s"), filled(cells[column.position])))
        fractions = typed.filter(pc.match_substring(typed, _SEPARATOR[style]))
        looks = pc.sum(pc.match_substring_regex(fractions, _THOUSANDS[style])).as_py() or 0
        if not looks or looks < len(fractions) or (style == "plain" and (looks < len(typed) or looks < _ENOUGH)):
            continue
        example = fractions[0].as_py()
        row = rows.column("source_row")[pc.index(cells[column.position], example).as_py()].as_py()
        _find_odd_form(delivery, sheet, column, example, looks, row)


def _decimals(delivery: Delivery, name: str) -> int | None:
    """How many decimals a field keeps."""
    most = delivery.rule(name).max_scale
    return delivery.fields[name].scale if most is None else most


def _find_odd_form(delivery: Delivery, sheet: str | None, column: Column, example: str, count: int, row: int) -> None:
    is_plain = delivery.form.numbers == "plain"
    delivery.found(
        "numbers_are_written_as_agreed",
        "warning" if is_plain else "critical",
        f"{column.field} '{example}' is a fraction as its contract reads it, and looks like thousands: all {count} "
        f"with a {'point' if is_plain else 'comma'} have three digits behind it",
        "Write thousands without separators or as " + ("1101." if is_plain else "2.250, or enter numbers as numbers."),
        sheet=sheet,
        column=column.field,
        value=example,
        at=(row, column.position + 1),
    )
