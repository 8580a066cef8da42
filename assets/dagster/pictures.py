"""Pictures and wide tables in the form in which the asset page shows them where they stand.

The page shows Markdown of fewer than 1,000 characters in its place and hides longer Markdown behind "[Show Markdown]".
It shows tables of any length in their place, as plain text, and wraps their cells to the longest word.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from assets.dagster.checks import table_value

SHOWN_IN_PLACE = 1000
"""Markdown of this many characters or more is behind a click."""
LINE = 40
"""Characters that fit into the column of values on a laptop."""
_ESCAPED: Mapping[int, str] = str.maketrans({"%": "%25", "<": "%3C", ">": "%3E", "#": "%23", "&": "%26", "\\": "%5C"})
_HEADER_IS_SMALLER = 12 / 14
"""Size of the letters in a header, in those of the cells."""


def picture(alternative: str, svg: str, words: str) -> dg.MetadataValue:
    """Return a picture with words below it, in as few characters as Markdown allows.

    Only what would end or change the address is escaped: base64 makes a picture longer by a third.
    """
    return dg.MetadataValue.md(f"![{alternative}](<data:image/svg+xml,{svg.translate(_ESCAPED)}>)\n\n{in_lines(words)}")


def in_lines(*paragraphs: str) -> str:
    """Return paragraphs of Markdown in lines that fit beside the key: a wide table below them makes a line longer."""
    return "\n\n".join("\\\n".join(textwrap.wrap(paragraph, LINE)) for paragraph in paragraphs)


def wide_table(rows: Sequence[Mapping[str, Any]]) -> dg.MetadataValue:
    """Return rows as a table whose cells do not wrap; the asset page scrolls it sideways.

    No-break spaces widen each header to the longest value below it, so that values stay as they are to be copied.
    """
    widest = {
        column: max(len(str(row.get(column) or "")) for row in rows)
        for column in dict.fromkeys(c for r in rows for c in r)
    }
    headers = {
        column: column.ljust(math.ceil(width / _HEADER_IS_SMALLER), "\u00a0") for column, width in widest.items()
    }
    return table_value([{header: row.get(column) for column, header in headers.items()} for row in rows])
