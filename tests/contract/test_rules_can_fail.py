"""A rule that cannot fail is no rule: rows of the types that its columns have break each rule of each suite."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from assets.rules import rules_of_feed, rules_of_model
from dbt_like_sql.project import load_project
from expectations.batches import rows_where
from expectations.runner import judge
from expectations.suites import Expectation, Suite

PROJECT = load_project()
SUITES = {
    suite.name: suite
    for suite in (
        *(rules_of_feed(PROJECT, feed) for feed in PROJECT.contracts),
        *(rules_of_model(PROJECT, model) for model in PROJECT.models.values()),
    )
    if suite is not None
}
SIMPLE = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double": pa.float64(),
}
DAYS = (dt.date(1900, 1, 1), dt.date(2100, 1, 1))
TEXTS = ("", "?", "tổng")

Row = dict[str, Any]


def _type(column: str) -> pa.DataType:
    declared = PROJECT.fields[column].type
    if declared in SIMPLE:
        return SIMPLE[declared]
    precision, scale = re.findall(r"\d+", declared)
    return pa.decimal128(int(precision), int(scale))


def _values(column: str) -> tuple[Any, ...]:
    """The least and the greatest value that a column can hold, or some texts."""
    kind = _type(column)
    if pa.types.is_decimal(kind):
        greatest = 10 ** (kind.precision - kind.scale) - 1
        return (Decimal(-greatest), Decimal(greatest))
    if pa.types.is_integer(kind):
        return (-(2 ** (kind.bit_width - 2)), 2 ** (kind.bit_width - 2))
    if pa.types.is_floating(kind):
        return (-1e18, 1e18)
    return DAYS if pa.types.is_date(kind) else (False, True) if pa.types.is_boolean(kind) else TEXTS


def _breaking(rule: Expectation) -> Iterator[Row]:
    """Rows of which at least one breaks the rule, but for its condition."""
    kwargs = rule.kwargs
    match rule.type:
        case "expect_column_values_to_not_be_null":
            yield {kwargs["column"]: None}
        case "expect_column_values_to_not_be_in_set":
            yield {kwargs["column"]: kwargs["value_set"][0]}
        case "expect_column_values_to_be_unique":
            yield from [{kwargs["column"]: _values(kwargs["column"])[0]}] * 2
        case "expect_compound_columns_to_be_unique":
            yield from [{name: _values(name)[0] for name in kwargs["column_list"]}] * 2
        case "expect_column_pair_values_a_to_be_greater_than_b":
            yield {
                kwargs["column_A"]: _values(kwargs["column_A"])[0],
                kwargs["column_B"]: _values(kwargs["column_B"])[1],
            }
        case "expect_column_pair_values_to_be_equal":
            yield dict(zip((kwargs["column_A"], kwargs["column_B"]), TEXTS, strict=False))
        case "expect_column_values_to_be_between" if "row_condition" in kwargs and "min_value" in kwargs:
            yield {kwargs["column"]: kwargs["min_value"] - 1}
        case _ if "column" in kwargs:
            yield from ({kwargs["column"]: value} for value in _values(kwargs["column"]))
        case _:
            yield {}


def _meeting(condition: str, row: Row) -> Row:
    """A row that meets a condition, with the values that it names: found by trying."""
    names = [name for name in PROJECT.fields if re.search(rf"\b{name}\b", condition)]
    texts = re.findall(r'"([^"]*)"', condition)
    numbers = [Decimal(number) + step for number in re.findall(r"\b\d+\b", condition) for step in (-1, 0, 1)]
    candidates = [
        [row[name]]
        if name in row
        else [*texts, "?", None]
        if pa.types.is_string(_type(name))
        else [*numbers, *_values(name), None]
        for name in names
    ]
    for values in itertools.product(*candidates):
        tried = row | dict(zip(names, values, strict=True))
        if rows_where(condition, _table([tried], list(tried))).table.num_rows:
            return tried
    raise AssertionError(f"nothing meets {condition} with {row}")


def _table(rows: list[Row], columns: list[str]) -> pa.Table:
    def fitting(value: Any, kind: pa.DataType) -> Any:
        return int(value) if isinstance(value, Decimal) and pa.types.is_integer(kind) else value

    kinds = {name: _type(name) for name in columns}
    return pa.table(
        {name: pa.array([fitting(row.get(name), kind) for row in rows], kind) for name, kind in kinds.items()}
    )


def _rows_against(suite: Suite) -> Iterator[Row]:
    for rule in suite.expectations:
        condition = rule.kwargs.get("row_condition")
        for row in _breaking(rule):
            if condition is None:
                yield row
            else:
                try:
                    yield _meeting(condition, row)
                except AssertionError:
                    continue  # another row of this rule may meet it; where none does, the rule holds and is found out


@pytest.mark.parametrize("name", SUITES)
def test_every_rule_can_fail(name: str) -> None:
    suite = SUITES[name]
    rows = list(_rows_against(suite))
    columns = {column for rule in suite.expectations for column in rule.columns} | {n for row in rows for n in row}
    table = _table(rows, sorted(columns))
    holding = {result.check for result in judge(suite, table, row_limit=1).results if result.outcome != "failed"}
    without_rows = judge(suite, table.slice(0, 0)).results
    holding -= {result.check for result in without_rows if "row_count" in result.expectation and not result.passed}
    assert not holding
