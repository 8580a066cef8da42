"""Suites are read strictly, without importing Great Expectations; what could never fail is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dbt_like_sql.declarations import DeclarationError
from expectations.report import CheckResult, SuiteReport, by_dimension
from expectations.suites import Suite, load_suite, suite_files

ROOT = Path(__file__).parents[2]

ROW_COUNT = {
    "type": "expect_table_row_count_to_be_between",
    "kwargs": {"min_value": 20},
    "meta": {"check": "number_of_rows_is_plausible", "dimension": "completeness", "next_step": "See what is missing."},
}


def entry(**changed: Any) -> dict[str, Any]:
    """A sound expectation with some keys changed; None takes a key away."""
    sound = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "amount_vnd", "min_value": 1},
        "severity": "critical",
        "description": "Amounts are positive whole dong.",
        "meta": {"check": "amount_is_positive", "dimension": "validity", "next_step": "Correct the row."},
    }
    return {key: value for key, value in {**sound, **changed}.items() if value is not None}


def meta(**changed: Any) -> dict[str, Any]:
    return {"check": "amount_is_positive", "dimension": "validity", "next_step": "Correct the row.", **changed}


def written(folder: Path, *entries: dict[str, Any], **changed: Any) -> Suite:
    """Write a suite for a mart called `vouchers`, and read it."""
    content = {
        "name": "marts__vouchers",
        "meta": {"row_id": ["voucher_no"], "may_be_empty": "when nothing was delivered"},
        "expectations": list(entries) or [entry()],
        **changed,
    }
    path = folder / "marts" / "services" / "vouchers.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    suite = load_suite("marts", "vouchers", path=path)
    assert suite is not None
    return suite


def test_a_suite_is_read_in_great_expectations_own_shape(tmp_path: Path) -> None:
    suite = written(tmp_path, entry())
    assert suite.name == "marts__vouchers"
    assert suite.row_id == ("voucher_no",)
    assert suite.may_be_empty == "when nothing was delivered"
    assert suite.dimensions == ("validity",)
    assert suite.blocking_dimensions == {"validity"}
    rule = suite.expectations[0]
    assert (rule.check, rule.severity, rule.columns, rule.names_rows) == (
        "amount_is_positive",
        "critical",
        ("amount_vnd",),
        True,
    )


def test_a_table_without_a_suite_has_none() -> None:
    assert load_suite("marts", "nothing") is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"type": "expect_column_values_to_be_betwen"}, "unknown expectation type"),
        ({"type": "expect_column_kl_divergence_to_be_less_than"}, "unknown expectation type"),
        ({"kwargs": {"column": "amount_vnd", "minimum": 1}}, "unknown 'minimum'"),
        ({"kwargs": {"min_value": 1}}, "lacks 'column'"),
        ({"kwargs": {"column": "amount_vnd"}}, "could never fail"),
        ({"kwargs": {"column": "amount_vnd", "min_value": 2, "max_value": 1}}, "could never pass"),
        ({"kwargs": {"column": "amount_vnd", "min_value": 1, "mostly": 0}}, "could never fail"),
        ({"kwargs": {"column": "amount_vnd", "min_value": 1, "mostly": 1.5}}, "mostly is 1.5"),
        ({"kwargs": {"column": ["amount_vnd"], "min_value": 1}}, "not a text"),
        ({"kwargs": {"column": "amount_vnd", "min_value": 1, "row_condition": "x > 1"}}, "condition_parser"),
        ({"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "a", "value_set": []}}, "is empty"),
        ({"type": "expect_column_values_to_not_be_in_set", "kwargs": {"column": "a", "value_set": []}}, "is empty"),
        ({"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "a", "value_set": "b"}}, "not a list"),
        ({"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "a", "value_set": [None]}}, "a null"),
        ({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a", "regex": ".*"}}, "matches anything"),
        (
            {"type": "expect_column_value_lengths_to_be_between", "kwargs": {"column": "a", "min_value": 0}},
            "never fail",
        ),
        ({"type": ROW_COUNT["type"], "kwargs": {"min_value": 0}}, "min_value 0 could never fail"),
        ({"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["a"]}}, "one column alone"),
        ({"severity": None}, "'severity' is missing"),
        ({"severity": "fatal"}, "'severity' is 'fatal'"),
        ({"description": None}, "'description' must be a sentence"),
        ({"description": "amounts are positive"}, "full stop"),
        ({"meta": meta(dimension="accuracy")}, "'meta.dimension' is 'accuracy'"),
        ({"meta": {"check": "amount_is_positive", "next_step": "Correct it."}}, "'meta.dimension' is missing"),
        ({"meta": meta(check="AmountIsPositive")}, "statement in lower case"),
        ({"meta": meta(next_step="")}, "'meta.next_step' must be a sentence"),
        ({"meta": meta(owner="me")}, "unknown key 'meta.owner'"),
        ({"note": "x"}, "unknown key 'note'"),
    ],
)
def test_what_is_misspelt_missing_or_idle_is_refused_with_its_place(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeclarationError, match=r"marts/services/vouchers\.yml: line ") as refused:
        written(tmp_path, entry(**changed))
    assert said in str(refused.value)
    assert "expectation 1" in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "marts__voucher"}, "should be 'marts__vouchers'"),
        ({"owner": "me"}, "unknown key 'owner'"),
        ({"meta": {"row_ids": ["a"]}}, "unknown key 'meta.row_ids'"),
        ({"meta": {}}, "'meta.row_id' must list the columns"),
        ({"expectations": []}, "at least one entry"),
        ({"meta": {"row_id": ["voucher_no"]}}, "nothing is said of the number of rows"),
        ({"meta": {"row_id": ["voucher_no"], "may_be_empty": True}}, "'meta.may_be_empty' must say when"),
        ({"expectations": [entry(**ROW_COUNT)]}, "may have no rows, and number_of_rows_is_plausible judges it"),
        ({"expectations": [entry(), entry()]}, "given twice: amount_is_positive"),
    ],
)
def test_a_suite_that_is_not_whole_is_refused(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=r"vouchers\.yml") as refused:
        written(tmp_path, **changed)
    assert said in str(refused.value)


def test_a_rule_that_follows_from_a_contract_is_not_repeated(tmp_path: Path) -> None:
    derived = written(tmp_path, entry()).expectations
    with pytest.raises(DeclarationError, match="what follows from a contract is not repeated"):
        load_suite("marts", "vouchers", derived, tmp_path / "marts" / "services" / "vouchers.yml")


@pytest.mark.parametrize("place", ["stg_vouchers.yml", "staging/services/stg_vouchers.yml"])
def test_a_suite_in_no_known_layer_is_refused(tmp_path: Path, place: str) -> None:
    written(tmp_path)
    subjects = {("marts", "vouchers"): "services"}
    assert suite_files(subjects, tmp_path) == {("marts", "vouchers"): tmp_path / "marts" / "services" / "vouchers.yml"}
    stray = tmp_path / place
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_text("name: x", encoding="utf-8")
    with pytest.raises(DeclarationError, match=rf"{place}: a suite lies in .*<layer>/<subject>/stg_vouchers\.yml"):
        suite_files(subjects, tmp_path)


def test_reading_rules_and_results_imports_neither_great_expectations_nor_pandas() -> None:
    script = """
import sys
import expectations.contract, expectations.findings, expectations.report, expectations.runner, expectations.suites
from expectations.suites import load_suite, suite_files
for (layer, table), path in suite_files({}).items():
    try:
        load_suite(layer, table, path=path)
    except ValueError as error:
        assert "number of rows" in str(error), error
print(sorted({"great_expectations", "pandas"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def result(check: str, dimension: Any, severity: Any, outcome: Any) -> CheckResult:
    return CheckResult(check, dimension, severity, outcome, "It is so.")


def test_results_are_grouped_by_dimension_and_the_gravest_speaks() -> None:
    groups = by_dimension(
        [
            result("c", "validity", "warning", "failed"),
            result("a", "schema", "critical", "passed"),
            result("b", "validity", "critical", "passed"),
            result("d", "uniqueness", "info", "errored"),
        ]
    )
    assert list(groups) == ["schema", "validity", "uniqueness"]
    assert (groups["schema"].passed, groups["schema"].severity) == (True, "critical")
    assert (groups["validity"].outcome, groups["validity"].severity) == ("failed", "warning")
    assert not groups["validity"].blocks
    assert groups["uniqueness"].outcome == "errored"


def test_only_a_critical_rule_blocks_and_an_errored_one_does_too() -> None:
    def report(*results: CheckResult) -> SuiteReport:
        return SuiteReport("s", 1, results)

    assert not report(result("a", "schema", "warning", "failed")).blocks
    assert report(result("a", "schema", "critical", "failed")).blocks
    assert report(result("a", "schema", "critical", "errored")).blocks
    gravest = report(result("a", "schema", "info", "failed"), result("b", "schema", "critical", "failed")).not_passed
    assert [r.check for r in gravest] == ["b", "a"]
    with pytest.raises(KeyError, match="s has no rule z; it has a"):
        report(result("a", "schema", "info", "failed")).result("z")
