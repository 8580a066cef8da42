"""JSON-stat 1.x and 2.0, as PX-Web and others export it; every digit of a value is kept.

The files of the national office end in a NUL byte, and their codes are positions: labels are read unless a form says
otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from assets.readers.cube import Dimension, refuse_size, write_cube
from assets.readers.raw import RawWriter
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet

_AGAIN = "Export the table again as JSON-stat, or as CSV."


class _Digits(str):
    """A number as its file writes it; `NaN` and `Infinity` too, which are no JSON, and are judged as what they are."""

    __slots__ = ()


def read_json_stat(file: BinaryIO, form: Mapping[str, Any], limits: Limits, writer: RawWriter) -> list[Sheet]:
    """Read the cells of the one table of a file and write them; return what was counted.

    Raises RefusedFileError for what is no JSON-stat, holds several tables, or contradicts itself.
    """
    table = _the_table(_parsed(file.read()))
    try:
        dimensions = _dimensions(table)
        count = refuse_size(dimensions, limits)
        cells = _cells(table, count)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise RefusedFileError(
            f"the file is JSON, and its table is not described as JSON-stat has it ({type(error).__name__}: {error}). "
            f"{_AGAIN}"
        ) from error
    return write_cube(dimensions, cells, form, writer)


def _parsed(content: bytes) -> Any:
    try:
        text = content.rstrip(b"\0 \r\n\t").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedFileError(f"the file is no UTF-8 text, as JSON is. {_AGAIN}") from error
    try:
        return json.loads(
            text, parse_float=_Digits, parse_int=_Digits, parse_constant=_Digits, object_pairs_hook=_unique
        )
    except RecursionError as error:
        raise RefusedFileError(f"the file nests deeper than any table does. {_AGAIN}") from error
    except json.JSONDecodeError as error:
        raise RefusedFileError(f"the file is no JSON, or truncated ({error}). {_AGAIN}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RefusedFileError(
            f"the file says '{twice[:100]}' twice in one place, and nobody can tell which holds. {_AGAIN}"
        )
    return found


def _the_table(content: Any) -> Mapping[str, Any]:
    """The one table: of 2.0 the file itself or the member of a collection, of 1.x what is named in it."""
    tables = []
    if isinstance(content, dict):
        if content.get("class") == "collection":
            items = content.get("link", {}).get("item", []) if isinstance(content.get("link"), dict) else []
            tables = [item for item in items if isinstance(item, dict) and "value" in item]
        elif "value" in content and "dimension" in content:
            tables = [content]
        else:
            tables = [
                one for one in content.values() if isinstance(one, dict) and "value" in one and "dimension" in one
            ]
    if not tables:
        raise RefusedFileError(f"the file holds no JSON-stat table (none with dimensions and values). {_AGAIN}")
    if len(tables) > 1:
        raise RefusedFileError(
            f"the file holds {len(tables)} tables, and its contract speaks of one. Send one at a time."
        )
    return tables[0]


def _dimensions(table: Mapping[str, Any]) -> list[Dimension]:
    described = table["dimension"]
    names = table.get("id") or described["id"]
    sizes = [int(size) for size in table.get("size") or described["size"]]
    dimensions = []
    for name, size in zip(names, sizes, strict=True):
        category = described[name]["category"]
        labels = category.get("label") or {}
        index = category.get("index")
        if index is None:
            codes = list(labels)
        elif isinstance(index, dict):
            code_of = {int(number): code for code, number in index.items()}
            codes = [code_of[number] for number in range(len(index))]
        else:
            codes = list(index)
        if len(codes) != size or not all(isinstance(code, str) for code in codes):
            raise ValueError(f"'{name}' has {len(codes)} categories and the size {size}")
        shown = [labels.get(code, code) for code in codes]
        if not all(isinstance(label, str) for label in shown):
            raise TypeError(f"a label of '{name}' is no text")
        dimensions.append(Dimension(str(name), codes, [str(label) for label in shown]))
    return dimensions


def _cells(table: Mapping[str, Any], count: int) -> list[tuple[int, str | None, str | None]]:
    """Index, value and status of each cell that the file gives."""
    values, status = table["value"], table.get("status")
    by_index = _by_index(values, count, "values")
    if isinstance(status, str):
        return [(index, _text(value), status) for index, value in sorted(by_index.items())]
    statuses = {} if status is None else _by_index(status, count, "statuses")
    return [(index, _text(value), _text(statuses.get(index))) for index, value in sorted(by_index.items())]


def _by_index(values: Any, count: int, what: str) -> dict[int, Any]:
    if isinstance(values, dict):
        found = {int(index): value for index, value in values.items()}
        if len(found) != len(values) or any(not 0 <= index < count for index in found):
            raise ValueError(f"{what} lie outside the {count:,} cells of the table")
        return found
    if len(values) != count:
        raise ValueError(f"the table has {count:,} cells and {len(values):,} {what}")
    return dict(enumerate(values))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"a value is neither number nor text: {value!r}"[:100])
