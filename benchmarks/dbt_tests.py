"""Expectations as dbt tests: for each rule the query of the rows (or the number) that break it.

A test says what Great Expectations says of the same rule: values that are missing break no rule but those that ask for
them to be given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from expectations.suites import Expectation


def dbt_test(table: str, rule: Expectation) -> str:
    """Return the test of one rule of a model. Raises ValueError for a rule that this module cannot say in SQL."""
    kwargs = dict(rule.kwargs)
    condition = kwargs.pop("row_condition", None)
    kwargs.pop("condition_parser", None)
    if rule.type not in _QUERIES or "mostly" in kwargs:
        raise ValueError(f"{table}: {rule.check}: {rule.type} with {', '.join(kwargs)} is not known as a dbt test")
    rows = f"{{{{ ref('{table}') }}}}"
    if condition is not None:
        rows = f"(select * from {rows} where {_as_sql(condition)}) as chosen"
    severity = "error" if rule.severity == "critical" else "warn"
    return f"{{{{ config(severity='{severity}') }}}}\n{_QUERIES[rule.type](rows, kwargs)}\n"


def _as_sql(condition: str) -> str:
    """A condition as pandas reads it: what suites write differs from SQL in its quotes and its equals sign alone."""
    return condition.replace("'", "''").replace('"', "'").replace("==", "=")


def _literal(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(_literal(value) for value in values)


def _bounds(measured: str, kwargs: Mapping[str, Any]) -> str:
    """What a value outside the bounds meets; a missing value meets nothing."""
    broken = []
    if (low := kwargs.get("min_value")) is not None:
        broken.append(f"{measured} {'<=' if kwargs.get('strict_min') else '<'} {_literal(low)}")
    if (high := kwargs.get("max_value")) is not None:
        broken.append(f"{measured} {'>=' if kwargs.get('strict_max') else '>'} {_literal(high)}")
    return " or ".join(broken)


def _where(broken: Callable[[Mapping[str, Any]], str]) -> Callable[[str, Mapping[str, Any]], str]:
    return lambda rows, kwargs: f"select * from {rows} where {broken(kwargs)}"


def _pair_broken(kwargs: Mapping[str, Any]) -> str:
    return f"not ({kwargs['column_A']} {'>=' if kwargs.get('or_equal') else '>'} {kwargs['column_B']})"


def _repeated(rows: str, columns: Sequence[str], given: str) -> str:
    names = ", ".join(columns)
    return f"select {names} from {rows} where {given} group by {names} having count(*) > 1"


def _compound_repeated(rows: str, kwargs: Mapping[str, Any]) -> str:
    columns = kwargs["column_list"]
    return _repeated(rows, columns, " or ".join(f"{name} is not null" for name in columns))


def _missing_of_set(rows: str, kwargs: Mapping[str, Any]) -> str:
    values = ", ".join(f"({_literal(value)})" for value in kwargs["value_set"])
    column = kwargs["column"]
    return (
        f"select wanted from (values {values}) as listed(wanted) "
        f"where wanted not in (select {column} from {rows} where {column} is not null)"
    )


_QUERIES: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "expect_column_values_to_not_be_null": _where(lambda k: f"{k['column']} is null"),
    "expect_column_values_to_be_null": _where(lambda k: f"{k['column']} is not null"),
    "expect_column_values_to_be_between": _where(lambda k: _bounds(k["column"], k)),
    "expect_column_values_to_be_in_set": _where(lambda k: f"{k['column']} not in ({_listed(k['value_set'])})"),
    "expect_column_values_to_not_be_in_set": _where(lambda k: f"{k['column']} in ({_listed(k['value_set'])})"),
    "expect_column_values_to_match_regex": _where(
        lambda k: f"not regexp_matches(cast({k['column']} as varchar), {_literal(k['regex'])})"
    ),
    "expect_column_values_to_not_match_regex": _where(
        lambda k: f"regexp_matches(cast({k['column']} as varchar), {_literal(k['regex'])})"
    ),
    "expect_column_value_lengths_to_be_between": _where(lambda k: _bounds(f"length({k['column']})", k)),
    "expect_column_pair_values_a_to_be_greater_than_b": _where(_pair_broken),
    "expect_column_values_to_be_unique": lambda rows, k: _repeated(rows, [k["column"]], f"{k['column']} is not null"),
    "expect_compound_columns_to_be_unique": _compound_repeated,
    "expect_table_row_count_to_be_between": lambda rows, k: (
        f"select count(*) as n from {rows} having {_bounds('count(*)', k)}"
    ),
    "expect_column_distinct_values_to_contain_set": _missing_of_set,
}
