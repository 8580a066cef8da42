"""The models stay in the SQL that other engines read alike: no shorthand of one engine, no function off the list.

What is refused was refused or read differently by a distributed engine when the same models ran there. A function
enters the list with a look at what another engine makes of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache

import pytest
import sqlglot
from sqlglot import ErrorLevel, exp

from dbt_like_sql.project import Model, compile_sql, load_project

PROJECT = load_project()
MODELS = [model for model in PROJECT.models_in_order() if not model.is_python]

FUNCTIONS = frozenset(
    [
        "and", "or", "case", "if", "cast", "try_cast", "coalesce", "nullif",
        "sum", "count", "min", "max", "row_number", "lag", "lead", "first_value", "last_value", "rank",
        "dense_rank", "group_concat",
        "round", "abs", "floor", "ceil", "greatest", "least", "avg", "sqrt", "ln", "exp", "cos",
        "substring", "length", "replace", "lower", "upper", "trim", "concat", "split_part", "left", "right",
        "pad", "str_position", "regexp_replace", "regexp_like", "levenshtein",
        "date_from_parts", "last_day", "datediff", "time_to_str", "year", "month", "day",
        "unnest", "generate_series",
        "concat_ws", "struct", "to_json", "message_vi", "message_en",
    ]
)  # fmt: skip
"""Functions as sqlglot names them. `unnest` and `generate_series` make calendars of days, nothing else.

`message_vi` and `message_en` are ours (`dbt_like_sql.phrases`). An engine may leave nulls out of `to_json`, which reads
the same.
"""

INTEGERS = frozenset({exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT})


def parsed(model: Model) -> exp.Expression:
    return _parsed(model.name)


@cache
def _parsed(name: str) -> exp.Expression:
    sql = compile_sql(PROJECT.models[name], lambda layer, table: f"{layer}__{table}", dt.date(2025, 2, 10))
    return sqlglot.parse_one(sql, dialect="duckdb")


def _shorthand(tree: exp.Expression) -> Iterator[str]:
    for star in tree.find_all(exp.Star):
        if star.args.get("except_") or star.args.get("except") or star.args.get("replace"):
            yield "a star with exclude or replace"
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield "group by all"
        if any(isinstance(key, exp.Literal) for key in group.expressions):
            yield "group by a position"
    for order in tree.find_all(exp.Order):
        if any(isinstance(key.this, exp.Literal) for key in order.expressions if isinstance(key, exp.Ordered)):
            yield "order by a position"
    if next(tree.find_all(exp.Qualify), None) is not None:
        yield "qualify (number the rows in a step of its own)"


def _joins(tree: exp.Expression) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        if join.kind == "CROSS" or isinstance(join.this, exp.Unnest):
            continue
        if join.method:
            yield f"a {join.method.lower()} join"
        elif not join.args.get("on") and not join.args.get("using"):
            yield f"a join of {join.this.alias_or_name} without on"


def _frames(tree: exp.Expression) -> Iterator[str]:
    for spec in tree.find_all(exp.WindowSpec):
        if str(spec.args.get("kind")).upper() == "RANGE" and next(spec.find_all(exp.Interval), None) is not None:
            yield "a range frame over an interval"


def _numbers(tree: exp.Expression) -> Iterator[str]:
    for cast in tree.find_all(exp.Cast):
        if cast.to.this in INTEGERS and isinstance(cast.this, exp.Div):
            yield f"{cast.sql()}: one engine rounds and another cuts; round first"


def _dates(tree: exp.Expression) -> Iterator[str]:
    for difference in tree.find_all(exp.DateDiff):
        unit = difference.args.get("unit")
        if unit is None or unit.name.lower() != "day":
            yield f"a difference of dates in {unit.name.lower() if unit else 'no unit'} instead of days"


def _patterns(tree: exp.Expression) -> Iterator[str]:
    for call in tree.find_all(exp.RegexpReplace):
        new = call.args.get("replacement")
        if not isinstance(new, exp.Literal) or "\\" in new.name or "$" in new.name:
            yield f"{call.sql()}: a reference to what was found is written differently by each engine"
        modifiers = call.args.get("modifiers")
        if (modifiers is None or "g" not in modifiers.name) and not call.expression.name.startswith("^"):
            yield f"{call.sql()}: one engine replaces the first place and another all; say 'g' or begin with ^"


def _lists(tree: exp.Expression) -> Iterator[str]:
    """One engine passes the analysis and fails over the rows where a step has two lists of distinct values in order."""
    for step in tree.find_all(exp.Select):
        lists = [
            call
            for call in step.find_all(exp.GroupConcat)
            if call.find_ancestor(exp.Select) is step and next(call.find_all(exp.Distinct), None) is not None
        ]
        if len(lists) > 1:
            yield "several lists of distinct values in one step; find the distinct ones in a step before"


CONSTRUCTS: tuple[Callable[[exp.Expression], Iterator[str]], ...] = (
    _shorthand,
    _joins,
    _frames,
    _numbers,
    _dates,
    _patterns,
    _lists,
)


def _columns(query: exp.Expression, known: dict[str, list[str]]) -> Iterator[str]:
    """Names of the columns of a query; those of tables that `known` does not hold are not looked at."""
    if isinstance(query, exp.Subquery | exp.Union):
        yield from _columns(query.this, known)
        return
    sources: dict[str, list[str]] = {}
    for source in (part.this for part in (query.args.get("from_"), *(query.args.get("joins") or ())) if part):
        is_query = isinstance(source, exp.Subquery)
        sources[source.alias_or_name] = list(_columns(source, known)) if is_query else known.get(source.name, [])
    for column in query.expressions:
        if isinstance(column, exp.Star):
            yield from (name for names in sources.values() for name in names)
        elif isinstance(column, exp.Column) and isinstance(column.this, exp.Star):
            yield from sources.get(column.table, [])
        else:
            yield column.alias_or_name


def twice_in(tree: exp.Expression) -> set[str]:
    """Columns of which a step of a query has two under one name: the next step takes either."""
    known: dict[str, list[str]] = {}
    steps = tree.args.get("with_")
    for step in steps.expressions if steps else ():
        known[step.alias] = list(_columns(step.this, known))
    return {f"{step}.{name}" for step, names in known.items() for name in names if names.count(name) > 1}


def test_two_columns_of_one_name_are_seen() -> None:
    sql = "with a as (select 1 as n), b as (select *, 2 as n from a), c as (select b.* from b) select 1 from c"
    assert twice_in(sqlglot.parse_one(sql, dialect="duckdb")) == {"b.n", "c.n"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_no_step_of_a_model_has_two_columns_of_one_name(model: Model) -> None:
    assert twice_in(parsed(model)) == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_uses_no_construct_of_one_engine(model: Model) -> None:
    tree = parsed(model)
    assert [problem for construct in CONSTRUCTS for problem in construct(tree)] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_uses_functions_of_the_list_alone(model: Model) -> None:
    used = {
        (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()
        for call in parsed(model).find_all(exp.Func)
    }
    assert used - FUNCTIONS == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_can_be_said_in_the_words_of_a_distributed_engine(model: Model) -> None:
    said = parsed(model).sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    sqlglot.parse_one(said, dialect="spark")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select * exclude (a) from t", "exclude"),
        ("select a, count(*) from t group by all", "group by all"),
        ("select a, count(*) from t group by 1", "position"),
        ("select a from t qualify row_number() over (order by a) = 1", "qualify"),
        ("select 1 from t natural join u", "natural"),
        ("select date_diff('month', a, b) from t", "month"),
        ("select cast(a / 3 as integer) from t", "round first"),
        (
            "select sum(a) over (order by d range between interval 7 day preceding and current row) from t",
            "range frame",
        ),
        ("select regexp_replace(a, '([0-9])x', '\\1', 'g') from t", "reference"),
        ("select regexp_replace(a, '([0-9])x', '$1', 'g') from t", "reference"),
        ("select regexp_replace(a, 'x', '') from t", "say 'g'"),
        (
            "select string_agg(distinct a, ',' order by a), string_agg(distinct b, ',' order by b) from t",
            "distinct values",
        ),
    ],
)
def test_shorthand_of_one_engine_is_noticed(sql: str, said: str) -> None:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    problems = [problem for construct in CONSTRUCTS for problem in construct(tree)]
    assert any(said in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("name", "more"),
    [("median", ""), ("quantile_cont", ", 0.5"), ("regexp_full_match", ", 'x'"), ("dayofweek", ""), ("isodow", "")],
)
def test_functions_of_one_engine_are_off_the_list(name: str, more: str) -> None:
    call = next(iter(sqlglot.parse_one(f"select {name}(a{more}) from t", dialect="duckdb").find_all(exp.Func)))
    assert (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower() not in FUNCTIONS
