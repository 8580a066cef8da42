"""PX files (PC-Axis) of statistics offices: keywords, then the cells.

A parser of our own, since the one on the index (pyaxis) asks for pandas and requests, gives cells as floats or objects,
and fills what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from assets.readers.cube import Dimension, refuse_size, write_cube
from assets.readers.raw import RawWriter
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet

_AGAIN = "Export the table again as PX, or as CSV."
_CODE_PAGE = re.compile(rb'^CODEPAGE="([\w.-]+)";', re.MULTILINE | re.IGNORECASE)
_ENTRY = re.compile(
    r'\s*+([A-Z][A-Z0-9_-]*+)(?:\[([\w-]++)\])?(?:\(((?:"[^"]*+"|[^")])*+)\))?\s*+=((?:"[^"]*+"|[^";]++)*+);'
)
_STRINGS = re.compile(r'"([^"]*+)"|,')
_CELL = re.compile(r'"([^"]*+)"|([^\s"]++)')


def read_px(file: BinaryIO, form: Mapping[str, Any], limits: Limits, writer: RawWriter) -> list[Sheet]:
    """Read the cells of a file in its first language and write them; return what was counted.

    Raises RefusedFileError for what is no PX file, or whose cells are not as many as its dimensions say.
    """
    entries = _entries(_text(file.read()))
    names = [*_listed(entries.get(("STUB", ""), "")), *_listed(entries.get(("HEADING", ""), ""))]
    if not names:
        raise RefusedFileError(f"the PX file names no dimension (STUB, HEADING). {_AGAIN}")
    if ("KEYS", names[0]) in entries:
        raise RefusedFileError(f"the PX file leaves cells out (KEYS), which is not read. {_AGAIN}")
    dimensions = []
    for name in names:
        labels = _listed(entries.get(("VALUES", name), ""))
        codes = _listed(entries.get(("CODES", name), "")) or labels
        if len(codes) != len(labels):
            raise RefusedFileError(f"of '{name}' the PX file has {len(labels)} values and {len(codes)} codes. {_AGAIN}")
        dimensions.append(Dimension(name, codes, labels))
    count = refuse_size(dimensions, limits)
    cells = [quoted or bare for quoted, bare in _CELL.findall(entries[("DATA", "")])]
    if len(cells) != count:
        raise RefusedFileError(
            f"by its dimensions the PX file has {count:,} cells, and it holds {len(cells):,}. {_AGAIN}"
        )
    return write_cube(dimensions, ((index, cell, None) for index, cell in enumerate(cells)), form, writer)


def _text(content: bytes) -> str:
    declared = _CODE_PAGE.search(content)
    encoding = declared[1].decode() if declared else "utf-8-sig"
    try:
        return content.decode(encoding).removeprefix("\ufeff").rstrip("\0")
    except (UnicodeDecodeError, LookupError) as error:
        raise RefusedFileError(
            f"the PX file is not written in {encoding}, the code page that it names or that is expected if it names "
            'none. Save it with CODEPAGE="utf-8".'
        ) from error


def _entries(text: str) -> dict[tuple[str, str], str]:
    """The entries of the first language, by keyword and the dimension that they speak of, up to the cells."""
    found: dict[tuple[str, str], str] = {}
    at = 0
    while entry := _ENTRY.match(text, at):
        keyword, language, about, value = entry.groups()
        at = entry.end()
        if language is None:
            key = keyword, (_listed(about) or [""])[0] if about else ""
            if key in found and keyword in ("STUB", "HEADING", "VALUES", "CODES", "DATA"):
                raise RefusedFileError(f"the PX file says {keyword} twice, and nobody can tell which holds. {_AGAIN}")
            found[key] = value
        if keyword == "DATA":
            if text[at:].strip():
                raise RefusedFileError(f"something follows the cells of the PX file. {_AGAIN}")
            return found
    line = text.count("\n", 0, at) + 1
    raise RefusedFileError(
        f"the file is no PX file, or truncated: line {line} begins no entry that is closed. {_AGAIN}"
    )


def _listed(value: str) -> list[str]:
    """The strings of a list; those that no comma parts are one, broken over lines."""
    items: list[str] = []
    continues = False
    for found in _STRINGS.finditer(value):
        if found[0] == ",":
            continues = False
        elif continues:
            items[-1] += found[1]
        else:
            items.append(found[1])
            continues = True
    return items
