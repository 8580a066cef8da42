"""Judges a table by its suite: the only module that knows Great Expectations.

Importing Great Expectations costs three seconds of processor time, so this module imports it when something
is judged for the first time, and pandas with it.

How it is run, and why (measured with Great Expectations 1.24 and pandas 3.1):

- Its execution engine and validator are used without a data context, data source or checkpoint. A batch of a
  data source hashes the whole table, twice in each validation (10 of 12 seconds on a million rows), writes
  files under some settings, and reports usage.
- Every rule first runs in the cheap form that says only whether it held. Rows are then asked for failed rules
  alone, by position, and read from the Arrow table, so that decimals and dates are shown exactly as they are.
  Asking for rows by named columns instead costs forty times as much.
- Tables are Arrow-backed pandas. Whole numbers without nulls are handed over as int64: only for those does
  Great Expectations compare a whole column at once; any other column goes through Python value by value (one
  second for a million rows).
- Its bounds are floats. For a decimal column a bound such as 0.1 is moved by one float step to the side where
  it cannot turn a right value into a wrong one: `Decimal("0.1") >= 0.1` is false, because the float 0.1 lies
  a little above one tenth.
- It works out the same things anew at every step: the configuration of an expectation some eighty times, each time
  by copying all of it, and the identity of each metric. That is more than half of what judging a small table costs,
  so for as long as a table is judged they are worked out once (`_remembering`).
- Importing it imports scipy.stats and altair for distributions and drawings that no rule here asks for: a third of its
  time and of its memory. They are put off until somebody asks them for something (`_putting_off`).
- A rule on a missing column comes back as a failure with an exception inside. Here it is `errored`, like
  every rule with an exception: nobody knows whether it holds.
"""

from __future__ import annotations

import datetime as dt
import importlib
import marshal
import math
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from expectations.expectation_types import TYPES
from expectations.report import CheckResult, Outcome, Row, Scalar, SuiteReport
from expectations.suites import Expectation, Suite

ROW_LIMIT = 200
"""How many failing rows of one rule are listed for each delivery (for the table, where rows have no delivery)."""

_EXACT_INTEGER_DIGITS = 18
_FLOAT_BOUNDS = ("min_value", "max_value")
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
class _Engine:
    """The parts of Great Expectations that are used."""

    pandas: ModuleType
    pandas_engine: Any
    validator: Any
    configuration: Any
    expectation: Any
    identified: Any
    metric: Any
    metric_arguments: Any


def judge(suite: Suite, table: pa.Table, row_limit: int | None = ROW_LIMIT) -> SuiteReport:
    """Judge every rule of a suite on a table.

    Failing rows are listed up to `row_limit` for each rule and delivery (None: all of them), with the suite's
    row_id columns and the judged columns; `failing_count` and `failing_by_delivery` are exact. A rule whose
    columns are missing, or that raises, is `errored`.
    """
    missing = {rule.check: _missing_columns(rule, table) for rule in suite.expectations}
    judged = [rule for rule in suite.expectations if not missing[rule.check]]
    with warnings.catch_warnings():
        # Patterns may well have groups: they are searched for, not extracted.
        warnings.filterwarnings("ignore", message="This pattern is interpreted as a regular expression")
        outcomes = _outcomes(judged, table)
    results = []
    for rule in suite.expectations:
        if missing[rule.check]:
            names = ", ".join(missing[rule.check])
            results.append(_errored(rule, f"the table has no column {names}"))
        else:
            results.append(_result(rule, outcomes[rule.check], suite.row_id, table, row_limit))
    return SuiteReport(suite.name, table.num_rows, tuple(results))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What Great Expectations said of one rule; `positions` are the failing rows, where it names rows."""

    outcome: Outcome
    observed: Any = None
    positions: Sequence[int] = ()
    error: str | None = None


def _missing_columns(rule: Expectation, table: pa.Table) -> list[str]:
    return [name for name in rule.columns if name not in table.column_names]


class _PutOff(ModuleType):
    """Stands for a module until something in it is asked for, and then answers from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the machinery of imports asks for these, and is content without
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _putting_off(*names: str) -> Iterator[None]:
    """Let what is imported meanwhile get stand-ins for some modules; nobody who imports them later does."""
    stand_ins = {name: _PutOff(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


@cache
def _gx() -> _Engine:
    import pandas as pd

    with _putting_off("scipy.stats", "altair"):
        from great_expectations.core.id_dict import IDDict
        from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
        from great_expectations.expectations.expectation import Expectation as GreatExpectation
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
        from great_expectations.expectations.registry import get_metric_kwargs
        from great_expectations.validator.metric_configuration import MetricConfiguration
        from great_expectations.validator.validator import Validator

    class QuietValidator(Validator):
        """Draws no progress bars: without a data context they cannot be turned off otherwise."""

        def _determine_progress_bars(self) -> bool:
            return False

    return _Engine(
        pandas=pd,
        pandas_engine=PandasExecutionEngine,
        validator=QuietValidator,
        configuration=ExpectationConfiguration,
        expectation=GreatExpectation,
        identified=IDDict,
        metric=MetricConfiguration,
        metric_arguments=get_metric_kwargs,
    )


_ALONE = threading.RLock()


@contextmanager
def _remembering(gx: _Engine) -> Iterator[None]:
    """Let Great Expectations work out once what it asks for again and again; afterwards it is as it was.

    Three methods answer from memory: the configuration of an expectation, the expectation of a configuration, and the
    identity of a metric's arguments. The first two hold for one object (held here, so that no other takes its place in
    memory), the last for equal content. Nothing changes these objects while a table is judged.
    """
    held: dict[tuple[str, int], tuple[object, Any]] = {}
    identities: dict[bytes, Any] = {}

    def once(name: str, work_out: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def remembered(owner: Any) -> Any:
            known = held.get((name, id(owner)))
            if known is None:
                known = held[name, id(owner)] = (owner, work_out(owner))
            return known[1]

        return remembered

    def identity(arguments: Any, *choice: Any, **named: Any) -> Any:
        try:
            content = marshal.dumps((dict(arguments), choice, named), 2)
        except ValueError:  # other than plain values, of which marshal tells content and type apart
            return to_id(arguments, *choice, **named)
        if content not in identities:
            identities[content] = to_id(arguments, *choice, **named)
        return identities[content]

    with _ALONE, ExitStack() as put_back:

        def replaced(owner: Any, name: str, by: Callable[[Any], Any]) -> None:
            before = vars(owner)[name]
            put_back.callback(setattr, owner, name, before)
            setattr(owner, name, by(before))

        to_id = vars(gx.identified)["to_id"]
        replaced(gx.expectation, "configuration", lambda before: property(once("configuration", before.fget)))
        replaced(gx.configuration, "to_domain_obj", lambda before: once("expectation", before))
        replaced(gx.identified, "to_id", lambda _: identity)
        yield


def _outcomes(rules: Sequence[Expectation], table: pa.Table) -> dict[str, _Outcome]:
    if not rules:
        return {}
    gx = _gx()
    frame = _frame(gx.pandas, rules, table)
    validator = gx.validator(execution_engine=gx.pandas_engine(batch_data_dict={"table": frame}))
    configurations = [_configuration(gx, rule, table, number) for number, rule in enumerate(rules)]
    outcomes = {}
    with _remembering(gx):
        said = _validated(validator, configurations)
        for number, rule in enumerate(rules):
            outcome = said.get(number) or _Outcome("errored", error="Great Expectations gave no result")
            if outcome.outcome == "failed" and rule.names_rows:
                outcome = _with_positions(gx, validator, configurations[number])
            outcomes[rule.check] = outcome
    return outcomes


def _validated(validator: Any, configurations: Sequence[Any]) -> dict[int, _Outcome]:
    """What Great Expectations says of each rule, by the rule's number.

    An argument of the wrong type raises before anything is judged; then each rule is judged alone, so that
    the others still are.
    """
    try:
        # An empty runtime configuration leaves each rule the result format of its own.
        said = validator.graph_validate(configurations=list(configurations), runtime_configuration={})
    except Exception as error:  # noqa: BLE001  whatever a rule raises is that rule's outcome
        if len(configurations) == 1:
            message = f"{type(error).__name__}: {error}"
            return {configurations[0].meta["number"]: _Outcome("errored", error=" ".join(message.split()))}
        alone = [_validated(validator, [configuration]) for configuration in configurations]
        return {number: outcome for outcomes in alone for number, outcome in outcomes.items()}
    return {result.expectation_config.meta["number"]: _read(result) for result in said}


def _frame(pd: ModuleType, rules: Iterable[Expectation], table: pa.Table) -> Any:
    """The table as Arrow-backed pandas, numbers that lose nothing by it as plain int64 and float64.

    Columns that a rule compares with another column stay Arrow: both must then be of one kind.
    """
    compared = {name for rule in rules if TYPES[rule.type].domain == "pair" for name in rule.columns}
    series = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name not in compared and column.null_count == 0 and _is_whole(column.type):
            series[name] = pd.Series(column.cast(pa.int64()).to_numpy())
        elif name not in compared and pa.types.is_floating(column.type):
            series[name] = pd.Series(column.to_numpy())
        else:
            series[name] = pd.Series(pd.arrays.ArrowExtensionArray(column))
    return pd.DataFrame(series, copy=False)


def _is_whole(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(kind.scale == 0 and kind.precision <= _EXACT_INTEGER_DIGITS)
    return bool(pa.types.is_integer(kind) and not pa.types.is_uint64(kind))


def _configuration(gx: _Engine, rule: Expectation, table: pa.Table, number: int) -> Any:
    kwargs = dict(rule.kwargs)
    if TYPES[rule.type].domain == "pair":
        # With one value missing the comparison is neither true nor false, and pandas cannot count that.
        kwargs.setdefault("ignore_row_if", "either_value_is_missing")
    if rule.type in _COMPARES_VALUES:
        kwargs |= _float_bounds(kwargs, table.schema.field(kwargs["column"]).type)
    if kwargs.pop("condition_parser", None) == "pandas":
        # Great Expectations' form of a condition in pandas' words; the bare text is on its way out.
        kwargs["row_condition"] = {"type": "pass_through", "pass_through_filter": kwargs["row_condition"]}
    is_cheap = rule.names_rows and kwargs.get("mostly", 1) == 1
    kwargs["result_format"] = {"result_format": "BOOLEAN_ONLY" if is_cheap else "BASIC"}
    return gx.configuration(type=rule.type, kwargs=kwargs, meta={"number": number})


def _float_bounds(kwargs: Mapping[str, Any], kind: pa.DataType) -> dict[str, float]:
    """The bounds as floats that part the values of an exact column as the written bounds do."""
    is_exact = pa.types.is_decimal(kind) or pa.types.is_integer(kind)
    bounds: dict[str, float] = {}
    for name in _FLOAT_BOUNDS:
        written = kwargs.get(name)
        if not is_exact or isinstance(written, bool) or not isinstance(written, int | float | Decimal):
            continue
        exact, bound = Decimal(str(written)), float(written)
        lies_below = (name == "min_value") != bool(kwargs.get("strict_" + name[:3]))
        if lies_below and Decimal(bound) > exact:
            bound = math.nextafter(bound, -math.inf)
        elif not lies_below and Decimal(bound) < exact:
            bound = math.nextafter(bound, math.inf)
        bounds[name] = bound
    return bounds


def _read(said: Any) -> _Outcome:
    error = _error_in(said.exception_info)
    if error is not None:
        return _Outcome("errored", error=error)
    return _Outcome("passed" if said.success else "failed", _observed_in(said.result or {}))


def _observed_in(result: Mapping[str, Any]) -> Any:
    """What was seen: the value, the number of failing rows, or which values of a set are missing or surplus."""
    if result.get("observed_value") is not None:
        return result["observed_value"]
    if "missing_count" in result and "element_count" not in result:
        said = _parts(result.get("partial_missing_list") or (), result.get("partial_unexpected_list") or ())
        return said or "the values of the set"
    return result.get("unexpected_count")


def _error_in(info: Mapping[str, Any] | None) -> str | None:
    """The message of an exception inside a result: Great Expectations keeps one, or one for each metric."""
    if not info:
        return None
    for entry in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "an exception without a message")
    return None


def _with_positions(gx: _Engine, validator: Any, configuration: Any) -> _Outcome:
    """The positions of the rows that fail a rule, read from Great Expectations' own metric of the rule."""
    name = f"{configuration.to_domain_obj().map_metric}.unexpected_index_list"
    found = gx.metric_arguments(
        metric_name=name,
        configuration=configuration,
        runtime_configuration={"result_format": {"result_format": "COMPLETE", "include_unexpected_rows": False}},
    )
    metric = gx.metric(
        metric_name=name,
        metric_domain_kwargs=found["metric_domain_kwargs"],
        metric_value_kwargs=found["metric_value_kwargs"],
    )
    return _Outcome("failed", positions=validator.get_metric(metric))


def _result(
    rule: Expectation, said: _Outcome, row_id: Sequence[str], table: pa.Table, row_limit: int | None
) -> CheckResult:
    if said.outcome == "errored":
        return _errored(rule, said.error or "")
    named = [name for name in row_id if name in table.column_names]
    shown = [*named, *(name for name in rule.columns if name not in named)]
    rows: tuple[Row, ...] = ()
    by_delivery: dict[str, int] = {}
    if len(said.positions):
        positions = np.asarray(said.positions, dtype=np.int64)
        listed = positions[:row_limit]
        if "delivery_id" in named:
            by_delivery, listed = _by_delivery(table.column("delivery_id"), positions, row_limit)
        rows = tuple(_rows(table.select(shown), listed))
    return CheckResult(
        check=rule.check,
        dimension=rule.dimension,
        severity=rule.severity,
        outcome=said.outcome,
        description=rule.description,
        observed=_observed(rule, said, table),
        failing_rows=rows,
        failing_count=len(said.positions),
        failing_by_delivery=by_delivery,
        next_step=rule.next_step,
        columns=rule.columns,
        expectation=rule.type,
    )


def _errored(rule: Expectation, error: str) -> CheckResult:
    return CheckResult(
        check=rule.check,
        dimension=rule.dimension,
        severity=rule.severity,
        outcome="errored",
        description=rule.description,
        observed="could not be judged",
        next_step=f"Mend the table or the rule {rule.check}, which could not be judged: {error}.",
        columns=rule.columns,
        error=error,
        expectation=rule.type,
    )


def _observed(rule: Expectation, said: _Outcome, table: pa.Table) -> str:
    if rule.names_rows:
        failing = len(said.positions) or int(said.observed or 0)
        return f"{failing:,} of {table.num_rows:,} rows"
    if rule.type.startswith("expect_table_columns"):
        return _differences(table.column_names, rule.kwargs.get("column_list") or rule.kwargs["column_set"])
    if rule.type.startswith("expect_table_row_count"):
        return f"{int(said.observed):,} rows"
    if isinstance(said.observed, list | tuple | set):
        values = [str(value) for value in said.observed]
        return ", ".join(values[:ROW_LIMIT]) + (" ..." if len(values) > ROW_LIMIT else "")
    return str(said.observed)


def _differences(there: Sequence[str], declared: Sequence[str]) -> str:
    missing = [name for name in declared if name not in there]
    surplus = [name for name in there if name not in declared]
    said = _parts(missing, surplus)
    if not said and list(there) != list(declared):
        said = "in another order"
    return f"{len(there)} columns" + (f"; {said}" if said else "")


def _parts(missing: Iterable[Any], surplus: Iterable[Any]) -> str:
    parts = [("without ", missing), ("with the undeclared ", surplus)]
    return "; ".join(words + ", ".join(str(value) for value in values) for words, values in parts if values)


def _rows(table: pa.Table, positions: NDArray[np.int64]) -> Iterable[Row]:
    for row in table.take(pa.array(positions)).to_pylist():
        yield {name: _scalar(value) for name, value in row.items()}


def _scalar(value: Any) -> Scalar:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _by_delivery(
    deliveries: pa.ChunkedArray, positions: NDArray[np.int64], row_limit: int | None
) -> tuple[dict[str, int], NDArray[np.int64]]:
    """How many of the rows each delivery has, and the first `row_limit` positions of each."""
    encoded = deliveries.take(pa.array(positions)).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    names = [str(name) for name in (*encoded.dictionary.to_pylist(), None)]
    counts = np.bincount(codes, minlength=len(names))
    order = np.argsort(codes, kind="stable")
    firsts = np.cumsum(counts) - counts
    rank = np.empty(len(codes), dtype=np.int64)
    rank[order] = np.arange(len(codes)) - firsts[codes[order]]
    listed = positions if row_limit is None else positions[rank < row_limit]
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}, listed
