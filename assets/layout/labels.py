"""Tables made for people: rows named by labels at the left of their figures, under a header of any height.

Such a table is read from its figures outwards, as a person does. Its body begins at the first row with a label and a
figure right of it. What stands above that row's figures is the header, up to the title, to a unit that stands alone, or
to a row that says nothing there. The label of a row is the text nearest to its figures at their left, in whichever of
several columns it stands; numbers there count the rows. A line with a label and no figure is no row of data.

What was found becomes columns of its own at the right of the table, so that all that follows reads them like any other.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from assets.layout.field_values import ANY_NUMBER
from assets.layout.headers import Column, Header, HeaderRow, headers_of_window, plain
from assets.layout.units import is_unit_line
from dbt_like_sql.contracts import Contract, FileForm
from dbt_like_sql.fields import Field
from dbt_like_sql.periods import Period

_NUMBER = re.compile(f"(?:{ANY_NUMBER})")
_YEAR = re.compile(r"(?:19|20|21)\d\d")
_INDENTED = "indented"
"""In the place of a pattern: a label belongs to the nearest one above it that stands further left."""


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
        place = _first_figure(row.texts)
        if place is None:
            continue
        end = at
        while end > 0 and not _has_words(rows[end - 1], place):
            end -= 1
        first = end
        while first > 0 and _has_words(rows[first - 1], place) and not is_unit_line(rows[first - 1]):
            first -= 1
        if first < end:
            header = headers_of_window(rows[first:end], first, merged, contract, form, dictionary, period)
            kept = tuple(c for c in header.columns if c.position >= place or c.field)
            return dataclasses.replace(header, columns=kept)
    return None


def _first_figure(texts: Sequence[str]) -> int | None:
    """The place of the first number right of a text; None where the row has no label, or no more than years."""
    label = next((at for at, text in enumerate(texts) if text.strip() and not _NUMBER.fullmatch(text.strip())), None)
    if label is None:
        return None
    numbers = [at for at, text in enumerate(texts) if at > label and _NUMBER.fullmatch(text.strip())]
    if all(_YEAR.fullmatch(texts[at].strip()) for at in numbers):
        return None
    return numbers[0]


def _has_words(row: HeaderRow, place: int) -> bool:
    return any(text.strip() for text in row.texts[place:])


def with_labels(
    form: FileForm, header: Header, below: pa.Table, fields: Mapping[str, Field]
) -> tuple[Header, pa.Table]:
    """The header and the rows below it with the label of each row, and its section, as further columns."""
    settings = form.labels or {}
    place = min((c.position for c in header.columns if c.field and fields[c.field].is_number), default=0)
    rows = below.select(["cells", "kinds"]).to_pylist()
    width = max([len(row["cells"]) for row in rows] + [c.position + 1 for c in header.columns])
    labels = [_label_of(row["cells"], place) for row in rows]
    names = [settings["field"], *([settings["section"]] if "section" in settings else [])]
    found = zip(labels, _sections(labels, settings), strict=True)
    cells, kinds = [], []
    for row, (label, section) in zip(rows, found, strict=True):
        own = [label.text if label else None, section][: len(names)]
        cells.append([*row["cells"], *[None] * (width - len(row["cells"])), *own])
        kinds.append(row["kinds"].ljust(width, "_") + "".join("s" if text else "_" for text in own))
    added = [Column(width + n, "", name, None) for n, name in enumerate(names)]
    table = below.set_column(below.column_names.index("cells"), "cells", [pa.array(cells, pa.list_(pa.string()))])
    table = table.set_column(table.column_names.index("kinds"), "kinds", [pa.array(kinds, pa.string())])
    return dataclasses.replace(header, columns=(*header.columns, *added)), table


def _label_of(cells: Sequence[str | None], place: int) -> _Label | None:
    for at in range(min(place, len(cells)) - 1, -1, -1):
        text = cells[at] or ""
        if text.strip() and not _NUMBER.fullmatch(text.strip()):
            return _Label(" ".join(text.split()), (at, len(text) - len(text.lstrip())))
    return None


def _sections(labels: Sequence[_Label | None], settings: Mapping[str, Any]) -> Iterator[str | None]:
    """The section of each row: what the last line that opens one says, itself among them."""
    opens = settings.get("sections")
    section: str | None = None
    above: list[_Label] = []
    for label in labels:
        if label is None or opens is None:
            yield section
        elif opens == _INDENTED:
            while above and above[-1].indent >= label.indent:
                above.pop()
            yield above[-1].text if above else None
            above.append(label)
        else:
            section = label.text if re.search(opens, plain(label.text)) else section
            yield section
