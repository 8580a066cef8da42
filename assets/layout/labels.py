"""Tables made for people: rows named by labels at the left of their figures, under a header of any height.

Such a table is read from its figures outwards, as a person does. Its body begins at the first row with a label and a
figure right of it. What stands above that row's figures is the header, up to the title, to a unit that stands alone, or
to a row that says nothing there. The label of a row is the text nearest to its figures at their left, in whichever of
several columns it stands; numbers there count the rows. A line with a label and no figure is no row of data.

A column of words that the form declares holds no labels. What was found becomes columns of its own at the right of the
table, so that all that follows reads them like any other; so do figures that are another field's in some sections.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from assets.layout.field_values import ANY_NUMBER
from assets.layout.headers import Column, Header, HeaderRow, headers_of_window, plain
from assets.layout.units import is_unit_line, unit_behind
from dbt_like_sql.contracts import Contract, FileForm
from dbt_like_sql.fields import Field
from dbt_like_sql.periods import Period

_NUMBER = re.compile(f"(?:{ANY_NUMBER})")
_YEAR = re.compile(r"(?:19|20|21)\d\d")
_INDENTED = "indented"
"""Instead of a pattern: a label belongs to the nearest one above it that stands further left."""


@dataclass(frozen=True)
class _Label:
    """The label of a row: its text, and how far from the left it stands, by columns, then by leading spaces."""

    text: str
    indent: tuple[int, int]


def find_header_above_figures(
    rows: Sequence[HeaderRow],
    merged: Sequence[Sequence[int]],
    contract: Contract,
    form: FileForm,
    dictionary: Mapping[str, Field],
    period: Period | None,
) -> Header | None:
    """The header of a table whose rows are named by labels; None where no row has a label and a figure right of it."""
    for at, row in enumerate(rows):
        index = first_figure(row.texts)
        if index is None:
            continue
        end = at
        while end > 0 and not _has_words(rows[end - 1], index):
            end -= 1
        first = end
        while first > 0 and _has_words(rows[first - 1], index) and not is_unit_line(rows[first - 1]):
            first -= 1
        if first < end:
            header = headers_of_window(rows[first:end], first, merged, contract, form, dictionary, period)
            kept = tuple(c for c in header.columns if c.position >= index or c.field)
            return dataclasses.replace(header, columns=kept)
    return None


def first_figure(texts: Sequence[str]) -> int | None:
    """The index of the first number right of a text; None where the row has no label, or no more than years."""
    label = next((at for at, text in enumerate(texts) if text.strip() and not _NUMBER.fullmatch(text.strip())), None)
    if label is None:
        return None
    numbers = [at for at, text in enumerate(texts) if at > label and _NUMBER.fullmatch(text.strip())]
    if all(_YEAR.fullmatch(texts[at].strip()) for at in numbers):
        return None
    return numbers[0]


def _has_words(row: HeaderRow, index: int) -> bool:
    return any(text.strip() for text in row.texts[index:])


def with_labels(
    form: FileForm, header: Header, below: pa.Table, fields: Mapping[str, Field]
) -> tuple[Header, pa.Table]:
    """The header and the rows below it with the label of each row, its sections and its unit, as further columns."""
    settings = form.labels or {}
    index = min((c.position for c in header.columns if c.field and fields[c.field].is_number), default=0)
    words = {c.position for c in header.columns if c.field and not fields[c.field].is_number}
    labels = [_label_of(row, index, words) for row in below.column("cells").to_pylist()]
    names = section_fields(form)
    sections = list(_sections(labels, len(names), settings.get("sections")))
    table = [[label.text if label else None, *some] for label, some in zip(labels, sections, strict=True)]
    if "unit" in settings:
        table = [[*row, next(filter(None, map(unit_behind, (row[0], *reversed(row[1:])))), None)] for row in table]
    at = tuple(sorted({label.indent[0] for label in labels if label}))
    added = [settings["field"], *names, *([settings["unit"]] if "unit" in settings else [])]
    return _with_columns(header, below, [Column(0, "", name, None, stands_in=at) for name in added], table)


def section_fields(form: FileForm) -> list[str]:
    """The fields that take the sections of a row, the outermost first."""
    named = (form.labels or {}).get("section", [])
    return [named] if isinstance(named, str) else list(named)


def with_fields_of_sections(form: FileForm, header: Header, below: pa.Table) -> tuple[Header, pa.Table, frozenset[str]]:
    """The same with columns that hold another field in some sections parted, and the expressions that rows match.

    Such a column keeps its own field in all other rows.
    """
    rows = [row["cells"] for row in below.select(["cells"]).to_pylist()]
    of_rows = sections_of_rows(form, header, below)
    by_field = {column.field: column for column in header.columns if column.field}
    moved = dict.fromkeys((a, b) for some in form.by_section.values() for a, b in some.items() if a in by_field)
    columns = [dataclasses.replace(by_field[a], field=b, stands_in=(by_field[a].position,)) for a, b in moved]
    table: list[list[str | None]] = [[None] * len(moved) for _ in rows]
    for row, pattern, new in zip(rows, of_rows, table, strict=True):
        for at, (a, b) in enumerate(moved):
            index = by_field[a].position
            if pattern is not None and form.by_section[pattern].get(a) == b and index < len(row):
                new[at], row[index] = row[index], None
    below = below.set_column(below.column_names.index("cells"), "cells", [pa.array(rows, pa.list_(pa.string()))])
    header, below = _with_columns(header, below, columns, table)
    return header, below, frozenset(pattern for pattern in of_rows if pattern is not None)


def sections_of_rows(form: FileForm, header: Header, below: pa.Table) -> list[str | None]:
    """For each row the first expression of `by_section` that its sections, or the title of its block, match."""
    names = section_fields(form)
    indexes = [column.position for column in header.columns if column.field in names]
    block = [form.constants[form.blocks["field"]]] if form.blocks and "field" in form.blocks else []
    found = []
    for cells in below.column("cells").to_pylist():
        texts = [plain(text) for text in (*block, *(cells[at] for at in indexes)) if text]
        found.append(next((one for one in form.by_section if any(re.search(one, text) for text in texts)), None))
    return found


def _with_columns(
    header: Header, below: pa.Table, columns: Sequence[Column], table: Sequence[Sequence[str | None]]
) -> tuple[Header, pa.Table]:
    """A header and its rows with further columns of text at the right."""
    rows = below.select(["cells", "kinds"]).to_pylist()
    width = max([len(row["cells"]) for row in rows] + [c.position + 1 for c in header.columns])
    cells, kinds = [], []
    for row, own in zip(rows, table, strict=True):
        cells.append([*row["cells"], *[None] * (width - len(row["cells"])), *own])
        known = row["kinds"].ljust(width, "_")
        letters = (known[c.stands_in[0]] if c.heading else "s" for c in columns)
        kinds.append(known + "".join(letter if text else "_" for letter, text in zip(letters, own, strict=True)))
    added = [dataclasses.replace(column, position=width + n) for n, column in enumerate(columns)]
    below = below.set_column(below.column_names.index("cells"), "cells", [pa.array(cells, pa.list_(pa.string()))])
    below = below.set_column(below.column_names.index("kinds"), "kinds", [pa.array(kinds, pa.string())])
    return dataclasses.replace(header, columns=(*header.columns, *added)), below


def _label_of(cells: Sequence[str | None], index: int, words: Collection[int]) -> _Label | None:
    for at in range(min(index, len(cells)) - 1, -1, -1):
        text = "" if at in words else cells[at] or ""
        if text.strip() and not _NUMBER.fullmatch(text.strip()):
            return _Label(" ".join(text.split()), (at, len(text) - len(text.lstrip())))
    return None


def _sections(labels: Sequence[_Label | None], depth: int, opens: Any) -> Iterator[Sequence[str | None]]:
    """The sections of each row, the outermost first: what the last lines that open one say, itself among them."""
    patterns = [opens] if isinstance(opens, str) else opens or []
    sections: list[str | None] = [None] * depth
    above: list[_Label] = []
    for label in labels:
        if label is not None and opens == _INDENTED:
            while above and above[-1].indent >= label.indent:
                above.pop()
            outer = [one.text for one in above]
            sections = [*outer[: depth - 1], outer[-1] if len(outer) >= depth else None]
            sections += [None] * (depth - len(sections))
            above.append(label)
        elif label is not None:
            level = next((n for n, one in enumerate(patterns) if re.search(one, plain(label.text))), None)
            if level is not None:
                sections = [*sections[:level], label.text, *[None] * (depth - level - 1)]
        yield list(sections)
