"""Values that are written once and meant for several rows: merged cells and ditto marks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.delivery import Delivery
from assets.layout.headers import Column, Header, plain

_DITTO = re.compile(r"[-–\s]*(?:\"|''|[”“„〃″]|n\.?\s?t\.?|như trên)[-–\s]*")
_MAYBE_DITTO = "(?i)^[-– ]*(\"|''|”|“|„|〃|″|n\\.? ?t\\.?|như trên)[-– ]*$"


def with_merged_filled(
    delivery: Delivery,
    sheet: str | None,
    header: Header,
    below: pa.Table,
    cells: Mapping[int, pa.ChunkedArray],
    merged: Sequence[Sequence[int]],
) -> dict[int, pa.ChunkedArray]:
    """Columns in which a cell merged over several rows says its text in each of them.

    A number merged over several rows is that of none of them alone: that is a finding.
    """
    if not merged:
        return dict(cells)
    index_of_row = {number: at for at, number in enumerate(below.column("source_row").to_pylist())}
    of_column: dict[int, list[tuple[int, list[int]]]] = {}
    for top, left, bottom, _ in merged:
        others = [index_of_row[number] for number in range(top + 1, bottom + 1) if number in index_of_row]
        if top in index_of_row and others:
            of_column.setdefault(left - 1, []).append((index_of_row[top], others))
    filled_in = dict(cells)
    for column in header.columns:
        ranges = of_column.get(column.position, []) if column.field else []
        texts = cells[column.position].to_pylist() if ranges else []
        for at, others in ranges:
            if texts[at] and delivery.fields[column.field or ""].is_number:
                _find_merged_number(delivery, sheet, below, column, texts[at], [at, *others])
                continue
            for other in others:
                texts[other] = texts[at]
        if ranges:
            filled_in[column.position] = pa.chunked_array([pa.array(texts, pa.string())])
    return filled_in


def _find_merged_number(
    delivery: Delivery, sheet: str | None, below: pa.Table, column: Column, text: str, indexes: Sequence[int]
) -> None:
    rows = below.column("source_row").take(indexes).to_pylist()
    delivery.found(
        "numbers_stand_in_cells_of_their_own",
        "critical",
        f"{column.field} '{text}' stands in a cell merged over the rows {rows[0]} to {rows[-1]}",
        "Part the cell, give each row its own number, and send the file again.",
        sheet=sheet,
        line=rows[0],
        column=column.field,
        value=text,
        at=(rows[0], column.position + 1),
    )


def with_ditto_marks_repeated(
    delivery: Delivery, sheet: str | None, header: Header, below: pa.Table, cells: Mapping[int, pa.ChunkedArray]
) -> dict[int, pa.ChunkedArray]:
    """Columns of words in which a ditto mark (`"`, `nt`, `như trên`) says what stands above it.

    A mark without a value above it is a finding; one in the place of a number stays, and is none.
    """
    repeated = dict(cells)
    read: list[str] = []
    for column in header.columns:
        if not column.field or delivery.fields[column.field].is_number:
            continue
        maybe = pc.fill_null(pc.match_substring_regex(cells[column.position], _MAYBE_DITTO), False)
        if not pc.any(maybe).as_py():
            continue
        texts = cells[column.position].to_pylist()
        for at in np.flatnonzero(np.asarray(maybe)).tolist():
            if _DITTO.fullmatch(plain(texts[at])) is None:
                continue
            number = below.column("source_row")[at].as_py()
            if at > 0 and texts[at - 1]:
                read.append(f"{column.field} of row {number}")
                texts[at] = texts[at - 1]
                continue
            delivery.found(
                "ditto_marks_repeat_a_value",
                "critical",
                f"{column.field} says '{texts[at]}' (as above), and nothing stands above it",
                "Write the value itself and send the file again.",
                sheet=sheet,
                row=number,
                column=column.field,
                value=texts[at],
            )
        repeated[column.position] = pa.chunked_array([pa.array(texts, pa.string())])
    if read:
        more = f" and {len(read) - 10} more" if len(read) > 10 else ""
        delivery.found(
            "values_are_written_out",
            "info",
            f"ditto marks were read as the value above them: {', '.join(read[:10])}{more}",
            "Nothing to do.",
            sheet=sheet,
        )
    return repeated
