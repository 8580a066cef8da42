"""The benchmark's peer judges what Great Expectations judges: each rule as a dbt test finds the rows that break it."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from benchmarks.dbt_tests import dbt_test
from expectations.suites import Expectation

ROWS = """
    select * from (values
        ('a', 1, 2, 'north'), ('a', 1, null, 'north'), ('b', 3, 3, null), (null, 5, 4, 'Sóc Trăng''s')
    ) as t(code, low, high, place)
"""


def rule(kind: str, kwargs: dict[str, Any]) -> Expectation:
    return Expectation("it_holds", kind, kwargs, "warning", "validity", "It holds.", "Look.")


def broken_by(kind: str, kwargs: dict[str, Any]) -> int:
    config, _, query = dbt_test("t", rule(kind, kwargs)).partition("\n")
    assert config == "{{ config(severity='warn') }}"
    query = query.replace("{{ ref('t') }}", "t")
    return len(duckdb.sql(f"with t as ({ROWS}) {query}").fetchall())


@pytest.mark.parametrize(
    ("kind", "kwargs", "rows"),
    [
        ("expect_column_values_to_not_be_null", {"column": "high"}, 1),
        (
            "expect_column_values_to_not_be_null",
            {"column": "place", "row_condition": 'code == "b" or low > 4', "condition_parser": "pandas"},
            1,
        ),
        ("expect_column_values_to_be_null", {"column": "high"}, 3),
        ("expect_column_values_to_be_between", {"column": "high", "min_value": 3}, 1),
        ("expect_column_values_to_be_between", {"column": "high", "min_value": 3, "strict_min": True}, 2),
        ("expect_column_values_to_be_between", {"column": "high", "min_value": 3, "max_value": 3}, 2),
        ("expect_column_values_to_be_in_set", {"column": "place", "value_set": ["north"]}, 1),
        ("expect_column_values_to_be_in_set", {"column": "place", "value_set": ["north", "Sóc Trăng's"]}, 0),
        ("expect_column_values_to_not_be_in_set", {"column": "place", "value_set": ["north"]}, 2),
        ("expect_column_values_to_match_regex", {"column": "place", "regex": "^n"}, 1),
        ("expect_column_values_to_not_match_regex", {"column": "place", "regex": "^n"}, 2),
        ("expect_column_value_lengths_to_be_between", {"column": "place", "max_value": 5}, 1),
        ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "high", "column_B": "low"}, 2),
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "high", "column_B": "low", "or_equal": True},
            1,
        ),
        ("expect_column_values_to_be_unique", {"column": "code"}, 1),
        ("expect_compound_columns_to_be_unique", {"column_list": ["code", "low"]}, 1),
        ("expect_compound_columns_to_be_unique", {"column_list": ["code", "high"]}, 0),
        ("expect_table_row_count_to_be_between", {"min_value": 5}, 1),
        ("expect_table_row_count_to_be_between", {"min_value": 4}, 0),
        ("expect_column_distinct_values_to_contain_set", {"column": "code", "value_set": ["a", "c"]}, 1),
    ],
)
def test_a_rule_as_a_dbt_test_finds_what_breaks_it(kind: str, kwargs: dict[str, Any], rows: int) -> None:
    assert broken_by(kind, kwargs) == rows


def test_a_rule_that_cannot_be_said_as_a_dbt_test_is_named() -> None:
    with pytest.raises(ValueError, match="t: it_holds: expect_column_sum_to_be_between"):
        dbt_test("t", rule("expect_column_sum_to_be_between", {"column": "low", "min_value": 1}))
