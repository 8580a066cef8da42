"""Which rows are the header, and which column is which field.

A header may take several rows, with cells merged across and down. Its texts are joined from the top with ` |
`, as contracts write them, and compared without regard to case, to spaces and line breaks, to how a letter's marks are
encoded, or to the vowel over which a tone is written (`hoà`, `hòa`). A unit in brackets may be there or not, as long as
one field alone is left that the header can mean: such a column is `forgiven`, and `assets.layout.tables` says so and
sets the unit against the field's.
A header of a contract may hold the name of another field in braces (`Giá so sánh {base_year}`): a year stands there in
the file, and is the value of that field in every row of the column.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.layout.unit_words import units_agree, without_unit
from dbt_like_sql.contracts import PERIOD_NUMBERS, Contract, FileForm
from dbt_like_sql.fields import Field
from dbt_like_sql.periods import Period

LOOKED_AT = 80
"""Rows from the top of a sheet among which the header is looked for."""

ORDINALS = frozenset({"stt", "tt", "số tt", "số thứ tự", "no", "no."})
"""Headers of the column that numbers the rows: of no feed a field, and no surprise either."""

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ANY_YEAR = "{}"

_Meaning = tuple[str, tuple[str, ...]]
"""The field of a header, and the fields whose values stand in it."""

_NUMBERING_CELL = re.compile(r"[(\[]?\s*([A-Z]|[0-9]{1,3})\s*[)\]]?\s*(?:=.*)?")


@dataclass(frozen=True)
class HeaderRow:
    """A row near the top of a sheet: its number in the file and its cells, "" where there is none."""

    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column of a table: what its header says and, where it is known, its field and its group.

    `unit` is the unit that the header states, in the words of `fields/`; `is_forgiven` is true where the header is the
    contract's but for a unit. `stated` holds what it states of other fields, by field: `{"base_year": "2010"}`.
    `stands_in` are the places in the file of a column that the layout has made of others.
    """

    position: int
    heading: str
    field: str | None
    group: str | None
    unit: str | None = None
    is_forgiven: bool = False
    stated: Mapping[str, str] = dataclasses.field(default_factory=dict)
    stands_in: tuple[int, ...] = ()


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
    rows: Sequence[HeaderRow],
    merged: Sequence[Sequence[int]],
    contract: Contract,
    form: FileForm,
    dictionary: Mapping[str, Field],
    period: Period | None = None,
) -> Header | None:
    """The rows that read most like the contract's header; None where no known header is among them.

    Of two windows that read alike the one with more rows wins, then the one nearer to the top. Windows in which no cell
    says a word of any header, as most do, need not be read.
    """
    known = _KnownHeaders(contract, form, dictionary, period)
    texts = {text for row in rows for text in row.texts}
    known_texts = {text for text in texts if known.hold_a_word_of(text)}
    is_known = [bool(form.columns) or not known_texts.isdisjoint(row.texts) for row in rows]
    best: tuple[tuple[int, int], Header] | None = None
    for count in range(form.header_rows, 0, -1):
        for first in range(len(rows) - count + 1):
            if not any(is_known[first : first + count]):
                continue
            window = rows[first : first + count]
            for levels in _readings(window, merged):
                header = Header(first, count, _columns(levels, known, form))
                score = _score(header, contract)
                if score > (0, 0) and (best is None or score > best[0]):
                    best = (score, header)
    return best[1] if best else None


def headers_of_window(
    window: Sequence[HeaderRow],
    first: int,
    merged: Sequence[Sequence[int]],
    contract: Contract,
    form: FileForm,
    dictionary: Mapping[str, Field],
    period: Period | None,
) -> Header:
    """The header that some rows form, in the reading that recognises most."""
    known = _KnownHeaders(contract, form, dictionary, period)
    readings = [Header(first, len(window), _columns(levels, known, form)) for levels in _readings(window, merged)]
    return max(readings, key=lambda header: _score(header, contract))


def is_numbering(texts: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a row numbers the columns (`A | B | 1 | 2`, `(1) | (2) | (3)=(2)/(1)`), as offices print.

    Every column that is known must be numbered, letters from A and numbers from 1, in order, three at least: a row of
    data does not look like this by chance. Of a table that lost a column the numbers have a gap; then there must be a
    letter beside several numbers, or all stand in brackets.
    """
    cells = [text.strip() for text in texts]
    given = [cell for cell in cells if cell]
    marks = [match.group(1) if (match := _NUMBERING_CELL.fullmatch(cell)) else None for cell in given]
    known = [c.position for c in columns if c.field]
    if len(marks) < 3 or None in marks or any(at >= len(cells) or not cells[at] for at in known):
        return False
    letters = [ord(mark) - ord("A") + 1 for mark in marks if mark and mark.isalpha()]
    numbers = [int(mark) for mark in marks if mark and mark.isdigit()]
    if not numbers or any(some != sorted(set(some)) for some in (letters, numbers)) or numbers[0] < 1:
        return False
    missing = sum(some[-1] - len(some) for some in (letters, numbers) if some)
    is_marked = len(numbers) > 1 and (bool(letters) or all(cell[0] in "([" for cell in given))
    return missing == 0 or (missing <= _MOST_COLUMNS_LOST and is_marked)


_MOST_COLUMNS_LOST = 2


class _KnownHeaders:
    """The headers of a contract: which field each stands for, and which each may stand for without its unit."""

    def __init__(
        self, contract: Contract, form: FileForm, dictionary: Mapping[str, Field], period: Period | None
    ) -> None:
        self._dictionary = dictionary
        self._columns = {
            name: column if isinstance(column, int) else with_numbers_of(column, period)
            for name, column in form.columns.items()
        }
        self._exact: dict[str, _Meaning] = {}
        self._bare: dict[str, set[_Meaning]] = {}
        for rule in contract.fields:
            for header in (rule.name, *rule.headers):
                meaning = rule.name, tuple(_PLACEHOLDER.findall(header))
                levels = _PLACEHOLDER.sub(_ANY_YEAR, header).split("|")
                self._exact[_folded(_joined(levels))] = meaning
                self._bare.setdefault(_folded(_joined(without_units(levels)[0])), set()).add(meaning)
        self._words = {level for header in (*self._exact, *self._bare) for level in header.split(" | ")}

    def hold_a_word_of(self, text: str) -> bool:
        """Whether a cell says a level of any header, with or without its unit, and with any year."""
        levels = text.split(" | ")
        heading = (plain(level) for some in (levels, without_units(levels)[0]) for level in some)
        return not self._words.isdisjoint(_folded(one) for level in heading for one in _with_any_year(level))

    def exact(self, levels: Sequence[str]) -> tuple[str, dict[str, str]] | None:
        """The field whose header this is, and what it states of other fields."""
        heading = _joined(levels)
        for text in _with_any_year(heading):
            if (meaning := self._exact.get(_folded(text))) is not None:
                return meaning[0], _years_in(heading, meaning)
        return None

    def declared(self, position: int, levels: Sequence[str]) -> str | None:
        """The field whose column the form declares by this place, or by a pattern that this header holds."""
        heading = " ".join(filter(None, map(plain, levels)))
        for name, column in self._columns.items():
            if column == position + 1 if isinstance(column, int) else re.search(column, heading):
                return name
        return None

    def forgiving(self, levels: Sequence[str]) -> tuple[str, str | None, dict[str, str]] | None:
        """The only field that a header means if units are left out, the unit and what else it states; else None."""
        bare, unit = without_units(levels)
        heading = _joined(bare)
        meanings = next(
            filter(None, (self._bare.get(_folded(text)) for text in _with_any_year(heading))), set[_Meaning]()
        )
        if len(meanings) > 1 and unit is not None:
            meanings = {one for one in meanings if units_agree(unit, self._dictionary[one[0]].unit)}
        if len(meanings) != 1:
            return None
        (meaning,) = meanings
        return meaning[0], unit, _years_in(heading, meaning)


def with_numbers_of(pattern: str, period: Period | None) -> str:
    """A pattern in which `{month}`, `{month_before}`, `{year}` and `{year_before}` stand for those of a period.

    They are those of its last month, as whole numbers. Where no period is known they match nothing.
    """
    if period is None:
        return PERIOD_NUMBERS.sub(lambda _: "(?!)", pattern)
    month, year = period.last_day.month, period.last_day.year
    numbers = {"month": month, "month_before": (month - 2) % 12 + 1, "year": year, "year_before": year - 1}
    return PERIOD_NUMBERS.sub(lambda found: rf"(?<!\d)0?{numbers[found.group(1)]}(?!\d)", pattern)


def without_units(levels: Sequence[str]) -> tuple[list[str], str | None]:
    """Levels of a header without the units that they end with (in brackets, after a comma), and the last of these."""
    bare, stated = [], None
    for level in levels:
        text, unit = without_unit(plain(level))
        bare.append(text)
        stated = unit or stated
    return bare, stated


_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))


def _folded(text: str) -> str:
    """A text in which each word carries its tone at its end, wherever it was written."""
    words = unicodedata.normalize("NFD", text).split(" ")
    moved = (word.translate(_TONES) + "".join(letter for letter in word if ord(letter) in _TONES) for word in words)
    return unicodedata.normalize("NFC", " ".join(moved))


def _with_any_year(heading: str) -> tuple[str, ...]:
    """A text as a contract may write it: word by word, and with any year in the place of its own."""
    return (heading, _YEAR.sub(_ANY_YEAR, heading))


def _years_in(heading: str, meaning: _Meaning) -> dict[str, str]:
    """What a header states of other fields: the years that stand where its contract names them."""
    return dict(zip(meaning[1], _YEAR.findall(heading), strict=bool(meaning[1])))


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


def _columns(levels: Sequence[Sequence[str]], known: _KnownHeaders, form: FileForm) -> tuple[Column, ...]:
    """The columns of a header. One is forgiven its unit only where no other column of its group is the field's own."""
    columns, below_group = [], []
    for position, texts in enumerate(levels):
        group, below = _group(texts, form)
        exact = known.exact(below)
        name, stated = exact or (known.declared(position, below), {})
        unit = without_units(below)[1] if name is not None and exact is None else None
        if group is not None and not _joined(below) and form.melt is not None:
            name = form.melt.get("value")
        columns.append(Column(position, _joined(texts), name, group, unit, stated=stated))
        below_group.append(below)
    taken = [(column.group, column.field, column.stated) for column in columns]
    for at, column in enumerate(columns):
        forgiven = known.forgiving(below_group[at]) if column.field is None and column.heading else None
        if forgiven is not None and (column.group, forgiven[0], forgiven[2]) not in taken:
            name, unit, stated = forgiven
            columns[at] = dataclasses.replace(column, field=name, unit=unit, stated=stated, is_forgiven=True)
    return tuple(columns)


def _group(texts: Sequence[str], form: FileForm) -> tuple[str | None, Sequence[str]]:
    """The group that a column stands under, and the levels below it; None and all levels where there is
    none.
    """
    if form.melt is None or not texts:
        return None, texts
    top = " ".join(unicodedata.normalize("NFC", texts[0]).split())
    top = top[: len(without_units([top])[0][0])]
    match = re.search(form.melt["groups"], top, re.IGNORECASE)
    if match is None:
        return None, texts
    return match.group(form.melt["field"]).strip(), [text for text in texts[1:] if plain(text) != plain(texts[0])]


def _score(header: Header, contract: Contract) -> tuple[int, int]:
    known = {column.field for column in header.columns if column.field}
    return sum(rule.required for rule in contract.fields if rule.name in known), len(known) + len(header.groups)
