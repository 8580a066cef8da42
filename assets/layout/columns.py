"""Work on whole columns: one column out of lists of cells, texts cleaned, kinds rearranged.

A million rows are twelve million cells; none of them becomes a Python object here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NO_CELL = "_"
GIVEN = "s"
"""Kind of a value that does not come from a cell: a constant, a period out of a header."""


def cell_column(cells: pa.ChunkedArray, position: int) -> pa.ChunkedArray:
    """Column `position` (from 0) of lists of cells, cleaned; null where a row is shorter."""
    return pa.chunked_array([clean(_cell_chunk(chunk, position)) for chunk in cells.chunks], pa.string())


def _cell_chunk(chunk: pa.ListArray, position: int) -> pa.StringArray:
    offsets = np.asarray(chunk.offsets)
    at = offsets[:-1] + position
    return chunk.values.take(pa.array(at, mask=at >= offsets[1:]))


def clean(texts: pa.StringArray) -> pa.StringArray:
    """Texts without the white space around them, in composed Unicode."""
    trimmed = pc.utf8_trim_whitespace(texts)
    if pc.all(pc.string_is_ascii(trimmed), skip_nulls=True).as_py() is not False:
        return trimmed
    # Not pc.utf8_normalize: with form="NFC" it decomposes ("ú" comes back as "u" and an accent; pyarrow 25.0.1).
    encoded = trimmed.dictionary_encode()
    composed = [unicodedata.normalize("NFC", text) for text in encoded.dictionary.to_pylist()]
    return pa.array(composed, pa.string()).take(encoded.indices)


def filled(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each cleaned text holds anything."""
    return pc.fill_null(pc.greater(pc.binary_length(texts), 0), False)


def any_of(masks: Sequence[pa.ChunkedArray], length: int) -> pa.ChunkedArray:
    """Whether any of the masks holds, row by row; all false without masks."""
    result = constant(False, length, pa.bool_())
    for mask in masks:
        result = pc.or_(result, mask)
    return result


def count_of(masks: Sequence[pa.ChunkedArray], length: int) -> pa.ChunkedArray:
    """How many of the masks hold, row by row."""
    result = constant(0, length, pa.int32())
    for mask in masks:
        result = pc.add(result, pc.cast(mask, pa.int32()))
    return result


def constant(value: object, length: int, of_type: pa.DataType | None = None) -> pa.ChunkedArray:
    """A column that holds one value."""
    return pa.chunked_array([pa.repeat(pa.scalar(value, of_type or pa.string()), length)])


def replaced(texts: pa.ChunkedArray, change: Callable[[str], str | None]) -> pa.ChunkedArray:
    """Texts after `change`, which is asked once for each different text; nulls stay."""
    encoded = texts.combine_chunks().dictionary_encode()
    changed = pa.array([change(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([changed.take(encoded.indices)])


def kinds_of(kinds: pa.ChunkedArray, positions: Sequence[int | str]) -> pa.ChunkedArray:
    """The kinds of the columns at `positions`, as one text per row; a letter among the positions stands for
    itself.
    """

    def rearranged(row: str) -> str:
        letters = [at if isinstance(at, str) else row[at] if at < len(row) else NO_CELL for at in positions]
        return "".join(letters)

    return replaced(kinds, rearranged)
