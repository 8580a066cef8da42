"""Each type of expectation on tables as ours are: it passes, fails with its rows named, or errs audibly."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from expectations.expectation_types import TYPES
from expectations.report import CheckResult, Dimension, SuiteReport
from expectations.runner import judge
from expectations.suites import Expectation, Suite

ROOT = Path(__file__).parents[2]
DAY = dt.date(2024, 10, 1)


def rule(type_name: str, check: str = "rule_holds", **kwargs: Any) -> Expectation:
    dimension: Dimension = "validity"
    return Expectation(check, type_name, kwargs, "critical", dimension, "It should be so.", "Mend it.")


def judged(table: pa.Table, *rules: Expectation, row_limit: int | None = 200) -> SuiteReport:
    return judge(Suite("validated", "vouchers", rules, ("delivery_id", "source_row")), table, row_limit)


def one(table: pa.Table, type_name: str, **kwargs: Any) -> CheckResult:
    return judged(table, rule(type_name, **kwargs)).results[0]


def vouchers(**changed: list[Any]) -> pa.Table:
    """Four rows of two deliveries; a changed column keeps its type."""
    columns: dict[str, tuple[pa.DataType, list[Any]]] = {
        "delivery_id": (pa.string(), ["d1", "d1", "d2", "d2"]),
        "source_row": (pa.int64(), [2, 3, 2, 3]),
        "code": (pa.string(), ["7000001", "7000002", "8000003", "7000004"]),
        "count": (pa.int64(), [1, 2, 3, 4]),
        "amount_vnd": (pa.decimal128(18, 0), [Decimal(n) for n in (10, 20, 30, 40)]),
        "level_bn": (pa.decimal128(20, 6), [Decimal(n) for n in ("0.1", "0.2", "0.3", "0.4")]),
        "ratio": (pa.float64(), [0.1, 0.2, 0.3, 0.4]),
        "posted_on": (pa.date32(), [DAY, DAY, DAY, DAY]),
        "released_on": (pa.date32(), [DAY, DAY, DAY, DAY]),
        "is_simulated": (pa.bool_(), [False, False, False, False]),
    }
    arrays = {name: pa.array(changed.get(name, values), kind) for name, (kind, values) in columns.items()}
    return pa.table(arrays)


PASSES_AND_FAILS: list[tuple[str, dict[str, Any], dict[str, list[Any]], list[tuple[str, int]]]] = [
    # type, arguments, what is changed in the good table, which rows then fail
    (
        "expect_column_values_to_not_be_null",
        {"column": "code"},
        {"code": ["7", None, "8", None]},
        [("d1", 3), ("d2", 3)],
    ),
    (
        "expect_column_values_to_be_null",
        {"column": "code", "row_condition": "count > 4", "condition_parser": "pandas"},
        {"count": [1, 5, 3, 4]},
        [("d1", 3)],
    ),
    (
        "expect_column_values_to_be_between",
        {"column": "amount_vnd", "min_value": 1},
        {"amount_vnd": [Decimal(1), Decimal(0), None, Decimal(-5)]},
        [("d1", 3), ("d2", 3)],
    ),
    (
        "expect_column_values_to_be_between",
        {"column": "posted_on", "min_value": dt.date(2024, 1, 1), "max_value": dt.date(2024, 12, 31)},
        {"posted_on": [DAY, dt.date(2042, 10, 1), None, DAY]},
        [("d1", 3)],
    ),
    (
        "expect_column_values_to_be_between",
        {"column": "ratio", "max_value": 1, "strict_max": True},
        {"ratio": [0.5, 1.0, None, 0.999]},
        [("d1", 3)],
    ),
    (
        "expect_column_values_to_be_in_set",
        {"column": "code", "value_set": ["7000001", "7000002", "8000003", "7000004"]},
        {"code": ["7000001", "x", None, "7000002"]},
        [("d1", 3)],
    ),
    (
        "expect_column_values_to_be_in_set",
        {"column": "count", "value_set": [1, 2, 3, 4]},
        {"count": [1, 2, None, 5]},
        [("d2", 3)],
    ),
    (
        "expect_column_values_to_not_be_in_set",
        {"column": "amount_vnd", "value_set": [0]},
        {"amount_vnd": [Decimal(0), None, Decimal(1), Decimal(0)]},
        [("d1", 2), ("d2", 3)],
    ),
    (
        "expect_column_values_to_match_regex",
        {"column": "code", "regex": r"^[78]\d{6}$"},
        {"code": ["7000001", "70000011", None, "9000001"]},
        [("d1", 3), ("d2", 3)],
    ),
    (
        "expect_column_values_to_not_match_regex",
        {"column": "code", "regex": r"\s"},
        {"code": ["7", "7 000", None, "8"]},
        [("d1", 3)],
    ),
    (
        "expect_column_values_to_be_unique",
        {"column": "code"},
        {"code": ["7", "8", "7", None]},
        [("d1", 2), ("d2", 2)],
    ),
    (
        "expect_column_value_lengths_to_be_between",
        {"column": "code", "min_value": 2, "max_value": 7},
        {"code": ["77", "7", None, "77777777"]},
        [("d1", 3), ("d2", 3)],
    ),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "released_on", "column_B": "posted_on", "or_equal": True},
        {"posted_on": [DAY, None, dt.date(2024, 10, 2), dt.date(2024, 9, 30)]},
        [("d2", 2)],
    ),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "amount_vnd", "column_B": "level_bn"},
        {"level_bn": [Decimal("9.999999"), Decimal("20.000001"), None, Decimal(40)]},
        [("d1", 3), ("d2", 3)],
    ),
    (
        "expect_column_pair_values_to_be_equal",
        {"column_A": "released_on", "column_B": "posted_on"},
        {"posted_on": [DAY, None, DAY, dt.date(2024, 9, 30)]},
        [("d2", 3)],
    ),
    (
        "expect_compound_columns_to_be_unique",
        {"column_list": ["delivery_id", "code"]},
        {"code": ["7", "7", "7", "8"]},
        [("d1", 2), ("d1", 3)],
    ),
]


@pytest.mark.parametrize(("type_name", "kwargs", "changed", "failing"), PASSES_AND_FAILS)
def test_a_rule_on_rows_passes_and_fails_with_its_rows_named(
    type_name: str, kwargs: dict[str, Any], changed: dict[str, list[Any]], failing: list[tuple[str, int]]
) -> None:
    good = one(vouchers(), type_name, **kwargs)
    assert (good.outcome, good.failing_count, good.failing_rows, good.error) == ("passed", 0, (), None)
    assert good.observed == "0 of 4 rows"

    bad = one(vouchers(**changed), type_name, **kwargs)
    assert bad.outcome == "failed", bad.error
    assert [(row["delivery_id"], row["source_row"]) for row in bad.failing_rows] == failing
    assert bad.failing_count == len(failing)
    assert bad.observed == f"{len(failing)} of 4 rows"
    assert sum(bad.failing_by_delivery.values()) == len(failing)
    assert all(set(bad.columns) <= set(row) for row in bad.failing_rows)


TABLE_RULES: list[tuple[str, dict[str, Any], dict[str, list[Any]], str]] = [
    # type, arguments that hold, what is changed in the good table, what is then observed
    (
        "expect_column_sum_to_be_between",
        {"column": "amount_vnd", "min_value": 100},
        {"amount_vnd": [Decimal(1)] * 4},
        "4",
    ),
    ("expect_column_min_to_be_between", {"column": "count", "min_value": 1}, {"count": [1, 0, 3, None]}, "0"),
    ("expect_column_max_to_be_between", {"column": "count", "max_value": 4}, {"count": [1, 9, 3, None]}, "9"),
    ("expect_column_unique_value_count_to_be_between", {"column": "code", "min_value": 3}, {"code": ["7"] * 4}, "1"),
    (
        "expect_column_proportion_of_non_null_values_to_be_between",
        {"column": "code", "min_value": 0.9},
        {"code": ["7", None, "8", None]},
        "0.5",
    ),
    (
        "expect_column_distinct_values_to_contain_set",
        {"column": "code", "value_set": ["7000001", "8000003"]},
        {"code": ["7000001"] * 4},
        "without 8000003",
    ),
    (
        "expect_column_distinct_values_to_contain_set",
        {"column": "code", "value_set": ["8000003", "7000002", "7000004", "7000001"]},
        {"code": ["7000002"] * 4},
        "without 7000001, 7000004, 8000003",
    ),
    (
        "expect_column_distinct_values_to_equal_set",
        {"column": "delivery_id", "value_set": ["d1", "d2"]},
        {"delivery_id": ["d1", "d3", "d1", "d1"]},
        "without d2; with the undeclared d3",
    ),
]


@pytest.mark.parametrize(("type_name", "kwargs", "changed", "observed"), TABLE_RULES)
def test_a_rule_on_a_number_made_of_a_column_says_what_it_saw(
    type_name: str, kwargs: dict[str, Any], changed: dict[str, list[Any]], observed: str
) -> None:
    assert one(vouchers(), type_name, **kwargs).outcome == "passed"
    bad = one(vouchers(**changed), type_name, **kwargs)
    assert (bad.outcome, bad.observed, bad.failing_rows) == ("failed", observed, ())


def test_the_number_of_rows_is_judged() -> None:
    none = vouchers().slice(0, 0)
    at_least_one = {"min_value": 1}
    assert one(vouchers(), "expect_table_row_count_to_be_between", **at_least_one).observed == "4 rows"
    assert one(none, "expect_table_row_count_to_be_between", **at_least_one).outcome == "failed"
    assert one(none, "expect_table_row_count_to_be_between", **at_least_one).observed == "0 rows"
    assert one(vouchers(), "expect_table_row_count_to_equal", value=4).outcome == "passed"
    assert one(vouchers(), "expect_table_row_count_to_equal", value=5).outcome == "failed"


def test_a_row_count_can_speak_of_some_rows_only() -> None:
    kwargs = {"min_value": 2, "row_condition": "count > 2", "condition_parser": "pandas"}
    assert one(vouchers(), "expect_table_row_count_to_be_between", **kwargs).outcome == "passed"
    assert one(vouchers(count=[1, 1, 1, 9]), "expect_table_row_count_to_be_between", **kwargs).outcome == "failed"


def test_columns_are_judged_and_differences_said() -> None:
    names = vouchers().column_names
    ordered, as_set = "expect_table_columns_to_match_ordered_list", "expect_table_columns_to_match_set"
    assert one(vouchers(), ordered, column_list=names).outcome == "passed"
    assert one(vouchers(), as_set, column_set=names[::-1]).outcome == "passed"
    missing = one(vouchers().drop_columns(["code"]), ordered, column_list=names)
    assert (missing.outcome, missing.observed) == ("failed", "9 columns; without code")
    surplus = one(vouchers(), as_set, column_set=names[1:])
    assert (surplus.outcome, surplus.observed) == ("failed", "10 columns; with the undeclared delivery_id")
    swapped = one(vouchers(), ordered, column_list=names[::-1])
    assert (swapped.outcome, swapped.observed) == ("failed", "10 columns; in another order")


def test_every_type_that_a_suite_may_use_is_tried_here() -> None:
    tried = {name for name, *_ in PASSES_AND_FAILS} | {name for name, *_ in TABLE_RULES}
    tables = {name for name, kind in TYPES.items() if kind.domain == "table"}
    assert tried | tables == set(TYPES)


def test_a_missing_column_is_an_error_and_not_a_failure() -> None:
    report = judged(
        vouchers().drop_columns(["code"]),
        rule("expect_column_values_to_not_be_null", "code_is_given", column="code"),
        rule("expect_column_values_to_not_be_null", "count_is_given", column="count"),
    )
    assert [result.outcome for result in report.results] == ["errored", "passed"]
    assert report.result("code_is_given").error == "the table has no column code"
    assert report.blocks
    assert not report.passed


def test_a_rule_that_raises_leaves_the_others_judged() -> None:
    report = judged(
        vouchers(),
        rule("expect_column_values_to_be_between", "text_is_a_number", column="code", min_value=1),
        rule("expect_column_values_to_be_between", "bound_is_a_number", column="count", min_value="one"),
        rule("expect_column_values_to_be_between", "count_is_small", column="count", max_value=3),
        rule(
            "expect_column_values_to_not_be_null",
            "condition_speaks_of_a_column",
            column="count",
            row_condition="absent > 1",
            condition_parser="pandas",
        ),
    )
    assert [result.outcome for result in report.results] == ["errored", "errored", "failed", "errored"]
    assert report.results[0].error
    assert report.results[1].error
    assert report.results[3].error == "its condition absent > 1 cannot be answered: name 'absent' is not defined"
    assert report.results[2].failing_rows == ({"delivery_id": "d2", "source_row": 3, "count": 4},)


def test_a_table_without_rows_passes_rules_on_rows_and_fails_the_row_count() -> None:
    report = judged(
        vouchers().slice(0, 0),
        rule("expect_table_row_count_to_be_between", "has_rows", min_value=1),
        rule("expect_column_values_to_not_be_null", "code_is_given", column="code"),
        rule("expect_column_values_to_be_between", "amount_is_positive", column="amount_vnd", min_value=1),
        rule("expect_column_values_to_match_regex", "code_has_its_form", column="code", regex="^7"),
        rule(
            "expect_column_pair_values_a_to_be_greater_than_b", "in_time", column_A="released_on", column_B="posted_on"
        ),
        rule("expect_compound_columns_to_be_unique", "key_is_unique", column_list=["delivery_id", "code"]),
    )
    assert report.row_count == 0
    assert [r.check for r in report.results if not r.passed] == ["has_rows"]
    assert report.blocks


def test_columns_that_are_all_null_break_nothing_but_completeness() -> None:
    empty = [None] * 4
    table = vouchers(code=empty, amount_vnd=empty, ratio=empty, posted_on=empty)
    report = judged(
        table,
        rule("expect_column_values_to_not_be_null", "code_is_given", column="code"),
        rule("expect_column_values_to_be_between", "amount_is_positive", column="amount_vnd", min_value=1),
        rule("expect_column_values_to_be_between", "ratio_is_a_share", column="ratio", max_value=1),
        rule("expect_column_values_to_match_regex", "code_has_its_form", column="code", regex="^7"),
        rule("expect_column_values_to_be_in_set", "code_is_known", column="code", value_set=["7"]),
        rule(
            "expect_column_pair_values_a_to_be_greater_than_b", "in_time", column_A="released_on", column_B="posted_on"
        ),
    )
    assert [r.outcome for r in report.results] == ["failed", *["passed"] * 5]
    assert report.results[0].failing_count == 4


@pytest.mark.parametrize(
    ("bounds", "failing"),
    [
        ({"min_value": 0.1}, []),
        ({"min_value": 0.1, "strict_min": True}, ["0.100000"]),
        ({"max_value": 0.3}, ["0.400000"]),
        ({"max_value": 0.3, "strict_max": True}, ["0.300000", "0.400000"]),
        ({"min_value": 0.2, "max_value": 0.3}, ["0.100000", "0.400000"]),
    ],
)
def test_a_bound_that_no_float_can_hold_parts_decimals_exactly(bounds: dict[str, Any], failing: list[str]) -> None:
    result = one(vouchers(), "expect_column_values_to_be_between", column="level_bn", **bounds)
    assert [row["level_bn"] for row in result.failing_rows] == failing


def test_amounts_of_fifteen_digits_are_judged_and_shown_to_the_last_dong() -> None:
    amounts = [Decimal(n) for n in (999_999_999_999_999, 1_000_000_000_000_000, 1_000_000_000_000_001, 1)]
    kwargs = {"column": "amount_vnd", "max_value": 1_000_000_000_000_000}
    result = one(vouchers(amount_vnd=amounts), "expect_column_values_to_be_between", **kwargs)
    assert [row["amount_vnd"] for row in result.failing_rows] == ["1000000000000001"]


def test_whole_numbers_keep_their_nulls() -> None:
    table = vouchers(count=[2**53 + 1, None, 2**53, 1])
    result = one(table, "expect_column_values_to_be_between", column="count", max_value=2**53)
    assert [row["count"] for row in result.failing_rows] == [2**53 + 1]


def test_a_number_that_is_not_a_number_counts_as_missing() -> None:
    table = vouchers(ratio=[0.1, math.nan, None, 0.4])
    assert one(table, "expect_column_values_to_not_be_null", column="ratio").failing_count == 2


def test_rows_are_listed_up_to_the_limit_of_each_delivery_and_counted_exactly() -> None:
    table = pa.table(
        {
            "delivery_id": ["big"] * 500 + ["small"] * 3 + ["good"],
            "source_row": [*range(500), 0, 1, 2, 0],
            "code": [None] * 503 + ["7"],
        }
    )
    not_null = rule("expect_column_values_to_not_be_null", column="code")
    result = judged(table, not_null, row_limit=2).results[0]
    assert [(row["delivery_id"], row["source_row"]) for row in result.failing_rows] == [
        ("big", 0),
        ("big", 1),
        ("small", 0),
        ("small", 1),
    ]
    assert result.failing_count == 503
    assert result.failing_by_delivery == {"big": 500, "small": 3}
    assert len(judged(table, not_null, row_limit=None).results[0].failing_rows) == 503


def test_a_share_of_rows_may_be_let_through() -> None:
    table = vouchers(code=["7", "7", "7", None])
    kwargs = {"column": "code", "mostly": 0.7}
    assert one(table, "expect_column_values_to_not_be_null", **kwargs).outcome == "passed"
    assert one(table, "expect_column_values_to_not_be_null", **kwargs).observed == "1 of 4 rows"
    result = one(table, "expect_column_values_to_not_be_null", column="code", mostly=0.9)
    assert (result.outcome, result.failing_count) == ("failed", 1)


def test_a_condition_limits_a_rule_to_some_rows() -> None:
    kwargs = {
        "column": "amount_vnd",
        "max_value": 15,
        "row_condition": 'code == "7000002"',
        "condition_parser": "pandas",
    }
    result = one(vouchers(), "expect_column_values_to_be_between", **kwargs)
    assert [row["source_row"] for row in result.failing_rows] == [3]
    missing = {"row_condition": "code.isnull()", "condition_parser": "pandas"}
    table = vouchers(code=[None, "7", None, "8"], ratio=[None, None, 0.1, 0.1])
    result = one(table, "expect_column_values_to_not_be_null", column="ratio", **missing)
    assert [(row["delivery_id"], row["source_row"]) for row in result.failing_rows] == [("d1", 2)]


def test_rules_asked_together_say_what_each_says_alone() -> None:
    some_rows = {"row_condition": "count > 2", "condition_parser": "pandas"}
    rules = [
        rule("expect_column_values_to_not_be_null", f"{name}_is_given", column=name) for name in vouchers().column_names
    ]
    for i, (name, kwargs, *_) in enumerate((*PASSES_AND_FAILS, *TABLE_RULES)):
        rules += [rule(name, f"rule_{i}", **kwargs), rule(name, f"rule_{i}_on_some", **kwargs | some_rows)]
    rules.append(rule("expect_column_values_to_be_between", "text_is_a_number", column="code", min_value=1))
    for changed in (
        {},
        {"code": ["7", None, "7", None]},
        {"count": [1, 0, 9, None], "ratio": [None, math.nan, 1.0, 2.0], "delivery_id": ["d1", None, "d1", None]},
    ):
        table = vouchers(**changed)
        together = judged(table, *rules, row_limit=None)
        alone = tuple(judged(table, one_rule, row_limit=None).results[0] for one_rule in rules)
        assert together.to_json() == replace(together, results=alone).to_json()
        assert {result.outcome for result in alone} == {"passed", "failed", "errored"}


def test_a_report_survives_being_kept_as_json() -> None:
    report = judged(
        vouchers(amount_vnd=[Decimal(-5)] * 4, posted_on=[dt.date(2025, 1, 1)] * 4),
        rule("expect_column_values_to_be_between", "amount_is_positive", column="amount_vnd", min_value=1),
        rule(
            "expect_column_pair_values_a_to_be_greater_than_b", "in_time", column_A="released_on", column_B="posted_on"
        ),
        rule("expect_column_values_to_not_be_null", "absent", column="absent"),
    )
    assert SuiteReport.from_json(report.to_json()) == report
    assert SuiteReport.from_json(report.to_json()).to_json() == report.to_json()


def test_judging_draws_no_bars_writes_no_files_and_opens_no_connection(tmp_path: Path) -> None:
    script = """
import socket
def refuse(*_):
    raise OSError("no network here")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
import pyarrow as pa
from expectations.runner import judge
from expectations.suites import Expectation, Suite
rule = Expectation("a", "expect_column_values_to_not_be_null", {"column": "x"}, "critical", "validity", "A.", "B.")
assert judge(Suite("marts", "m", (rule,), ("x",)), pa.table({"x": [1, None]})).results[0].failing_count == 1
"""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=here, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(home.rglob("*")) == []
    assert list(here.rglob("*")) == []
