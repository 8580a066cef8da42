"""What a cell may hold in the place of a value, kept apart before anything is cast.

A blank cell is null. So is one with a mark of a missing value (`…`, `..`), but the mark is kept in `missing_marks`.
`-` is a value, a true nil, which the casts read as 0 where they expect a number.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.columns import constant, filled

MISSING_MARKS = ("…", "...", "..", "....", ":")


def with_missing_values_apart(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """Rows whose cells are text without spaces around it, or null, and the column `missing_marks` (`field=…`)."""
    of_missing, marks = pa.array(MISSING_MARKS), constant(None, rows.num_rows)
    for name in names:
        texts = pc.utf8_trim_whitespace(rows.column(name))
        is_missing = pc.is_in(texts, of_missing)
        given = pc.and_not(filled(texts), is_missing)
        rows = rows.set_column(rows.column_names.index(name), name, pc.if_else(given, texts, None))
        if pc.any(is_missing).as_py():
            mark = pc.if_else(is_missing, pc.binary_join_element_wise(name, texts, "="), None)
            marks = pc.coalesce(pc.binary_join_element_wise(marks, mark, " "), marks, mark)
    return rows.append_column("missing_marks", marks)
