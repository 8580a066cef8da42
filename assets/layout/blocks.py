"""The tables of a sheet: one, or several below and beside one another, each with a header of its own.

A table begins where the form says (`blocks`). Of tables side by side the other's cells are blanked and not cut off, so
that columns keep their numbers in the file.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from assets.layout.delivery import Delivery
from assets.layout.headers import plain
from assets.layout.parts import Part, parsed_schema
from assets.layout.tables import first_filled_cells, lay_out_sheet, top_rows
from assets.readers.sheet_scan import letters_of

_NEXT_STEP = "Write the title of each table above it, as in the agreed form, and send the file again."

_Corner = tuple[int, str]
"""Where a table begins in its first row, and the text there."""


def tables_on(delivery: Delivery, sheet: str | None, raw: pa.Table, merged: Sequence[Sequence[int]]) -> list[Part]:
    """The tables of a sheet: one, or as many as begin on it where the form says that there are several."""
    blocks = delivery.form.blocks
    if blocks is None:
        part = lay_out_sheet(delivery, sheet, raw, merged)
        _judge_sections(delivery, sheet, [part])
        return [part]
    corners = _corners(raw, blocks["begin"], are_beside="side_by_side" in blocks)
    if not _are_there(delivery, sheet, raw, corners):
        return [Part(parsed_schema(delivery.contract).empty_table(), raw.num_rows, 0, {"unread": raw.num_rows})]
    begins = [at for at, _ in corners]
    titles = top_rows(raw.slice(0, begins[0]))
    parts = []
    for (at, of_row), end in zip(corners, [*begins[1:], raw.num_rows], strict=True):
        rows = raw.slice(at, end - at)
        for number, (column, text) in enumerate(of_row):
            last = of_row[number + 1][0] if number + 1 < len(of_row) else None
            table = rows if len(of_row) == 1 else _of_columns(rows, column if number else 0, last)
            one = delivery
            if "field" in blocks:
                constants = {**delivery.form.constants, blocks["field"]: " ".join(text.split())}
                one = dataclasses.replace(delivery, form=dataclasses.replace(delivery.form, constants=constants))
            parts.append(lay_out_sheet(one, sheet, table, merged, titles))
    _judge_sections(delivery, sheet, parts)
    first = parts[0]
    aside = Counter(first.set_aside) + Counter({"title": begins[0]})
    parts[0] = dataclasses.replace(first, physical_rows=first.physical_rows + begins[0], set_aside=aside)
    return parts


def _corners(raw: pa.Table, begin: str, *, are_beside: bool) -> list[tuple[int, list[_Corner]]]:
    """The rows in which tables begin, each with the columns and texts of their corners, from the left.

    A table below another begins with the first text of a row; of tables side by side every text may begin one.
    """
    pattern = re.compile(begin)
    if not are_beside:
        texts = first_filled_cells(raw).to_pylist()
        return [(at, [(0, text)]) for at, text in enumerate(texts) if text and pattern.search(plain(text))]
    rows = [
        [(column, text) for column, text in enumerate(row) if text and pattern.search(plain(text))]
        for row in raw.column("cells").to_pylist()
    ]
    return [(at, of_row) for at, of_row in enumerate(rows) if of_row]


def _are_there(
    delivery: Delivery, sheet: str | None, raw: pa.Table, corners: Sequence[tuple[int, Sequence[_Corner]]]
) -> bool:
    """Whether tables begin on a sheet, and as many side by side as agreed; a missing one is a finding."""
    blocks = delivery.form.blocks or {}
    wanted = blocks.get("side_by_side", 1)
    odd = next(((at, of_row) for at, of_row in corners if len(of_row) != wanted), None)
    if corners and odd is None:
        return True
    if odd is None:
        delivery.found(
            "tables_of_the_sheet_are_there",
            "critical",
            f"no row begins a table: none matches '{blocks['begin']}'",
            _NEXT_STEP,
            sheet=sheet,
        )
        return False
    at, of_row = odd
    number = raw.column("source_row")[at].as_py()
    there = ", ".join(f"'{' '.join(text.split())[:60]}' (column {letters_of(column + 1)})" for column, text in of_row)
    delivery.found(
        "tables_side_by_side_are_as_agreed",
        "critical",
        f"row {number} begins {len(of_row)} table{'s' if len(of_row) > 1 else ''}: {there}; in the agreed form "
        f"{wanted} stand side by side, each beginning with a text that matches '{blocks['begin']}'",
        _NEXT_STEP,
        sheet=sheet,
        value=", ".join(" ".join(text.split()) for _, text in of_row),
        at=(number, *(column + 1 for column, _ in of_row)),
    )
    return False


def _of_columns(rows: pa.Table, first: int, end: int | None) -> pa.Table:
    """The rows that hold anything from one column up to another, with all cells left of them blank."""
    cells, kinds, kept = [], [], []
    for at, row in enumerate(rows.select(["cells", "kinds"]).to_pylist()):
        own = row["cells"][first:end]
        if any(text is not None and text.strip() for text in own):
            kept.append(at)
            cells.append([*[None] * first, *own])
            kinds.append("_" * first + row["kinds"][first:end])
    table = rows.take(pa.array(kept, pa.int64()))
    for name, values, kind in (("cells", cells, pa.list_(pa.string())), ("kinds", kinds, pa.string())):
        table = table.set_column(table.column_names.index(name), name, pa.chunked_array([pa.array(values, kind)]))
    return table


def _judge_sections(delivery: Delivery, sheet: str | None, parts: Sequence[Part]) -> None:
    """An expression that matches no section means that its figures were read as another field's."""
    there = frozenset[str]().union(*(part.sections for part in parts))
    are_read = any(not part.set_aside.get("unread") for part in parts)
    for pattern in delivery.form.by_section if are_read else ():
        if pattern in there:
            continue
        others = ", ".join(delivery.form.by_section[pattern].values())
        delivery.found(
            "sections_of_the_contract_are_there",
            "critical",
            f"no section matches '{pattern}', and so no figure was read as {others}",
            "Write the title of the section as in the agreed form, and send the file again.",
            sheet=sheet,
            column=others,
        )
