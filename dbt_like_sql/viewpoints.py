"""One run of a model for many viewpoints: its SQL with the viewpoint carried through every step.

A viewpoint is a state of knowledge, by its number. A relation with a column `viewpoint` holds the rows of several of
them side by side. The SQL of a model is written for one; here it is rewritten so that rows of different viewpoints
never meet: joins match them, groups and windows are formed within them, and the result says of each row whose it is.

That is possible because models keep to a small subset of SQL, held by a test. What this module does not know how to
carry a viewpoint through it refuses. Imports sqlglot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp, parse_one

from dbt_like_sql.declarations import DeclarationError

VIEWPOINT = "viewpoint"
DAY = "day_of_viewpoint"
"""Stands in SQL for the day of a viewpoint, as `compile_sql` puts it in place of the day of a run."""
_ALL = "all_viewpoints"


@dataclass(frozen=True)
class _Task:
    """What a rewriting works on: relations that have viewpoints, the number of these and the day of each."""

    where: str
    varying: frozenset[str]
    viewpoints: int
    days: Sequence[dt.date]


def over_viewpoints(
    sql: str, where: str, varying: Collection[str], viewpoints: int, days: Sequence[dt.date] = ()
) -> str:
    """Return SQL whose rows are those of a query for each viewpoint from 0 to `viewpoints` - 1, which stands first.

    `varying` names the relations in the query that have a column `viewpoint`; any other is the same for all. `days`
    holds what `DAY` means for each viewpoint. Raises DeclarationError, naming `where`, on SQL through which a viewpoint
    cannot be carried.
    """
    task = _Task(where, frozenset(varying), viewpoints, days)
    return str(_carried(parse_one(sql, dialect="duckdb"), task).sql(dialect="duckdb", comments=False, copy=False))


def _carried(query: Any, task: _Task) -> Any:
    """The query with a viewpoint in each row, by which nothing else in it changes."""
    inner = _with_steps(query, task)
    if isinstance(query, exp.SetOperation):
        for side in ("this", "expression"):
            query.set(side, _carried(query.args[side], inner))
        return query
    if isinstance(query, exp.Subquery):
        query.set("this", _carried(query.this, inner))
        return query
    if not isinstance(query, exp.Select):
        raise _refused(task, query, "it is no select and no union")
    return _select(query, inner)


def _with_steps(query: Any, task: _Task) -> _Task:
    """Carry viewpoints through the named steps of a query that need them; they then vary for whoever reads them."""
    steps = query.args.get("with_")
    for step in steps.expressions if steps else ():
        if _varies(step.this, task):
            step.set("this", _carried(step.this, task))
            task = _Task(task.where, task.varying | {step.alias}, task.viewpoints, task.days)
    return task


def _varies(node: Any, task: _Task) -> bool:
    return any(table.name in task.varying for table in node.find_all(exp.Table)) or any(
        column.name == DAY for column in node.find_all(exp.Column)
    )


def _select(select: Any, task: _Task) -> Any:
    _refuse_unknown_parts(select, task)
    varying = _read_side_by_side(select, task)
    viewpoint = _matched(select, varying, task)
    for node in list(_own(select)):
        if isinstance(node, exp.Window) and not node.alias:  # one that names another is within its viewpoint by that
            node.set("partition_by", [*(node.args.get("partition_by") or ()), viewpoint.copy()])
        elif isinstance(node, exp.Column) and node.name == DAY:
            node.replace(_day_of(viewpoint, task))
    # Aggregates are looked for before the projection grows: with none, and no group, a select stays as it is.
    is_aggregated = select.args.get("group") is None and any(_aggregates(select))
    stars = _without_viewpoint(select.expressions, varying)
    select.set("expressions", [exp.alias_(viewpoint.copy(), VIEWPOINT), *stars])
    if is_aggregated:
        return _with_rows_of_nothing(select, viewpoint, task)
    if (group := select.args.get("group")) is not None:
        group.append("expressions", viewpoint.copy())
    return select


def _refuse_unknown_parts(select: Any, task: _Task) -> None:
    for part in ("limit", "offset", "qualify", "laterals", "pivots"):
        if select.args.get(part):
            raise _refused(task, select, f"it has a {part.rstrip('s')}")
    if (distinct := select.args.get("distinct")) is not None and distinct.args.get("on"):
        raise _refused(task, select, "it is distinct on some columns")
    for node in _own(select):
        if isinstance(node, exp.Query):
            raise _refused(task, node, "it is a query inside an expression")


def _read_side_by_side(select: Any, task: _Task) -> set[str]:
    """Let a select read rows of all viewpoints; return the names under which it reads what varies.

    What it reads first then has viewpoints: where that is the same for all, the viewpoints themselves are read before.
    """
    first = select.args.get("from_")
    joins = select.args.get("joins") or []
    varying = set()
    for source in [*([first] if first else []), *joins]:
        if _varies(source.this, task):
            if isinstance(source.this, exp.Subquery):
                source.set("this", _carried(source.this, task))
            varying.add(source.this.alias_or_name)
    if first is None:
        select.set("from_", exp.From(this=_every_viewpoint(task)))
        varying.add(_ALL)
    elif first.this.alias_or_name not in varying:
        select.set("joins", [exp.Join(this=first.this.copy(), kind="CROSS"), *joins])
        first.set("this", _every_viewpoint(task))
        varying.add(_ALL)
    return varying


def _matched(select: Any, varying: set[str], task: _Task) -> Any:
    """Join what varies by viewpoint; return the expression of a row's viewpoint."""
    viewpoint: Any = exp.column(VIEWPOINT, table=select.args["from_"].this.alias_or_name)
    for join in select.args.get("joins") or ():
        name = join.this.alias_or_name
        if join.side == "RIGHT" or (join.side == "FULL" and name not in varying) or join.args.get("using"):
            raise _refused(task, join, "this join does not say of each row whose viewpoint it is")
        if name not in varying:
            continue
        own = exp.column(VIEWPOINT, table=name)
        join.set("on", exp.and_(own.eq(viewpoint.copy()), join.args.get("on"), copy=False))
        if join.kind == "CROSS":
            join.set("kind", "INNER")
        if join.side == "FULL":
            viewpoint = exp.func("coalesce", viewpoint.copy(), own.copy())
    return viewpoint


def _own(select: Any) -> Iterator[Any]:
    """The nodes of a select that are in no query below it and in no relation that it reads."""
    roots = [*select.expressions, *(join.args.get("on") for join in select.args.get("joins") or ())]
    roots += [select.args.get(part) for part in ("where", "group", "having", "order")]
    roots += select.args.get("windows") or []
    for root in roots:
        if root is not None:
            yield from root.walk(prune=lambda node: isinstance(node, exp.Query))


def _aggregates(select: Any) -> Iterator[Any]:
    for projection in select.expressions:
        for node in projection.walk(prune=lambda node: isinstance(node, exp.Query | exp.Window)):
            if isinstance(node, exp.AggFunc):
                yield node


def _without_viewpoint(projections: Sequence[Any], varying: set[str]) -> list[Any]:
    """The projections, their stars leaving out the column that now stands first."""
    for projection in projections:
        star = projection.this if isinstance(projection, exp.Column) else projection
        if isinstance(star, exp.Star) and (star is projection or projection.table in varying):
            star.set("except_", [exp.to_identifier(VIEWPOINT)])
    return list(projections)


def _with_rows_of_nothing(select: Any, viewpoint: Any, task: _Task) -> Any:
    """An aggregate of everything has a row even where there is nothing: one of nulls for each viewpoint."""
    named = select.expressions[1:]
    for projection in named:
        is_null = isinstance(projection, exp.Alias) and isinstance(projection.this, exp.Max | exp.Min | exp.Sum)
        if not is_null or select.args.get("having"):
            raise _refused(task, projection, "an aggregate of everything is max, min or sum, each with a name")
    select.set("group", exp.Group(expressions=[viewpoint.copy()]))
    steps = select.args.get("with_")
    select.set("with_", None)
    found = exp.Subquery(this=select, alias=exp.TableAlias(this=exp.to_identifier("found")))
    outer = exp.select(exp.column(VIEWPOINT, table=_ALL), *(exp.column(p.alias, table="found") for p in named))
    outer.set("from_", exp.From(this=_every_viewpoint(task)))
    on = exp.column(VIEWPOINT, table="found").eq(exp.column(VIEWPOINT, table=_ALL))
    outer.set("joins", [exp.Join(this=found, side="LEFT", on=on)])
    outer.set("with_", steps)
    return outer


def _every_viewpoint(task: _Task) -> Any:
    numbers = [exp.Tuple(expressions=[exp.Literal.number(number)]) for number in range(task.viewpoints)]
    alias = exp.TableAlias(this=exp.to_identifier(_ALL), columns=[exp.to_identifier(VIEWPOINT)])
    return exp.Values(expressions=numbers, alias=alias)


def _day_of(viewpoint: Any, task: _Task) -> Any:
    case = exp.Case(this=viewpoint.copy())
    for number, day in enumerate(task.days):
        case = case.when(exp.Literal.number(number), exp.cast(exp.Literal.string(day.isoformat()), "date"))
    return case


def _refused(task: _Task, node: Any, why: str) -> DeclarationError:
    return DeclarationError(
        f"{task.where}: `{node.sql(dialect='duckdb')[:120]}`: {why}, so that its history cannot be computed for many "
        "days at once; write it otherwise, or teach dbt_like_sql/viewpoints.py"
    )
