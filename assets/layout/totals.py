"""Totals and subtotals: recognised wherever they stand in a table, set aside, and held against their parts.

A row is a total if it says so (`Tổng cộng`, `Cộng nguồn …`) in the place of a key, or beside a key that is blank. A
line without keys that does not say so (`I. Ngân sách tỉnh`) is one if its numbers are the sum of the rows below or
above it. Which rows a total sums up is never written: any run of rows that begins or ends at the total, and reaches to
another total or to an end of the table, may be meant, and so may the whole table. Where none of them gives the total,
rows are missing, or the total is wrong.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.columns import any_of, constant, count_of, filled
from assets.layout.delivery import Delivery
from assets.layout.field_values import reads_as
from assets.layout.headers import Header, plain
from assets.layout.missing_values import MISSING_MARKS
from assets.layout.numbers import number_of
from dbt_like_sql.fields import Field

_WORDS = "(?i)tổng|cộng|tiểu kế|total"
"""What any total says, for a first look at whole columns."""

_TOTAL = re.compile(
    r"(?:(?:[ivxlc]+|[a-z]|\d{1,2})\s*[.):-]+\s*)?"
    r"(?:tổng cộng|tổng số|tiểu kế|(?:sub-?\s?|grand\s)?total\b"
    r"|cộng(?!\s*(?:hòa|hoà|đồng|dồn|tác|sinh)\b)(?!\w)"
    r"|tổng(?=\s*(?:$|[:(]|(?:các|nguồn|theo|phần|mục|nhóm|khối|toàn|chung|vốn|ngân sách|[ivxlc]+|\d+)\b))).*"
)
"""`Cộng quý III` is one; `Cộng hòa Séc`, `Cộng đồng dân cư` and `Cộng dồn 8 tháng` are not."""
_BESIDE_A_BLANK_KEY = re.compile(r"(?:(?:[ivxlc]+|[a-z]|\d{1,2})\s*[.):-]+\s*)?(?:tổng(?! công ty| cục)|cộng)\b.*")
"""Beside a blank key a label may say less: `Tổng kế hoạch năm`."""
_SECTION = re.compile(r"(?:[ivxlc]+|[a-z]|\d{1,2})(?:\s*[.):-].*)?")
"""How the lines of sections begin: `I. Ngân sách tỉnh`, or `A` in a cell of its own."""
_EXACT_UNITS = frozenset({"VND", "USD", "count", "visits", "dwellings"})
"""What is counted one by one, or paid: never rounded, so that a sum holds to the last digit."""
_ADDED = re.compile(r"(?!index|ratio|percent|units for)")
"""Begins the units of amounts, whose sum says something."""
_CODE = re.compile("[a-z_]+")
_MOST_LINES = 500
"""Beyond so many lines without keys the keys themselves are missing, which is another finding."""


@dataclass(frozen=True)
class _PossibleTotal:
    """A row that may be a total: its place in the table, whether it says that it is one, and in which key's place."""

    at: int
    label: str
    is_stated: bool
    key: str | None = None

    @property
    def where(self) -> str:
        """The key in whose place the label stands, for a sentence."""
        return f"of {self.key} " if self.key else ""

    @property
    def least_parts(self) -> int:
        """How many rows it must sum up: a line that is no section equals a single row by chance too easily."""
        return 1 if self.is_stated or _SECTION.fullmatch(plain(self.label)) else 2


def means_total(text: str, *, beside_a_blank_key: bool = False) -> bool:
    """Whether a label says that its row is a total."""
    stated = plain(text)
    return _TOTAL.fullmatch(stated) is not None or (
        beside_a_blank_key and _BESIDE_A_BLANK_KEY.fullmatch(stated) is not None
    )


def total_rows(
    delivery: Delivery,
    sheet: str | None,
    header: Header,
    below: pa.Table,
    cells: Mapping[int, pa.ChunkedArray],
    first_filled: pa.ChunkedArray,
) -> pa.ChunkedArray:
    """Which rows below a header are totals. Adds findings: what was set aside, and what does not add up."""
    lines = _lines(delivery, header, below.num_rows, cells, first_filled)
    is_total = np.zeros(below.num_rows, dtype=bool)
    if not lines:
        return constant(False, below.num_rows, pa.bool_())
    table = _NumbersOfTable(delivery, header, below, cells, frozenset(line.at for line in lines))
    numbers = below.column("source_row").to_pylist()
    set_aside = []
    for line in lines:
        wrong = table.what_does_not_add_up(line)
        if not line.is_stated and (wrong is None or wrong):
            continue
        is_total[line.at] = True
        set_aside.append(numbers[line.at])
        for name, position, stated, sums in wrong or ():
            delivery.found(
                "totals_are_the_sum_of_their_parts",
                "critical",
                f"the total {line.where}'{line.label}' gives {name} {stated}, and its parts give {sums}",
                "Add the rows that are missing, or correct the total, and send the file again.",
                sheet=sheet,
                line=numbers[line.at],
                column=name,
                value=str(stated),
                at=(numbers[line.at], position + 1),
            )
    if set_aside:
        rows = ", ".join(map(str, set_aside[:20])) + (" and more" if len(set_aside) > 20 else "")
        delivery.found(
            "totals_are_set_aside",
            "info",
            f"{len(set_aside)} totals (rows {rows}) are not read as data; their parts were added up against them",
            "Nothing to do.",
            sheet=sheet,
        )
    return pa.chunked_array([pa.array(is_total)])


def _lines(
    delivery: Delivery,
    header: Header,
    length: int,
    cells: Mapping[int, pa.ChunkedArray],
    first_filled: pa.ChunkedArray,
) -> list[_PossibleTotal]:
    """The rows that say that they are totals, and those that fill a number and no key."""
    keys = _key_places(delivery, header)
    amounts = [c.position for c in header.columns if c.field and delivery.fields[c.field].is_number]
    texts = [c.position for c in header.columns if c.field and c.position not in amounts]
    if not keys:
        return []
    labels = [(cells[at], keys.get(at)) for at in texts] + [(first_filled, None)]
    wholes = {plain(label) for key in keys.values() for label in delivery.rule(key).wholes}
    is_stated: dict[int, tuple[str, str | None]] = {}
    keys_filled = count_of([filled(cells[at]) for at in keys], length)
    lacks_key = pc.less(keys_filled, len(keys))
    for column, key in labels:
        maybe = pc.fill_null(pc.match_substring_regex(column, _WORDS), False)
        if key is None:
            maybe = pc.and_(maybe, lacks_key)
        for at in np.flatnonzero(np.asarray(maybe)).tolist():
            text = column[at].as_py()
            if plain(text) in wholes:
                continue
            if means_total(text, beside_a_blank_key=key is None) and not (key and _is_code(text, delivery, key)):
                is_stated.setdefault(at, (text, key))
    numbered = any_of([filled(cells[at]) for at in amounts if at not in keys], length)
    blank_keys = pc.less_equal(keys_filled, 1 if len(keys) > 1 else 0)
    keyless = np.flatnonzero(np.asarray(pc.and_(numbered, blank_keys))).tolist()
    if len(keyless) > _MOST_LINES:
        keyless = []
    keyless = [at for at in keyless if plain(first_filled[at].as_py() or "") not in wholes]
    return [
        _PossibleTotal(
            at, *((stated[0], True, stated[1]) if (stated := is_stated.get(at)) else (first_filled[at].as_py(), False))
        )
        for at in sorted(is_stated.keys() | set(keyless))
    ]


def _key_places(delivery: Delivery, header: Header) -> dict[int, str]:
    """The columns that identify rows, each with its field."""
    names = delivery.contract.key or [rule.name for rule in delivery.contract.fields if rule.required]
    return {column.position: column.field for column in header.columns if column.field and column.field in names}


def _is_code(text: str, delivery: Delivery, key: str) -> bool:
    """Whether a key that says total is a code of its field: some feeds have rows of their own for the whole."""
    field, rule = delivery.fields[key], delivery.rule(key)
    return reads_as(text, rule, field) or (field.codes is not None and _CODE.fullmatch(text) is not None)


class _NumbersOfTable:
    """The numbers of a table whose total lines are distinguished from its parts."""

    def __init__(
        self,
        delivery: Delivery,
        header: Header,
        below: pa.Table,
        cells: Mapping[int, pa.ChunkedArray],
        lines: frozenset[int],
    ) -> None:
        self._lines = sorted(lines)
        self._parts = [at for at in range(below.num_rows) if at not in lines]
        self._keys = [cells[at].to_pylist() for at in _key_places(delivery, header)]
        self._by_keys: dict[tuple[int, ...], dict[tuple[str, ...], list[int]]] = {}
        kinds = below.column("kinds").to_pylist()
        self._amounts: list[tuple[str, int, Field, list[Decimal | None] | None]] = []
        for column in header.columns:
            field = delivery.fields[column.field] if column.field else None
            if field is None or field.name in delivery.contract.key or not is_added(field):
                continue
            name = field.name if column.group is None else f"{field.name} ({column.group})"
            numbers = self._numbers(delivery, cells[column.position], kinds, column.position)
            self._amounts.append((name, column.position, field, numbers))

    def _numbers(
        self, delivery: Delivery, column: pa.ChunkedArray, kinds: Sequence[str], position: int
    ) -> list[Decimal | None] | None:
        """The numbers of a column, None where a cell is blank; None for a column that holds anything but numbers."""
        numbers: list[Decimal | None] = []
        for text, row in zip(column.to_pylist(), kinds, strict=True):
            if not text or text in MISSING_MARKS:
                numbers.append(None)
                continue
            number = number_of(text, row[position : position + 1], delivery.form.numbers)
            if number is None:
                return None
            numbers.append(number)
        return numbers

    def what_does_not_add_up(self, line: _PossibleTotal) -> list[tuple[str, int, Decimal, str]] | None:
        """The amounts of a line that no run of rows gives, with their columns and the sums that there are.

        None: it says none.
        """
        wrong, compared = [], 0
        parts = self._parts_of(line)
        runs = self._runs(line, parts)
        for name, position, field, numbers in self._amounts:
            stated = None if numbers is None else numbers[line.at]
            if numbers is None or stated is None:
                continue
            compared += 1
            sums = _Sums([numbers[at] for at in parts])
            if not any(sums.gives(stated, first, end, field, line.least_parts) for first, end in runs):
                shown = dict.fromkeys(sums.shown(first, end) for first, end in runs[:3])
                wrong.append((name, position, stated, " or ".join(shown)))
        return wrong if compared else None

    def _parts_of(self, line: _PossibleTotal) -> list[int]:
        """The rows that are no lines, and have the keys that the line has besides its label."""
        own = tuple(
            n
            for n, key in enumerate(self._keys)
            if key[line.at] and key[line.at] not in MISSING_MARKS and key[line.at] != line.label
        )
        if not own:
            return self._parts
        if own not in self._by_keys:
            groups: dict[tuple[str, ...], list[int]] = {}
            for at in self._parts:
                groups.setdefault(tuple(self._keys[n][at] for n in own), []).append(at)
            self._by_keys[own] = groups
        return self._by_keys[own].get(tuple(self._keys[n][line.at] for n in own), [])

    def _runs(self, line: _PossibleTotal, parts: Sequence[int]) -> list[tuple[int, int]]:
        """The runs of parts that a line may sum up, the whole table first, as first and end among the parts."""
        own = bisect_left(parts, line.at)
        before = [bisect_left(parts, at) for at in self._lines if at < line.at]
        after = [bisect_left(parts, at) for at in self._lines if at > line.at]
        runs = [(0, len(parts)), *((first, own) for first in (*reversed(before), 0))]
        runs += [(own, end) for end in (*after, len(parts))]
        return list(dict.fromkeys(runs))


class _Sums:
    """Numbers of rows, None where a cell is blank, and the sums of any run of them."""

    def __init__(self, numbers: Sequence[Decimal | None]) -> None:
        given = [number for number in numbers if number is not None]
        self._counts = [0, *accumulate(number is not None for number in numbers)]
        self._sums = [Decimal(0), *accumulate(given)]
        self._roundings = [Decimal(0), *accumulate(map(_half, given))]

    def gives(self, stated: Decimal, first: int, end: int, field: Field, least: int) -> bool:
        """Whether the rows of a run sum up to the stated total, within rounding by half a unit of each last decimal."""
        low, high = self._counts[first], self._counts[end]
        if high - low < least:
            return False
        rounding = _half(stated) + self._roundings[high] - self._roundings[low]
        allowed = Decimal(0) if field.unit in _EXACT_UNITS else max(rounding, abs(stated) * Decimal("1e-12"))
        return abs(self._sums[high] - self._sums[low] - stated) <= allowed

    def shown(self, first: int, end: int) -> str:
        """The sum of a run and the number of its rows, in words."""
        low, high = self._counts[first], self._counts[end]
        return f"{self._sums[high] - self._sums[low]:f} ({high - low} rows)" if low < high else "nothing"


def is_added(field: Field) -> bool:
    """Whether a field holds amounts, whose sum says something: no shares, indices, years or ranks."""
    return field.has_magnitude and _ADDED.match(field.unit) is not None


def _half(number: Decimal) -> Decimal:
    return Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)
