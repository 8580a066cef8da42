"""Judges a table by its suite: the only module that knows Great Expectations.

Importing Great Expectations costs three seconds of processor time, so this module imports it when something
is judged for the first time, and pandas with it.

How it is run, and why (measured with Great Expectations 1.24 and pandas 3.1):

- Its execution engine is used without a data context, data source or checkpoint. A batch of a data source hashes the
  whole table, twice in each validation (10 of 12 seconds on a million rows), writes files under some settings, and
  reports usage.
- An expectation of it names the metrics that it needs and judges by them; its engine computes them. `_Known` asks for
  each metric once for a table, after those that it is made from. Its validator finds that order by walking through all
  metrics at every step, which is a quarter of what judging the tables of a night costs. The validator is kept for
  what goes wrong: a rule that raises is judged again by it, alone, and it says what the matter is.
- Every rule first runs in the cheap form that says only whether it held. Rows are then asked for failed rules
  alone, by position, and read from the Arrow table, so that decimals and dates are shown exactly as they are.
  Asking for rows by named columns instead costs forty times as much.
- Tables are Arrow-backed pandas. Whole numbers without nulls are handed over as int64: only for those does
  Great Expectations compare a whole column at once; any other column goes through Python value by value (one
  second for a million rows). Columns that no rule looks at are left out, and the rows that a rule is about are found
  once and not for each metric of it (`RowsFoundOnce`): another quarter.
- Its bounds are floats. For a decimal column a bound such as 0.1 is moved by one float step to the side where
  it cannot turn a right value into a wrong one: `Decimal("0.1") >= 0.1` is false, because the float 0.1 lies
  a little above one tenth.
- It works out the same things anew at every step: the configuration of an expectation some forty times, each time
  by copying all of it, and the identity of each metric. That is more than half of what judging a small table costs,
  so for as long as a table is judged they are worked out once (`_remembering`).
- Importing it imports scipy.stats, altair and others for distributions, drawings and schemas that no rule here asks
  for: a third of its time and of its memory. They are put off until somebody asks them for something (`_putting_off`).
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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_CHOOSE_ROWS = ("row_condition", "ignore_row_if", "column_A", "column_B", "column_list")
"""What decides which rows a rule is about: those of a condition, and those where its columns have values."""
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
class _Parts:
    """The parts of Great Expectations that are used."""

    pandas: ModuleType
    engine: Any
    validator: Any
    configuration: Any
    expectation: Any
    identified: Any
    graph: Any
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
def _gx() -> _Parts:
    import pandas as pd

    with _putting_off("altair", "jsonschema", "mistune", "scipy.stats"):
        from great_expectations.core.id_dict import IDDict
        from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
        from great_expectations.expectations.expectation import Expectation as GreatExpectation
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
        from great_expectations.expectations.registry import get_metric_kwargs
        from great_expectations.validator.metric_configuration import MetricConfiguration
        from great_expectations.validator.validation_graph import ValidationGraph
        from great_expectations.validator.validator import Validator

    class RowsFoundOnce(PandasExecutionEngine):
        """Keeps the rows that it was last asked for: a rule asks for the same ones for each of its metrics."""

        def __init__(self, frame: Any) -> None:
            super().__init__(batch_data_dict={"table": frame})
            self._last_rows: tuple[str, Any] | None = None

        def get_domain_records(self, domain_kwargs: dict[str, Any]) -> Any:
            asked = str([domain_kwargs.get(name) for name in _CHOOSE_ROWS])
            if self._last_rows is None or self._last_rows[0] != asked:
                self._last_rows = (asked, super().get_domain_records(domain_kwargs))
            return self._last_rows[1]

    class QuietValidator(Validator):
        """Draws no progress bars: without a data context they cannot be turned off otherwise."""

        def _determine_progress_bars(self) -> bool:
            return False

    return _Parts(
        pandas=pd,
        engine=RowsFoundOnce,
        validator=QuietValidator,
        configuration=ExpectationConfiguration,
        expectation=GreatExpectation,
        identified=IDDict,
        graph=ValidationGraph,
        metric=MetricConfiguration,
        metric_arguments=get_metric_kwargs,
    )


_ALONE = threading.RLock()


@contextmanager
def _remembering(gx: _Parts) -> Iterator[None]:
    """Let Great Expectations work out once what it asks for again and again; afterwards it is as it was.

    Three methods answer from memory: the configuration of an expectation, the expectation of a configuration, and the
    identity of a metric's arguments. The first two hold for one object (held here, so that no other takes its place in
    memory) and for each other, the last for equal content. Nothing changes these objects while a table is judged.
    """
    configurations: dict[int, tuple[object, Any]] = {}
    expectations: dict[int, tuple[object, Any]] = {}
    identities: dict[bytes, Any] = {}

    def configuration(expectation: Any) -> Any:
        if id(expectation) not in configurations:
            made = to_configuration(expectation)
            configurations[id(expectation)] = (expectation, made)
            expectations[id(made)] = (made, expectation)
        return configurations[id(expectation)][1]

    def expectation(configuration: Any) -> Any:
        if id(configuration) not in expectations:
            expectations[id(configuration)] = (configuration, to_expectation(configuration))
        return expectations[id(configuration)][1]

    def identity(arguments: Any, *choice: Any, **named: Any) -> Any:
        try:
            content = marshal.dumps((dict(arguments), choice, named), 2)
        except ValueError:  # other than plain values, of which marshal tells content and type apart
            return to_id(arguments, *choice, **named)
        if content not in identities:
            identities[content] = to_id(arguments, *choice, **named)
        return identities[content]

    with _ALONE, ExitStack() as put_back:

        def replaced(owner: Any, name: str, by: Any) -> Any:
            before = vars(owner)[name]
            put_back.callback(setattr, owner, name, before)
            setattr(owner, name, by)
            return before

        to_configuration = replaced(gx.expectation, "configuration", property(configuration)).fget
        to_expectation = replaced(gx.configuration, "to_domain_obj", expectation)
        to_id = replaced(gx.identified, "to_id", identity)
        yield


def _outcomes(rules: Sequence[Expectation], table: pa.Table) -> dict[str, _Outcome]:
    if not rules:
        return {}
    gx = _gx()
    known = _Known(gx, gx.engine(_frame(gx.pandas, rules, table)))
    with _remembering(gx):
        return {rule.check: _outcome(gx, known, rule, _configuration(gx, rule, table)) for rule in rules}


def _outcome(gx: _Parts, known: _Known, rule: Expectation, configuration: Any) -> _Outcome:
    try:
        said = known.judge(configuration)
        if said["success"] or not rule.names_rows:
            return _Outcome("passed" if said["success"] else "failed", _observed_in(said.get("result") or {}))
        return _Outcome("failed", positions=known.value(_positions_of_failing_rows(gx, configuration)))
    except Exception:  # noqa: BLE001  whatever a rule raises, the validator finds words for it
        return _validated(gx, known.engine, rule, configuration)


class _Known:
    """What Great Expectations has found out about one table: each metric once, whichever rules ask for it."""

    def __init__(self, gx: _Parts, engine: Any) -> None:
        self.engine = engine
        self._graph = gx.graph(engine)
        self._values: dict[Any, Any] = {}

    def judge(self, configuration: Any) -> Mapping[str, Any]:
        """Return what an expectation says, by the metrics that it names."""
        expectation = configuration.to_domain_obj()
        needed = expectation.get_validation_dependencies(self.engine, {})
        # This is what each type of expectation is made of. The method around it asks for all of `needed` again and
        # wraps what is said: a tenth of what judging costs.
        said: Mapping[str, Any] = expectation._validate(
            metrics={name: self.value(metric) for name, metric in needed.metric_configurations.items()},
            runtime_configuration={"result_format": needed.result_format},
            execution_engine=self.engine,
        )
        return said

    def value(self, metric: Any) -> Any:
        """Return the value of a metric; what it is made from is found out before it."""
        if metric.id not in self._values:
            provider, _ = self._graph.set_metric_configuration_default_kwargs_if_absent(metric)
            metric.metric_dependencies = provider.get_evaluation_dependencies(metric, execution_engine=self.engine)
            for needed in metric.metric_dependencies.values():
                self.value(needed)
            self._values |= self.engine.resolve_metrics([metric], self._values, {})
        return self._values[metric.id]


def _validated(gx: _Parts, engine: Any, rule: Expectation, configuration: Any) -> _Outcome:
    """What the validator of Great Expectations says of a rule, exceptions among it."""
    validator = gx.validator(execution_engine=engine)
    try:
        # An empty runtime configuration leaves the rule the result format of its own.
        [said] = validator.graph_validate(configurations=[configuration], runtime_configuration={})
    except Exception as error:  # noqa: BLE001  whatever a rule raises is that rule's outcome
        return _Outcome("errored", error=" ".join(f"{type(error).__name__}: {error}".split()))
    raised = _error_in(said.exception_info)
    if raised is not None:
        return _Outcome("errored", error=raised)
    if said.success or not rule.names_rows:
        return _Outcome("passed" if said.success else "failed", _observed_in(said.result or {}))
    return _Outcome("failed", positions=validator.get_metric(_positions_of_failing_rows(gx, configuration)))


def _positions_of_failing_rows(gx: _Parts, configuration: Any) -> Any:
    """Great Expectations' own metric for the positions of the rows that fail a rule."""
    name = f"{configuration.to_domain_obj().map_metric}.unexpected_index_list"
    arguments = gx.metric_arguments(
        metric_name=name,
        configuration=configuration,
        runtime_configuration={"result_format": {"result_format": "COMPLETE", "include_unexpected_rows": False}},
    )
    return gx.metric(name, arguments["metric_domain_kwargs"], arguments["metric_value_kwargs"])


def _frame(pd: ModuleType, rules: Sequence[Expectation], table: pa.Table) -> Any:
    """What rules look at of a table as Arrow-backed pandas, numbers that lose nothing by it as plain int64 and float64.

    Columns that a rule compares with another column stay Arrow: both must then be of one kind.
    """
    compared = {name for rule in rules if TYPES[rule.type].domain == "pair" for name in rule.columns}
    series = {}
    for name in _looked_at(rules, table.column_names):
        column = table.column(name)
        if name not in compared and column.null_count == 0 and _is_whole(column.type):
            series[name] = pd.Series(column.cast(pa.int64()).to_numpy())
        elif name not in compared and pa.types.is_floating(column.type):
            series[name] = pd.Series(column.to_numpy())
        else:
            series[name] = pd.Series(pd.arrays.ArrowExtensionArray(column))
    return pd.DataFrame(series, index=pd.RangeIndex(table.num_rows), copy=False)


def _looked_at(rules: Sequence[Expectation], there: Sequence[str]) -> Sequence[str]:
    """The columns that rules judge or name in a condition: all of them, where a rule judges which there are."""
    if any(rule.type.startswith("expect_table_columns") for rule in rules):
        return there
    judged = {name for rule in rules for name in rule.columns}
    conditions = " ".join(str(rule.kwargs.get("row_condition", "")) for rule in rules)
    return [name for name in there if name in judged or name in conditions]


def _is_whole(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(kind.scale == 0 and kind.precision <= _EXACT_INTEGER_DIGITS)
    return bool(pa.types.is_integer(kind) and not pa.types.is_uint64(kind))


def _configuration(gx: _Parts, rule: Expectation, table: pa.Table) -> Any:
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
    return gx.configuration(type=rule.type, kwargs=kwargs)


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
