"""What is handed to Great Expectations of a table, prepared so that it judges rules as they are written.

- Rules that speak of some rows only get those rows. Great Expectations would look for them anew in each metric of each
  rule. Rules on which columns there are get all columns and no rows.
- Only columns that rules look at are handed over, Arrow-backed: a batch costs what its columns weigh. Whole numbers
  without missing values are plain int64 and floats plain float64, because only for those Great Expectations compares a
  whole column at once; any other goes through Python value by value (one second for a million rows). Columns that a
  rule compares with each other stay Arrow: both must be of one kind.
- Its bounds are floats. For a column of exact numbers a bound such as 0.1 is moved by one float step to the side where
  it cannot turn a right value into a wrong one: `Decimal("0.1") >= 0.1` is false, because the float 0.1 lies a little
  above one tenth.

Imports pandas when it is first needed, because that costs half a second, and never Great Expectations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from expectations.expectation_types import ROWS_KEPT, TYPES
from expectations.suites import Expectation

if TYPE_CHECKING:
    import pandas as pd

_EXACT_INTEGER_DIGITS = 18
_COMPARES_VALUES = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_sum_to_be_between",
        "expect_column_min_to_be_between",
        "expect_column_max_to_be_between",
    }
)
"""Types whose bounds are compared with values of the column (and not with counts or lengths)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table, with their positions in it; None: they are all there are."""

    table: pa.Table
    positions: NDArray[np.int64] | None = None

    def in_whole_table(self, positions: Sequence[int]) -> NDArray[np.int64]:
        """Return positions among these rows as positions in the whole table."""
        found = np.asarray(positions, dtype=np.int64)
        return found if self.positions is None else self.positions[found]


def judges_columns(rule: Expectation) -> bool:
    """Whether a rule says which columns there are, and nothing of what is in them."""
    return rule.type.startswith("expect_table_columns")


def by_condition(rules: Iterable[Expectation]) -> dict[str | None, list[Expectation]]:
    """Group rules by the condition that chooses their rows (None: all rows)."""
    groups: dict[str | None, list[Expectation]] = {}
    for rule in rules:
        groups.setdefault(rule.kwargs.get("row_condition"), []).append(rule)
    return groups


def rows_where(condition: str | None, table: pa.Table) -> Rows:
    """Return the rows that meet a condition, written as pandas reads it. Raises what pandas raises on it."""
    if condition is None:
        return Rows(table)
    named = [name for name in table.column_names if name in condition]
    positions = frame_of(table, named).query(condition).index.to_numpy()
    return Rows(table.take(pa.array(positions)), positions)


def frame_of(table: pa.Table, columns: Iterable[str], compared: Iterable[str] = ()) -> pd.DataFrame:
    """Return columns of a table as pandas; `compared` are those that a rule compares with each other."""
    import pandas as pd

    stay_arrow = frozenset(compared)
    series = {name: _series(table.column(name), name in stay_arrow) for name in columns}
    return pd.DataFrame(series, index=pd.RangeIndex(table.num_rows), copy=False)


def frame_for(rules: Sequence[Expectation], table: pa.Table) -> pd.DataFrame:
    """Return what some rules look at of a table."""
    looked_at = {name for rule in rules for name in rule.columns}
    compared = {name for rule in rules if TYPES[rule.type].domain == "pair" for name in rule.columns}
    all_columns = any(judges_columns(rule) for rule in rules)
    names = [name for name in table.column_names if all_columns or name in looked_at]
    return frame_of(table, names, compared)


def given_in_all(table: pa.Table, columns: Iterable[str]) -> NDArray[np.float64]:
    """Return 1 for each row in which none of the columns is missing, else a missing value."""
    is_missing = np.zeros(table.num_rows, dtype=bool)
    for name in columns:
        is_missing |= pc.is_null(table.column(name), nan_is_null=True).to_numpy(zero_copy_only=False)
    return np.where(is_missing, np.nan, 1.0)


def arguments_of(rule: Expectation, schema: pa.Schema) -> dict[str, Any]:
    """Return the arguments of a rule as Great Expectations is to have them; its rows are chosen already."""
    arguments = {name: value for name, value in rule.kwargs.items() if name not in ROWS_KEPT}
    if TYPES[rule.type].domain == "pair":
        # With one value missing the comparison is neither true nor false, and pandas cannot count that.
        arguments.setdefault("ignore_row_if", "either_value_is_missing")
    if rule.type in _COMPARES_VALUES:
        arguments |= _float_bounds(arguments, schema.field(arguments["column"]).type)
    return arguments


def _series(column: pa.ChunkedArray, stays_arrow: bool) -> pd.Series[Any]:
    import pandas as pd

    if not stays_arrow and column.null_count == 0 and _is_whole(column.type):
        return pd.Series(column.cast(pa.int64()).to_numpy())
    if not stays_arrow and pa.types.is_floating(column.type):
        return pd.Series(column.to_numpy())
    return pd.Series(pd.arrays.ArrowExtensionArray(column))


def _is_whole(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(kind.scale == 0 and kind.precision <= _EXACT_INTEGER_DIGITS)
    return bool(pa.types.is_integer(kind) and not pa.types.is_uint64(kind))


def _float_bounds(arguments: Mapping[str, Any], kind: pa.DataType) -> dict[str, float]:
    """The bounds as floats that part the values of an exact column as the written bounds do."""
    is_exact = pa.types.is_decimal(kind) or pa.types.is_integer(kind)
    bounds: dict[str, float] = {}
    for name in ("min_value", "max_value"):
        written = arguments.get(name)
        if not is_exact or isinstance(written, bool) or not isinstance(written, int | float | Decimal):
            continue
        exact, bound = Decimal(str(written)), float(written)
        lies_below = (name == "min_value") != bool(arguments.get("strict_" + name[:3]))
        if lies_below and Decimal(bound) > exact:
            bound = math.nextafter(bound, -math.inf)
        elif not lies_below and Decimal(bound) < exact:
            bound = math.nextafter(bound, math.inf)
        bounds[name] = bound
    return bounds
