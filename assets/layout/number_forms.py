"""Numbers in forms of their own: percentages, and digits whose grouping contradicts the contract's way of writing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.columns import filled
from assets.layout.delivery import MOST_FINDINGS_OF_ONE_RULE, Delivery
from assets.layout.headers import Column, Header
from assets.layout.numbers import number_of
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
    """Rows and columns in which percentages are plain numbers, in fields in %. In another field one is a finding.

    So is a number below 1 without a sign in a column of percentages (`0,85` below `85%`): it may be meant as 85.
    """
    plain = dict(cells)
    for column in header.columns:
        if not column.field or not delivery.fields[column.field].is_number:
            continue
        signs = pc.fill_null(pc.ends_with(cells[column.position], "%"), False)
        if not pc.any(signs).as_py():
            continue
        unit = delivery.fields[column.field].unit
        is_percent = unit in ("%", "percent") or unit.startswith("index")
        texts = cells[column.position].to_pylist()
        for at in np.flatnonzero(np.asarray(signs)).tolist():
            match = _PERCENT.fullmatch(texts[at])
            if match is None:
                continue
            if not is_percent:
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
        if is_percent:
            _find_shares_among_percentages(delivery, sheet, column, rows, texts, np.asarray(signs))
        plain[column.position] = pa.chunked_array([pa.array(texts, pa.string())])
    kinds = pc.replace_substring(rows.column("kinds"), PERCENT, "n")
    return rows.set_column(rows.column_names.index("kinds"), "kinds", kinds), plain


def _find_shares_among_percentages(
    delivery: Delivery,
    sheet: str | None,
    column: Column,
    rows: pa.Table,
    texts: Sequence[str | None],
    has_sign: np.typing.NDArray[np.bool_],
) -> None:
    """Find numbers between 0 and 1 without a sign where all percentages with one are 1 or more."""
    kinds = rows.column("kinds").to_pylist()
    numbers: list[Decimal | None] = []
    for text, kind in zip(texts, kinds, strict=True):
        try:
            letter = kind[column.position : column.position + 1].replace(PERCENT, "n")
            numbers.append(number_of(text, letter, delivery.form.numbers) if text else None)
        except InvalidOperation:
            numbers.append(None)
    signed = [number for number, sign in zip(numbers, has_sign, strict=True) if sign and number]
    if not signed or min(map(abs, signed)) < 1:
        return
    for at, number in enumerate(numbers):
        if number is not None and not has_sign[at] and 0 < abs(number) < 1:
            delivery.found(
                "percentages_are_written_alike",
                "warning",
                f"{column.field} is {texts[at]} without %, and other rows have percentages of 1 or more with it",
                "Write all percentages alike: 85% or 85.",
                sheet=sheet,
                row=rows.column("source_row")[at].as_py(),
                column=column.field,
                value=texts[at],
                at=(rows.column("source_row")[at].as_py(), column.position + 1),
            )


def with_noise_taken_off(
    delivery: Delivery, sheet: str | None, header: Header, rows: pa.Table, cells: Mapping[int, pa.ChunkedArray]
) -> dict[int, pa.ChunkedArray]:
    """Columns in which a number of a workbook that holds the noise of a computation is the one that a person sees.

    `236441.0000001` is 236441 to whoever opens the workbook: it differs from that by less than the twelfth digit, and
    by less than a thousandth of the last decimal that its field keeps. What is further off is a surplus decimal, and
    refused. Sources that declare binary floats round their numbers themselves.
    """
    if delivery.form.source_precision != "exact":
        return dict(cells)
    seen = dict(cells)
    for column in header.columns:
        if not column.field or not delivery.fields[column.field].is_number:
            continue
        if delivery.fields[column.field].type == "double":
            continue
        kept = _decimals(delivery, column.field) or 0
        maybe = pc.fill_null(
            pc.match_substring_regex(cells[column.position], rf"\.\d{{{kept}}}(000|999)\d*$"), False
        )  # fmt: skip
        native = pc.equal(pc.utf8_slice_codeunits(rows.column("kinds"), column.position, column.position + 1), "n")
        maybe = pc.and_(maybe, native)
        if not pc.any(maybe).as_py():
            continue
        texts = cells[column.position].to_pylist()
        read: list[str] = []
        for at in np.flatnonzero(np.asarray(maybe)).tolist():
            number = Decimal(texts[at])
            rounded = round(number, kept)
            off = abs(number - rounded)
            if off and off <= abs(number) * _NOISE and off <= Decimal(1).scaleb(-kept - _DIGITS_OF_A_GROUP):
                read.append(f"{texts[at]} = {rounded.normalize():f}")
                texts[at] = f"{rounded:f}"
        if not read:
            continue
        seen[column.position] = pa.chunked_array([pa.array(texts, pa.string())])
        delivery.found(
            "numbers_are_read_as_seen",
            "info",
            f"{column.field} holds the noise of a computation in {len(read)} of its cells, read as a person sees "
            f"them: {', '.join(read[:5])}{f' and {len(read) - 5} more' if len(read) > 5 else ''}",
            "Nothing to do; ROUND() in the workbook takes it off.",
            sheet=sheet,
            column=column.field,
            value=", ".join(read[:5]),
        )
    return seen


_NOISE = Decimal("1e-12")
"""How far, as a part of itself, a number may lie from the one that a sheet shows: sheets show eleven digits."""


def judge_number_forms(
    delivery: Delivery, sheet: str | None, header: Header, rows: pa.Table, cells: Mapping[int, pa.ChunkedArray]
) -> None:
    """Find columns of amounts that were typed as text and whose every fraction looks like thousands of the other style.

    `2,250` in a Vietnamese sheet would be read as two and a quarter. In a plain file all rows must look so, because
    programs do write three decimals; of a field that keeps just so many they say nothing. Beside such a column of a
    Vietnamese sheet others that could be read in no style but the other (`140.8`) are of the same cause.
    """
    style = delivery.form.numbers
    odd: list[tuple[Column, list[int]]] = []
    for column in header.columns if style in _THOUSANDS else ():
        if not column.field or not is_added(delivery.fields[column.field]):
            continue
        if style == "plain" and _decimals(delivery, column.field) == _DIGITS_OF_A_GROUP:
            continue
        typed = _typed(column, rows, cells)
        fractions = pc.and_(typed, pc.fill_null(pc.match_substring(cells[column.position], _SEPARATOR[style]), False))
        looks = pc.and_(fractions, pc.match_substring_regex(cells[column.position], _THOUSANDS[style]))
        some, count = pc.sum(fractions).as_py(), pc.sum(looks).as_py() or 0
        if not count or count < some or (style == "plain" and (count < pc.sum(typed).as_py() or count < _ENOUGH)):
            continue
        odd.append((column, np.flatnonzero(np.asarray(looks)).tolist()))
    if style == "plain":
        for one in odd:
            _find_odd_forms(delivery, sheet, [one], rows, cells)
    elif odd:
        known = [column.position for column, _ in odd]
        for column in header.columns:
            if column.position not in known and column.field and delivery.fields[column.field].is_number:
                american = pc.match_substring_regex(cells[column.position], AMERICAN)
                typed = pc.and_(_typed(column, rows, cells), pc.fill_null(american, False))
                if pc.any(typed).as_py():
                    odd.append((column, np.flatnonzero(np.asarray(typed)).tolist()))
        _find_odd_forms(delivery, sheet, odd, rows, cells)


AMERICAN = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)\.(\d{1,2}|\d{4,})$|^[+-]?\d{1,3}(,\d{3})+\.\d+$"
"""A number with a decimal point, which is no valid number in the style of Vietnamese sheets."""


def _typed(column: Column, rows: pa.Table, cells: Mapping[int, pa.ChunkedArray]) -> pa.ChunkedArray:
    kinds = pc.utf8_slice_codeunits(rows.column("kinds"), column.position, column.position + 1)
    return pc.and_(pc.equal(kinds, "s"), filled(cells[column.position]))


def _decimals(delivery: Delivery, name: str) -> int | None:
    """How many decimals a field keeps."""
    most = delivery.rule(name).max_scale
    return delivery.fields[name].scale if most is None else most


def _find_odd_forms(
    delivery: Delivery,
    sheet: str | None,
    odd: Sequence[tuple[Column, Sequence[int]]],
    rows: pa.Table,
    cells: Mapping[int, pa.ChunkedArray],
) -> None:
    """One finding for each row that holds such a number, all of the same columns: to a clerk they are one cause."""
    is_plain = delivery.form.numbers == "plain"
    names = [column.field or "" for column, _ in odd]
    first, indexes = odd[0]
    texts = {column.position: cells[column.position].to_pylist() for column, _ in odd}
    fault = (
        f"{', '.join(names)} '{texts[first.position][indexes[0]]}' is a fraction as its contract reads it, and looks "
        f"like thousands: all {len(indexes)} with a {'point' if is_plain else 'comma'} have three digits behind it"
    )
    by_row: dict[int, list[Column]] = {}
    for column, some in odd:
        for at in some:
            by_row.setdefault(at, []).append(column)
    numbers = rows.column("source_row").to_pylist()
    shown = sorted(by_row) if len(by_row) <= MOST_FINDINGS_OF_ONE_RULE else [min(by_row)]
    for at in shown:
        delivery.found(
            "numbers_are_written_as_agreed",
            "warning" if is_plain else "critical",
            fault,
            "Write thousands without separators or as "
            + ("1101." if is_plain else "2.250, or enter numbers as numbers."),
            sheet=sheet,
            line=None if len(shown) < len(by_row) else numbers[at],
            column=", ".join(names),
            value=texts[by_row[at][0].position][at],
            at=(numbers[at], *(column.position + 1 for column in by_row[at])),
        )
