"""Which rows are the header, and which column is which field.

A header may take several rows, with cells merged across and down. Its texts are joined from the top with ` |
`, as contracts write them, and compared without regard to case, to spaces or to how a letter's marks are
encoded. A header of a contract may hold the name of another field in braces (`Giá so sánh {base_year}`): a year
stands there in the file, and is the value of that field in every row of the column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbt_like_sql.contracts import Contract, Form

LOOKED_AT = 80
"""Rows from the top of a sheet among which the header is looked for."""

ORDINALS = frozenset({"stt", "tt", "số tt", "số thứ tự", "no", "no."})
"""Headers of the column that numbers the rows: of no feed a field, and no surprise either."""

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ANY_YEAR = "{}"

_NUMBERING_CELL = re.compile(r"[(\[]?\s*([A-Z]|[0-9]{1,3})\s*[)\]]?\s*(?:=.*)?")


@dataclass(frozen=True)
class HeaderRow:
    """A row near the top of a sheet: its number in the file and its cells, "" where there is none."""

    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column of a table: what its header says and, where it is known, its field and its group.

    `stated` holds what the header states of other fields, by field: `{"base_year": "2010"}`.
    """

    position: int
    said: str
    field: str | None
    group: str | None
    stated: Mapping[str, str]


@dataclass(frozen=True)
class Header:
    """The header of a table: the place of its first row among the sheet's rows, how many it takes, its
    columns.
    """

    first: int
    count: int
    columns: tuple[Column, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of a wide table, from left to right."""
        return tuple(dict.fromkeys(c.group for c in self.columns if c.group is not None and c.field))

    def statements(self, group: str | None) -> list[Mapping[str, str]]:
        """What headers under a group (or under none) state, each statement once, the newest year first."""
        found = {
            tuple(sorted(c.stated.items())) for c in self.columns if c.stated and c.group in (None, group)
        }  # fmt: skip
        return [dict(statement) for statement in sorted(found, reverse=True)]


def plain(text: str) -> str:
    """A header's text as it is compared: composed, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def find_header(
    rows: Sequence[HeaderRow], merged: Sequence[Sequence[int]], contract: Contract, form: Form
) -> Header | None:
    """The rows that read most like the contract's header; None where no known header is among them.

    Of two windows that read alike the one with more rows wins, then the one nearer to the top. Windows in which no cell
    says a word of any header, as most do, need not be read.
    """
    fields = _fields_by_header(contract)
    words = {level for header in fields for level in header.split(" | ")}
    texts = {text for row in rows for text in row.texts}
    telling = {text for text in texts if not words.isdisjoint(level for said in _spelt(text) for level in said)}
    tells = [not telling.isdisjoint(row.texts) for row in rows]
    best: tuple[tuple[int, int], Header] | None = None
    for count in range(form.header_rows, 0, -1):
        for first in range(len(rows) - count + 1):
            if not any(tells[first : first + count]):
                continue
            window = rows[first : first + count]
            for levels in _readings(window, merged):
                header = Header(first, count, _columns(levels, fields, form))
                score = _score(header, contract)
                if score > (0, 0) and (best is None or score > best[0]):
                    best = (score, header)
    return best[1] if best else None


def is_numbering(texts: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a row numbers the columns (`A | B | 1 | 2`, `(1) | (2) | (3)=(2)/(1)`), as offices print.

    Every column that is known must be numbered, letters from A and numbers from 1, in order, three at least:
    a row of data does not look like this by chance.
    """
    cells = [text.strip() for text in texts]
    marks = [match.group(1) if (match := _NUMBERING_CELL.fullmatch(cell)) else None for cell in cells if cell]
    known = [c.position for c in columns if c.field]
    if len(marks) < 3 or None in marks or any(at >= len(cells) or not cells[at] for at in known):
        return False
    letters = [mark for mark in marks if mark and mark.isalpha()]
    numbers = [int(mark) for mark in marks if mark and mark.isdigit()]
    in_order = numbers == list(range(1, len(numbers) + 1)) and letters == [chr(65 + i) for i in range(len(letters))]
    return in_order and len(numbers) > 0


def _fields_by_header(contract: Contract) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By header, its field and the fields whose values stand in it; of those any year may stand in the file."""
    fields = {}
    for rule in contract.fields:
        for header in (rule.name, *rule.headers):
            joined = _joined(header.split("|"))
            fields[_PLACEHOLDER.sub(_ANY_YEAR, joined)] = rule.name, tuple(_PLACEHOLDER.findall(joined))
    return fields


def _spelt(text: str) -> list[list[str]]:
    """The levels of a text as a contract may write them: word by word, and with any year in the place of its own."""
    said = plain(text)
    return [said.split(" | "), _YEAR.sub(_ANY_YEAR, said).split(" | ")]


def _joined(levels: Sequence[str]) -> str:
    """Levels of a header as one text: blanks left out, and a text that repeats the one above it."""
    kept: list[str] = []
    for level in map(plain, levels):
        if level and (not kept or kept[-1] != level):
            kept.append(level)
    return " | ".join(kept)


def _readings(window: Sequence[HeaderRow], merged: Sequence[Sequence[int]]) -> list[list[list[str]]]:
    """The ways to read a window of rows, each as levels from the top for each column.

    Where the file knows its merged cells there is one way. Where it does not (CSV, cells unmerged by hand), a
    blank in an upper row may belong to the text at its left, or to nothing.
    """
    width = max(len(row.texts) for row in window)
    grid = [[*row.texts, *[""] * (width - len(row.texts))] for row in window]
    as_it_is = [list(column) for column in zip(*grid, strict=True)]
    if len(window) == 1:
        return [as_it_is]
    if merged:
        _fill_merged(grid, [row.number for row in window], merged)
        return [[list(column) for column in zip(*grid, strict=True)]]
    for row in grid[:-1]:
        for at in range(1, width):
            row[at] = row[at] or row[at - 1]
    return [as_it_is, [list(column) for column in zip(*grid, strict=True)]]


def _fill_merged(grid: list[list[str]], numbers: Sequence[int], merged: Sequence[Sequence[int]]) -> None:
    for top, left, bottom, right in merged:
        if top not in numbers or left > len(grid[0]):
            continue
        text = grid[numbers.index(top)][left - 1]
        for line, number in zip(grid, numbers, strict=True):
            if top <= number <= bottom:
                for at in range(left - 1, min(right, len(line))):
                    line[at] = text


def _columns(
    levels: Sequence[Sequence[str]], fields: Mapping[str, tuple[str, tuple[str, ...]]], form: Form
) -> tuple[Column, ...]:
    columns = []
    for position, texts in enumerate(levels):
        group, below = _group(texts, form)
        said = _joined(below)
        name, stated = fields.get(said) or fields.get(_YEAR.sub(_ANY_YEAR, said)) or (None, ())
        values = dict(zip(stated, _YEAR.findall(said), strict=bool(stated)))
        columns.append(Column(position, _joined(texts), name, group, values))
    return tuple(columns)


def _group(texts: Sequence[str], form: Form) -> tuple[str | None, Sequence[str]]:
    """The group that a column stands under, and the levels below it; None and all levels where there is
    none.
    """
    if form.melt is None or not texts:
        return None, texts
    top = " ".join(unicodedata.normalize("NFC", texts[0]).split())
    match = re.search(form.melt["groups"], top, re.IGNORECASE)
    if match is None:
        return None, texts
    return match.group(form.melt["field"]).strip(), [text for text in texts[1:] if plain(text) != plain(top)]


def _score(header: Header, contract: Contract) -> tuple[int, int]:
    known = {column.field for column in header.columns if column.field}
    return sum(rule.required for rule in contract.fields if rule.name in known), len(known) + len(header.groups)
