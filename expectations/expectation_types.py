"""Which of Great Expectations' types a suite may use, with their arguments.

The list is kept here, and not asked of Great Expectations, so that suites are read and checked without
importing it. A type enters the list together with tests that it passes, fails with its rows named, and errs
audibly on our tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dbt_like_sql.declarations import meant

Domain = Literal["column", "pair", "columns", "aggregate", "table"]

ROWS_KEPT = frozenset({"row_condition", "condition_parser"})
"""The arguments that choose the rows to which a rule applies."""
_BETWEEN = frozenset({"min_value", "max_value", "strict_min", "strict_max"})


@dataclass(frozen=True, slots=True)
class ExpectationType:
    """What a type judges and the arguments it takes.

    `domain` is `column`, `pair` or `columns` where single rows fail (of one column, two, or several),
    `aggregate` where one number made of a column fails, and `table` where the table as a whole fails.
    """

    domain: Domain
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    @property
    def names_rows(self) -> bool:
        """Whether single rows fail."""
        return self.domain in ("column", "pair", "columns")

    @property
    def arguments(self) -> frozenset[str]:
        """All arguments it takes."""
        return self.required | self.optional


def _column(required: set[str] | None = None, optional: frozenset[str] = frozenset()) -> ExpectationType:
    return ExpectationType("column", frozenset({"column", *(required or ())}), ROWS_KEPT | {"mostly"} | optional)


def _aggregate(required: set[str] | None = None, optional: frozenset[str] = frozenset()) -> ExpectationType:
    return ExpectationType("aggregate", frozenset({"column", *(required or ())}), ROWS_KEPT | optional)


_PAIR = frozenset({"column_A", "column_B"})
_PAIR_OPTIONAL = ROWS_KEPT | {"mostly", "ignore_row_if"}

TYPES: Mapping[str, ExpectationType] = {
    "expect_column_values_to_not_be_null": _column(),
    "expect_column_values_to_be_null": _column(),
    "expect_column_values_to_be_between": _column(optional=_BETWEEN),
    "expect_column_values_to_be_in_set": _column({"value_set"}),
    "expect_column_values_to_not_be_in_set": _column({"value_set"}),
    "expect_column_values_to_match_regex": _column({"regex"}),
    "expect_column_values_to_not_match_regex": _column({"regex"}),
    "expect_column_values_to_be_unique": _column(),
    "expect_column_value_lengths_to_be_between": _column(optional=_BETWEEN),
    "expect_column_pair_values_a_to_be_greater_than_b": ExpectationType("pair", _PAIR, _PAIR_OPTIONAL | {"or_equal"}),
    "expect_column_pair_values_to_be_equal": ExpectationType("pair", _PAIR, _PAIR_OPTIONAL),
    "expect_compound_columns_to_be_unique": ExpectationType(
        "columns", frozenset({"column_list"}), ROWS_KEPT | {"mostly", "ignore_row_if"}
    ),
    "expect_column_sum_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_min_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_max_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_unique_value_count_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_proportion_of_non_null_values_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_distinct_values_to_contain_set": _aggregate({"value_set"}),
    "expect_column_distinct_values_to_equal_set": _aggregate({"value_set"}),
    "expect_table_row_count_to_be_between": ExpectationType("table", optional=_BETWEEN | ROWS_KEPT),
    "expect_table_row_count_to_equal": ExpectationType("table", frozenset({"value"}), ROWS_KEPT),
    "expect_table_columns_to_match_ordered_list": ExpectationType("table", frozenset({"column_list"})),
    "expect_table_columns_to_match_set": ExpectationType(
        "table", frozenset({"column_set"}), frozenset({"exact_match"})
    ),
}

ROW_COUNT_TYPES = frozenset({"expect_table_row_count_to_be_between", "expect_table_row_count_to_equal"})

_MATCHES_ANYTHING = frozenset({"", "^", "$", "^$|.*", ".*", "^.*$", "^.*", ".*$", "(?s).*"})


def judged_columns(type_name: str, kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that must be there for the rule to be judged, in the order for a sentence."""
    match TYPES[type_name].domain:
        case "column" | "aggregate":
            return (str(kwargs["column"]),)
        case "pair":
            return (str(kwargs["column_A"]), str(kwargs["column_B"]))
        case "columns":
            return tuple(str(name) for name in kwargs["column_list"])
        case "table":
            return ()


def problems_of(type_name: str, kwargs: Mapping[str, Any]) -> list[str]:
    """What is wrong with the arguments of one expectation, such as that it can never fail or never pass."""
    kind = TYPES.get(type_name)
    if kind is None:
        return [f"unknown expectation type '{type_name}': {meant(type_name, TYPES)}"]
    problems = [f"kwargs lacks '{name}'" for name in sorted(kind.required - set(kwargs))]
    problems += [
        f"kwargs has the unknown '{name}': {meant(name, kind.arguments)}"
        for name in sorted(set(kwargs) - kind.arguments)
    ]
    if problems:
        return problems
    return [
        *_shape_problems(kwargs),
        *_bound_problems(type_name, kind, kwargs),
        *_regex_problems(kwargs),
        *_idle_problems(type_name, kwargs),
    ]


def _regex_problems(kwargs: Mapping[str, Any]) -> list[str]:
    try:
        re.compile(str(kwargs.get("regex", "")))
    except re.error as error:
        return [f"'regex' is no regular expression: {error}"]
    return []


def _shape_problems(kwargs: Mapping[str, Any]) -> list[str]:
    problems = [
        f"'{name}' is {kwargs[name]!r}, not a text"
        for name in ("column", "column_A", "column_B", "regex")
        if name in kwargs and not isinstance(kwargs[name], str)
    ]
    for name in ("column_list", "column_set", "value_set"):
        value = kwargs.get(name)
        if name not in kwargs:
            continue
        if not isinstance(value, list | tuple):
            problems.append(f"'{name}' is {value!r}, not a list")
        elif name != "value_set" and not all(isinstance(item, str) for item in value):
            problems.append(f"'{name}' holds something that is not a column's name")
    if "row_condition" in kwargs and kwargs.get("condition_parser") != "pandas":
        problems.append("a row_condition needs condition_parser: pandas")
    return problems


def _bound_problems(type_name: str, kind: ExpectationType, kwargs: Mapping[str, Any]) -> list[str]:
    if not kind.optional >= _BETWEEN:
        return []
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None and high is None:
        return ["neither min_value nor max_value is given, so it could never fail"]
    problems = []
    try:
        if low is not None and high is not None and low > high:
            problems.append(f"min_value {low} is above max_value {high}, so it could never pass")
    except TypeError:
        problems.append(f"min_value {low!r} and max_value {high!r} cannot be compared")
    lowest_possible = "count" in type_name or "lengths" in type_name or "proportion" in type_name
    is_idle = high is None and lowest_possible and isinstance(low, int | float) and low <= 0
    is_idle = is_idle and not (low == 0 and kwargs.get("strict_min"))
    if is_idle:
        problems.append(f"min_value {low} could never fail")
    return problems


def _idle_problems(type_name: str, kwargs: Mapping[str, Any]) -> list[str]:
    problems = []
    if "mostly" in kwargs:
        mostly = kwargs["mostly"]
        if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 < mostly <= 1:
            problems.append(f"mostly is {mostly!r}; it must lie above 0 and be at most 1, or the rule could never fail")
    problems += [
        f"'{name}' is empty, so nothing is judged"
        for name in ("value_set", "column_list", "column_set")
        if name in kwargs and not kwargs[name]
    ]
    if "value_set" in kwargs and None in tuple(kwargs["value_set"] or ()):
        problems.append("'value_set' holds a null; nulls are left to a rule on completeness")
    if type_name == "expect_column_values_to_match_regex" and str(kwargs["regex"]).strip() in _MATCHES_ANYTHING:
        problems.append(f"the regex {kwargs['regex']!r} matches anything, so it could never fail")
    if type_name == "expect_compound_columns_to_be_unique" and len(tuple(kwargs["column_list"])) == 1:
        problems.append("one column alone is judged by expect_column_values_to_be_unique")
    return problems
