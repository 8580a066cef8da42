"""One sheet (or CSV file) into rows: where the table begins and ends, what its columns are, wide tables made
long.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.columns import (
    GIVEN,
    NO_CELL,
    any_of,
    cell_column,
    clean,
    constant,
    count_of,
    filled,
    kinds_of,
    replaced,
)
from assets.layout.delivery import Delivery
from assets.layout.field_values import ANY_NUMBER, reads_as
from assets.layout.headers import LOOKED_AT, ORDINALS, Column, Header, HeaderRow, find_header, is_numbering
from assets.layout.labels import (
    find_header_above_figures,
    sections_of_rows,
    with_fields_of_sections,
    with_labels,
)
from assets.layout.number_forms import judge_number_forms, with_noise_taken_off, with_percentages_as_numbers
from assets.layout.parts import SOURCE_COLUMNS, Part, constant_text, parsed_schema
from assets.layout.repeated_values import with_ditto_marks_repeated, with_merged_filled
from assets.layout.titles import judge_titles, with_period_found
from assets.layout.totals import total_rows
from assets.layout.units import (
    is_unit_row,
    judge_forgiven_headers,
    judge_unit_lines,
    judge_unit_row,
    judge_units_of_labels,
    unit_lines,
)
from dbt_like_sql.contracts import FieldRule
from dbt_like_sql.fields import Field


@dataclass(frozen=True)
class _Body:
    """The rows below a header that are data, and the columns of their cells that have a meaning."""

    rows: pa.Table
    cells: dict[int, pa.ChunkedArray]


def lay_out_sheet(
    delivery: Delivery,
    sheet: str | None,
    raw: pa.Table,
    merged: Sequence[Sequence[int]],
    titles: Sequence[HeaderRow] = (),
) -> Part:
    """Lay out one sheet, or a table on it; `merged` holds its merged ranges (1-based), where its file knows them.

    `titles` are rows above the first table of a sheet, which speak of all.
    """
    top = top_rows(raw)
    find = find_header if delivery.form.labels is None else find_header_above_figures
    header = find(top, merged, delivery.contract, delivery.form, delivery.fields, delivery.period)
    if header is None:
        return _without_header(delivery, sheet, raw, top)
    set_aside = Counter({"header": header.count})
    above = top[: header.first]
    delivery = with_period_found(delivery, sheet, header, [*titles, *above])
    lines = unit_lines(above, alone=delivery.form.labels is not None)
    judge_unit_lines(delivery, sheet, header, above, lines)
    set_aside["unit_line"] += len(lines)
    set_aside["title"] += len(above) - len(lines)
    judge_titles(delivery, sheet, header, [*titles, *above])
    below = raw.slice(header.first + header.count)
    if delivery.form.labels is not None:
        header, below = with_labels(delivery.form, header, below, delivery.fields)
        judge_units_of_labels(delivery, sheet, header, below, sections_of_rows(delivery.form, header, below))
    sections: frozenset[str] = frozenset()
    if delivery.form.by_section:
        header, below, sections = with_fields_of_sections(delivery.form, header, below)
    last_line = top[header.first + header.count - 1]
    _judge_columns(delivery, sheet, header, last_line.number)
    judge_forgiven_headers(delivery, sheet, header, last_line.number)

    body = _body(delivery, sheet, header, top, below, merged, set_aside)
    _judge_row_lengths(delivery, sheet, body.rows, last_line, header)
    _judge_unknown_columns(delivery, sheet, header, body, last_line.number)
    is_long = header.groups or len(header.statements(None)) > 1
    rows = _long(delivery, header, body) if is_long else _flat(delivery, body, _columns_by_field(header.columns), None)
    fields = _fields_of(delivery, header)
    return Part(rows, raw.num_rows, body.rows.num_rows, +set_aside, fields, _column_numbers(header), sheet, sections)


def _column_numbers(header: Header) -> dict[str, list[int]]:
    """The numbers of each field's columns, from 1; a field of a wide table has several."""
    numbers: dict[str, list[int]] = {}
    for column in header.columns:
        if column.field:
            stands_in = column.stands_in or (column.position,)
            numbers.setdefault(column.field, []).extend(index + 1 for index in stands_in)
    return numbers


def top_rows(raw: pa.Table) -> list[HeaderRow]:
    """The first rows of a sheet or of a table on it, in which its header is looked for."""
    some = raw.select(["source_row", "cells"]).slice(0, LOOKED_AT).to_pylist()
    return [HeaderRow(row["source_row"], tuple(text or "" for text in row["cells"])) for row in some]


def _without_header(delivery: Delivery, sheet: str | None, raw: pa.Table, top: Sequence[HeaderRow]) -> Part:
    wanted = [_spellings(rule) for rule in delivery.contract.fields if rule.required]
    seen = next((row for row in top if sum(bool(text.strip()) for text in row.texts) > 1), top[0] if top else None)
    shown = " | ".join(text.strip() for text in seen.texts if text.strip())[:300] if seen else ""
    delivery.found(
        "header_is_found",
        "critical",
        f"no row of the first {len(top)} is a header; expected {'; '.join(wanted)}; found '{shown}'",
        "Put the agreed header above the table and send the file again.",
        sheet=sheet,
    )
    return Part(parsed_schema(delivery.contract).empty_table(), raw.num_rows, 0, {"unread": raw.num_rows})


def _spellings(rule: FieldRule) -> str:
    return " or ".join(f"'{header}'" for header in (*rule.headers[:2], rule.name))


def _fields_of(delivery: Delivery, header: Header) -> frozenset[str]:
    """The fields that a table gives: those of its columns and groups, and the constants of its form."""
    melted = [delivery.form.melt["field"]] if header.groups and delivery.form.melt else []
    columns = [column.field for column in header.columns if column.field]
    stated = [name for column in header.columns if column.field for name in column.stated]
    return frozenset([*columns, *stated, *melted, *delivery.form.constants])


def _judge_columns(delivery: Delivery, sheet: str | None, header: Header, line: int) -> None:
    """Findings about the header itself: fields that are missing, and fields that are there twice."""
    known = _fields_of(delivery, header)
    found = ", ".join(f"'{column.heading}'" for column in header.columns if column.heading)
    missing = [rule for rule in delivery.contract.fields if rule.required and rule.name not in known]
    if missing:
        sentence = "; ".join(f"the column of {rule.name} is missing, expected {_spellings(rule)}" for rule in missing)
        delivery.found(
            "required_columns_are_present",
            "critical",
            f"{sentence}; found {found[:400]}",
            f"Add the {'column' if len(missing) == 1 else 'columns'}, or correct the header, and send the file again.",
            sheet=sheet,
            column=", ".join(rule.name for rule in missing),
        )
    optional = [rule.name for rule in delivery.contract.fields if not rule.required]
    unmatched = [name for name in optional if isinstance(delivery.form.columns.get(name), str) and name not in known]
    if unmatched and len(unmatched) < len(delivery.form.columns):
        delivery.found(
            "columns_of_the_contract_are_there",
            "info",
            f"no header matches {', '.join(f'{name} ({delivery.form.columns[name]!r})' for name in unmatched)}",
            "Nothing to do if the table has no such column; otherwise correct its header, or tell the data team.",
            sheet=sheet,
            column=", ".join(unmatched),
        )
    meanings = Counter((c.group, c.field, tuple(c.stated.items())) for c in header.columns if c.field)
    for (group, name, stated), count in meanings.items():
        if count > 1:
            same = (c for c in header.columns if (c.group, c.field, tuple(c.stated.items())) == (group, name, stated))
            *_, last = same
            where = f" under '{group}'" if group else ""
            delivery.found(
                "no_duplicate_headers",
                "critical",
                f"{count} columns{where} have the header of {name}",
                "Leave one of the columns, or give the others their own headers, and send the file again.",
                sheet=sheet,
                column=name,
                at=(line, last.position + 1),
            )


def _body(
    delivery: Delivery,
    sheet: str | None,
    header: Header,
    top: Sequence[HeaderRow],
    below: pa.Table,
    merged: Sequence[Sequence[int]],
    set_aside: Counter[str],
) -> _Body:
    """The data rows below the header; what is not data is counted in `set_aside`, each row in one class."""
    for row in top[header.first + header.count :]:
        if is_numbering(row.texts, header.columns):
            set_aside["numbering"] += 1
        elif is_unit_row(row.texts, header):
            judge_unit_row(delivery, sheet, header, row)
            set_aside["unit_line"] += 1
        else:
            break
        below = below.slice(1)
    cells = {column.position: cell_column(below.column("cells"), column.position) for column in header.columns}
    cells = with_merged_filled(delivery, sheet, header, below, cells, merged)
    first_filled = first_filled_cells(below)
    totals = total_rows(delivery, sheet, header, below, cells, first_filled)
    footers = pc.and_not(_after_the_end(delivery, first_filled), totals)
    footers = pc.or_(footers, _numbers_of_pages(below, first_filled))
    strays = pc.and_(footers, _holds_data(delivery, header, below, cells))
    _judge_strays(delivery, sheet, below.filter(strays))
    footers = pc.and_not(footers, strays)
    aside = pc.or_(totals, footers)
    repeated = pc.and_not(_repeated_headers(header, top, cells, below), aside)
    headings = pc.and_not(_headings(delivery, header, cells, below.num_rows), pc.or_(aside, repeated))
    for name, rows in (("total", totals), ("footer", footers), ("header", repeated), ("heading", headings)):
        set_aside[name] += pc.sum(rows).as_py() or 0
    keep = pc.invert(pc.or_(aside, pc.or_(repeated, headings)))
    if pc.all(keep).as_py() is False:
        below = below.filter(keep)
        cells = {position: column.filter(keep) for position, column in cells.items()}
    cells = with_ditto_marks_repeated(delivery, sheet, header, below, cells)
    judge_number_forms(delivery, sheet, header, below, cells)
    cells = with_noise_taken_off(delivery, sheet, header, below, cells)
    return _Body(*with_percentages_as_numbers(delivery, sheet, header, below, cells))


def first_filled_cells(below: pa.Table) -> pa.ChunkedArray:
    """The text of the first cell of each row that holds anything."""
    width = pc.max(pc.list_value_length(below.column("cells"))).as_py() or 0
    first_filled = constant(None, below.num_rows)
    for position in range(width):
        if first_filled.null_count == 0:
            break
        text = cell_column(below.column("cells"), position)
        first_filled = pc.coalesce(first_filled, pc.if_else(filled(text), text, None))
    return first_filled


def _after_the_end(delivery: Delivery, first_filled: pa.ChunkedArray) -> pa.ChunkedArray:
    """The rows from the first one on whose first filled cell matches the form's `ends_at`."""
    length = len(first_filled)
    if delivery.form.ends_at is None or length == 0:
        return constant(False, length, pa.bool_())
    ends = re.compile(delivery.form.ends_at)
    end = pc.index(replaced(first_filled, lambda text: "x" if ends.search(text) else None), "x").as_py()
    end = length if end < 0 else end
    return pa.chunked_array([pa.array(np.arange(length) >= end)])


def _numbers_of_pages(below: pa.Table, first_filled: pa.ChunkedArray) -> pa.ChunkedArray:
    """The rows that say no more than the number of a printed page (`Trang 2/5`)."""
    named = pc.fill_null(pc.match_substring_regex(first_filled, _NUMBER_OF_A_PAGE, ignore_case=True), False)
    is_page = np.array(named)
    for at in np.flatnonzero(is_page).tolist():
        is_page[at] = sum(bool(text and text.strip()) for text in below.column("cells")[at].as_py()) == 1
    return pa.chunked_array([pa.array(is_page)])


_NUMBER_OF_A_PAGE = r"^\s*(trang|page)( số)? *\d+( */ *\d+)?\s*$"


def _holds_data(
    delivery: Delivery, header: Header, below: pa.Table, cells: dict[int, pa.ChunkedArray]
) -> pa.ChunkedArray:
    """The rows that hold a number where the table has numbers, a key as the table writes keys, or all that is required.

    Below the line that ends a table there are notes and names, which do none of this.
    """
    masks = []
    known = [column for column in header.columns if column.field]
    for column in known:
        rule, field = delivery.rule(column.field or ""), delivery.fields[column.field or ""]
        if field.is_number:
            masks.append(pc.fill_null(pc.match_substring_regex(cells[column.position], ANY_NUMBER), False))
        elif rule.name in delivery.contract.key or field.type == "date":
            masks.append(pc.is_valid(replaced(cells[column.position], _if_it_reads_as(rule, field))))
    required = [c.position for c in known if delivery.rule(c.field or "").required]
    if len(required) > 1:
        masks.append(pc.equal(count_of([filled(cells[at]) for at in required], below.num_rows), len(required)))
    return any_of(masks, below.num_rows)


def _if_it_reads_as(rule: FieldRule, field: Field) -> Callable[[str], str | None]:
    return lambda text: text if reads_as(text, rule, field) else None


def _judge_strays(delivery: Delivery, sheet: str | None, strays: pa.Table) -> None:
    """Rows of data below the end of the table mean that the end was found too early, or that they are no data."""
    check = "nothing_follows_the_table"
    if delivery.too_many(check, strays.num_rows, "of data follow the line that ends the table", sheet):
        return
    for number in strays.column("source_row").to_pylist():
        delivery.found(
            check,
            "critical",
            "a row of data follows the line that ends the table",
            "Put all rows above the closing notes and send the file again.",
            sheet=sheet,
            row=number,
        )


def _repeated_headers(
    header: Header, top: Sequence[HeaderRow], cells: dict[int, pa.ChunkedArray], below: pa.Table
) -> pa.ChunkedArray:
    """Rows that repeat the header's last line, as in a table that was printed on several pages."""
    line = top[header.first + header.count - 1].texts
    positions = [c.position for c in header.columns if c.field and c.position < len(line) and line[c.position].strip()]
    if len(positions) < 2:
        return constant(False, below.num_rows, pa.bool_())
    same = constant(True, below.num_rows, pa.bool_())
    for position in positions:
        same = pc.and_(same, pc.fill_null(pc.equal(cells[position], _clean_text(line[position])), False))
        if not pc.any(same).as_py():
            break
    return same


def _clean_text(text: str) -> str:
    """One text as `columns.clean` leaves it."""
    cleaned: str = clean(pa.array([text], pa.string()))[0].as_py()
    return cleaned


def _headings(delivery: Delivery, header: Header, cells: dict[int, pa.ChunkedArray], length: int) -> pa.ChunkedArray:
    """Lines inside the table that say no more than a label: no key, no number, one known cell filled at most.

    Where rows are named by labels, a label is no key of its own: a line without any figure is a heading.
    """
    if delivery.form.labels is not None:
        figures = [c.position for c in header.columns if c.field and delivery.fields[c.field].is_number]
        return pc.invert(any_of([filled(cells[at]) for at in figures], length))
    required = {rule.name for rule in delivery.contract.fields if rule.required}
    known = {c.position: c.field for c in header.columns if c.field}
    fills = {position: filled(cells[position]) for position in known}
    telling_columns = [at for at, name in known.items() if name in required or delivery.fields[name].is_number]
    is_filled = any_of([fills[position] for position in telling_columns], length)
    several = pc.greater(count_of(list(fills.values()), length), 1)
    return pc.invert(pc.or_(is_filled, several))


def _judge_row_lengths(delivery: Delivery, sheet: str | None, rows: pa.Table, line: HeaderRow, header: Header) -> None:
    """Rows of a CSV file with more or fewer cells than its header: a delimiter too many shifts every
    value.
    """
    if delivery.form.reader != "csv" or delivery.form.labels is not None:
        return
    expected = len(header.columns)
    lengths = pc.list_value_length(rows.column("cells"))
    odd = rows.filter(pc.not_equal(lengths, expected)).select(["source_row", "cells"])
    check = "row_has_as_many_cells_as_the_header"
    if delivery.too_many(check, odd.num_rows, f"do not have the {expected} cells of the header", sheet):
        return
    for row in odd.to_pylist():
        surplus = row["cells"][expected:]
        if len(row["cells"]) > expected and not any(text and text.strip() for text in surplus):
            continue
        delivery.found(
            check,
            "critical",
            f"it has {len(row['cells'])} cells, and the header (row {line.number}) has {expected}",
            "Check the delimiters of this row; put text that holds a delimiter between quotes.",
            sheet=sheet,
            row=row["source_row"],
        )


def _judge_unknown_columns(delivery: Delivery, sheet: str | None, header: Header, body: _Body, line: int) -> None:
    named: dict[str, int] = {}
    for column in header.columns:
        if column.field or column.heading in ORDINALS:
            continue
        if column.heading:
            named.setdefault(column.heading, column.position + 1)
        elif pc.any(filled(body.cells[column.position])).as_py():
            named[f"(column {column.position + 1}, without a header)"] = column.position + 1
    for heading, number in named.items():
        delivery.found(
            "no_unknown_columns",
            "warning",
            f"the column '{heading}' is not in the contract and was left out",
            "Nothing to do if it is a remark; tell the data team if it belongs to the feed.",
            sheet=sheet,
            value=heading,
            at=(line, number),
        )


def _flat(delivery: Delivery, body: _Body, columns: Mapping[str, Column], group: str | None) -> pa.Table:
    """The body's rows as the contract's fields, out of the columns of one group of a wide table (or of none)."""
    count = body.rows.num_rows
    stated = {name: value for column in columns.values() for name, value in column.stated.items()}
    melted = delivery.form.melt["field"] if delivery.form.melt and group is not None else None
    values: dict[str, pa.ChunkedArray] = {name: body.rows.column(name) for name in SOURCE_COLUMNS}
    positions: list[int | str] = []
    for rule in delivery.contract.fields:
        column = columns.get(rule.name)
        if rule.name == melted:
            values[rule.name] = constant(group, count)
            positions.append(GIVEN)
        elif column is not None:
            values[rule.name] = body.cells[column.position]
            positions.append(column.position)
        elif rule.name in stated:
            values[rule.name] = constant(stated[rule.name], count)
            positions.append(GIVEN)
        elif rule.name in delivery.form.constants:
            values[rule.name] = constant(constant_text(delivery.form.constants[rule.name]), count)
            positions.append(GIVEN)
        else:
            values[rule.name] = constant(None, count)
            positions.append(NO_CELL)
    values["kinds"] = kinds_of(body.rows.column("kinds"), positions)
    schema = parsed_schema(delivery.contract)
    return pa.table([values[name] for name in schema.names], schema=schema)


def _columns_by_field(columns: Sequence[Column]) -> dict[str, Column]:
    """The first column of each field."""
    by_field: dict[str, Column] = {}
    for column in columns:
        if column.field:
            by_field.setdefault(column.field, column)
    return by_field


def _long(delivery: Delivery, header: Header, body: _Body) -> pa.Table:
    """A wide table made long: for each row one for each part of the table that holds anything, in the order of the
    columns.
    """
    parts, order = [], []
    for group, columns, filled_by in _parts_of(delivery, header):
        holds = (
            any_of([filled(body.cells[c.position]) for c in filled_by], body.rows.num_rows)
            if filled_by
            else constant(True, body.rows.num_rows, pa.bool_())
        )
        parts.append(_flat(delivery, body, _columns_by_field(columns), group).filter(holds))
        order.append(np.flatnonzero(np.asarray(holds)))
    row_order = np.argsort(np.concatenate(order), kind="stable")
    return pa.concat_tables(parts).take(pa.array(row_order))


def _parts_of(delivery: Delivery, header: Header) -> Iterator[tuple[str | None, Sequence[Column], Sequence[Column]]]:
    """Each part of a wide table: its group, its columns with the shared ones, and those that a row of it must fill.

    A group is a part. Where headers of one group state different things (levels in two price bases side by side), each
    statement is a part, the newest year first; figures without a statement are given once, with the first.
    """
    for group in header.groups or (None,):
        shown = [c for c in header.columns if c.field and c.group in (None, group)]
        own = [c for c in shown if group is not None and c.group == group]
        for index, statement in enumerate(header.statements(group) or [{}]):
            others = [c for c in shown if c.stated and c.stated != statement]
            if index == 0:
                left_out = others
                filled_by = [c for c in own if c not in others]
            else:
                filled_by = [c for c in shown if c.stated == statement]
                left_out = [*others, *(c for c in shown if not c.stated and _is_figure(delivery, c))]
            yield group, [c for c in shown if c not in left_out], filled_by


def _is_figure(delivery: Delivery, column: Column) -> bool:
    name = column.field or ""
    return delivery.fields[name].is_number and not delivery.rule(name).required
