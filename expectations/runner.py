"""Judges a table by its suite: the only module that knows Great Expectations.

Importing Great Expectations costs three seconds of processor time, so this module imports it when something
is judged for the first time, and pandas with it.

Only its documented interface is used: an ephemeral context, a pandas data source with a data frame asset, suites of
its expectations, `batch.validate`. How, and why (measured with Great Expectations 1.24 and pandas 3.1):

- One context and one data source serve all tables. An expectation costs three to five milliseconds whatever the table,
  nearly all of it before a value is looked at; a batch costs 2.5 and what its columns weigh, because it is hashed
  twice. So rules that ask for values to be given are asked as one: where in no row any of their values is missing,
  all of them hold.
- Every rule is first asked in the cheap form that says only whether it holds. What is seen, and where, is asked of
  failed rules alone, by position, and rows are read from the Arrow table, so that decimals and dates are shown exactly
  as they are. `COMPLETE` costs little more when it is told to leave out values and the query; with them forty times.
- A rule on a missing column comes back as a failure with an exception inside. Here it is `errored`, like every rule
  with an exception: nobody knows whether it holds. Some exceptions take all rules of a suite with them, so a rule with
  one is asked again alone.
- Bars and reports of usage are off by its settings.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import pyarrow as pa

from expectations.batches import Rows, arguments_of, by_condition, frame_for, given_in_all, judges_columns, rows_where
from expectations.expectation_types import ROW_COUNT_TYPES, TYPES
from expectations.report import SuiteReport
from expectations.results import RuleJudgement, parts, result_of
from expectations.suites import Expectation, Suite

ROW_LIMIT = 200
"""How many failing rows of one rule are listed for each delivery (for the table, where rows have no delivery)."""

_WHETHER = {"result_format": "BOOLEAN_ONLY"}
_WHAT_AND_WHERE = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}
_NOT_NULL = "expect_column_values_to_not_be_null"
_ALL_GIVEN = "all values are given"
_ONE_AT_A_TIME = threading.Lock()
"""The data source holds one batch."""


def judge(suite: Suite, table: pa.Table, row_limit: int | None = ROW_LIMIT) -> SuiteReport:
    """Judge every rule of a suite on a table.

    Failing rows are listed up to `row_limit` for each rule and delivery (None: all of them), with the suite's
    row_id columns and the judged columns; `failing_count` and `failing_by_delivery` are exact. A rule whose
    columns are missing, or that raises, is `errored`.
    """
    verdicts: dict[str, RuleJudgement] = {}
    for rule in suite.expectations:
        missing = [name for name in rule.columns if name not in table.column_names]
        if missing:
            verdicts[rule.check] = _no_verdict(f"the table has no column {', '.join(missing)}")
    rules = [rule for rule in suite.expectations if rule.check not in verdicts]
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Patterns may well have groups: they are searched for, not extracted.
        warnings.filterwarnings("ignore", message="This pattern is interpreted as a regular expression")
        on_columns = [rule for rule in rules if judges_columns(rule)]
        verdicts |= _judged(on_columns, Rows(table.schema.empty_table()))
        for condition, chosen in by_condition(rule for rule in rules if not judges_columns(rule)).items():
            try:
                rows = rows_where(condition, table)
            except Exception as error:  # noqa: BLE001  whatever a condition raises is the outcome of its rules
                verdict = _no_verdict(f"its condition {condition} cannot be answered: {error}")
                verdicts |= {rule.check: verdict for rule in chosen}
            else:
                verdicts |= _judged(chosen, rows)
    results = (result_of(rule, verdicts[rule.check], suite.row_id, table, row_limit) for rule in suite.expectations)
    return SuiteReport(suite.name, table.num_rows, tuple(results))


@dataclass(frozen=True, slots=True)
class _GreatExpectations:
    suite: Any
    expectations: ModuleType
    batches: Any


@cache
def _gx() -> _GreatExpectations:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # read when the first context is made
    import great_expectations as gx
    import great_expectations.expectations as gxe

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("table")
    return _GreatExpectations(gx.ExpectationSuite, gxe, asset.add_batch_definition_whole_dataframe("whole table"))


def _judged(rules: Sequence[Expectation], rows: Rows) -> dict[str, RuleJudgement]:
    """Judge rules about the same rows."""
    given = [rule for rule in rules if rule.type == _NOT_NULL and "mostly" not in rule.kwargs]
    together = given if len(given) > 1 else []
    # Of these it is shown what was observed even where they hold.
    observing = [rule for rule in rules if TYPES[rule.type].domain == "aggregate" or "mostly" in rule.kwargs]
    holding = _holding([rule for rule in rules if rule not in together and rule not in observing], together, rows)
    verdicts = {rule.check: RuleJudgement(True, _observed(rule, {}, rows)) for rule in rules if rule.check in holding}
    return verdicts | _explained([rule for rule in rules if rule.check not in holding], rows)


def _holding(rules: Sequence[Expectation], together: Sequence[Expectation], rows: Rows) -> set[str]:
    """The checks of rules that hold; those asked `together` hold all or are not among them."""
    try:
        holding = {check for check, result in _results_of(rules, together, rows, _WHETHER).items() if result.success}
    except Exception:  # noqa: BLE001  whatever is raised is raised again when rules are asked alone
        return set()
    return holding | {rule.check for rule in together} if _ALL_GIVEN in holding else holding


def _explained(rules: Sequence[Expectation], rows: Rows) -> dict[str, RuleJudgement]:
    """Judge rules with what is observed and where they fail; one with an exception is asked again alone."""
    try:
        by_check = _results_of(rules, (), rows, _WHAT_AND_WHERE)
    except Exception as error:  # noqa: BLE001  whatever a rule raises is that rule's outcome
        if len(rules) == 1:
            return {rules[0].check: _no_verdict(error)}
        by_check = {}
    verdicts: dict[str, RuleJudgement] = {}
    for rule in rules:
        result = by_check.get(rule.check)
        problem = _error_in(result.exception_info) if result is not None else "nothing was said of it"
        if result is not None and problem is None:
            positions = rows.in_whole_table(result.result.get("unexpected_index_list") or ())
            failing = () if result.success or not rule.names_rows else positions
            verdicts[rule.check] = RuleJudgement(bool(result.success), _observed(rule, result.result, rows), failing)
        elif len(rules) > 1:
            verdicts |= _explained([rule], rows)
        else:
            verdicts[rule.check] = _no_verdict(problem or "")
    return verdicts


def _results_of(
    rules: Sequence[Expectation], together: Sequence[Expectation], rows: Rows, result_format: Mapping[str, Any]
) -> dict[str, Any]:
    """What Great Expectations says of each rule, by its check, and of those asked `together` by one name."""
    if not rules and not together:
        return {}
    gx = _gx()
    frame = frame_for(rules, rows.table)
    expectations = [_expectation(rule.type, rule.check, **arguments_of(rule, rows.table.schema)) for rule in rules]
    if together:
        frame[_ALL_GIVEN] = given_in_all(rows.table, [rule.kwargs["column"] for rule in together])
        expectations.append(_expectation(_NOT_NULL, _ALL_GIVEN, column=_ALL_GIVEN))
    batch = gx.batches.get_batch(batch_parameters={"dataframe": frame})
    validated = batch.validate(gx.suite(name="rules", expectations=expectations), result_format=result_format)
    return {result.expectation_config.meta["check"]: result for result in validated.results}


def _expectation(type_name: str, check: str, **arguments: Any) -> Any:
    """An expectation of a type, by the name of its class: `expect_x_to_be_y` is `ExpectXToBeY`."""
    kind = getattr(_gx().expectations, "".join(word.capitalize() for word in type_name.split("_")))
    return kind(**arguments, meta={"check": check})


def _observed(rule: Expectation, result: Mapping[str, Any], rows: Rows) -> Any:
    """What was seen: the value, the number of failing rows, or which values of a set are missing or surplus."""
    if rule.type in ROW_COUNT_TYPES:
        return rows.table.num_rows
    if rule.names_rows:
        return result.get("unexpected_count", 0)
    if result.get("observed_value") is not None:
        return result["observed_value"]
    if TYPES[rule.type].domain == "aggregate":
        missing, surplus = (result.get(f"partial_{kind}_list") or () for kind in ("missing", "unexpected"))
        differing = parts(sorted(missing, key=str), sorted(surplus, key=str))  # they come from sets, in any order
        return differing or "the values of the set"
    return None


def _no_verdict(error: Exception | str) -> RuleJudgement:
    reason = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return RuleJudgement(False, error=" ".join(reason.split()))


def _error_in(info: Mapping[str, Any] | None) -> str | None:
    """The message of an exception inside a result: Great Expectations keeps one, or one for each metric."""
    if not info:
        return None
    for entry in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "an exception without a message")
    return None
