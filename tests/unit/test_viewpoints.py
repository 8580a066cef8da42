"""SQL run once for many viewpoints says of each what the SQL as it is written says of it alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.viewpoints import DAY, over_viewpoints

DAYS = [dt.date(2024, 8, 31), dt.date(2024, 9, 30), dt.date(2024, 10, 31)]
SQL = {
    "a filter and a star": "select * from said where amount > 1",
    "a star beside what is the same for all": (
        "select kinds.*, said.* from said inner join kinds on said.kind = kinds.kind"
    ),
    "a left join of two that vary": (
        "select said.place, said.kind, told.amount from said left join told on said.kind = told.kind"
    ),
    "a left join to what varies": (
        "select kinds.label, said.amount from kinds left join said on kinds.kind = said.kind"
    ),
    "a full join": (
        "select coalesce(said.kind, told.kind) as kind, said.amount, told.amount as other "
        "from said full outer join told on said.kind = told.kind and said.place = told.place"
    ),
    "a join to itself": (
        "select one.place, other.amount from said as one inner join said as other "
        "on one.kind = other.kind and one.place < other.place"
    ),
    "every pair": "select said.amount, told.place from said cross join told",
    "groups": "select kind, count(*) as n, sum(amount) as total from said group by kind having count(*) > 1",
    "windows": (
        "select kind, place, row_number() over (partition by kind order by place, amount) as n, "
        "sum(amount) over () as total from said"
    ),
    "named windows": (
        "select kind, sum(amount) over by_kind as total, row_number() over (by_kind order by place, amount) as n "
        "from said window by_kind as (partition by kind)"
    ),
    "steps and a union": (
        "with large as (select kind, amount from said where amount > 1), "
        "labels as (select kind, 0 as amount from kinds) "
        "select * from large union all select kind, amount from labels"
    ),
    "what is there once": "select distinct kind from said union select kind from told",
    "an aggregate of everything": (
        "with known as (select max(amount) as largest, min(place) as first_place from said where place > 0) "
        "select kinds.label, known.largest, known.first_place from kinds cross join known"
    ),
    "the day": f"select kind from kinds where {DAY} >= date '2024-09-30'",
    "the day in a step": (
        f"with days as (select {DAY} as day) "
        "select said.place, days.day from said cross join days where said.amount > month(days.day) - 8"
    ),
    "a relation within": (
        "select ranked.kind, ranked.place from "
        "(select *, row_number() over (partition by kind order by place, amount) as n from said) as ranked where n = 1"
    ),
    "values beside": "select said.place, numbers.n from said cross join (values (1), (2)) as numbers (n)",
}
ROWS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.integers(0, 3)), max_size=8)

Row = tuple[int, str, int]


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine with a register that is the same for all viewpoints."""
    with duckdb.connect() as connection:
        connection.execute("create table kinds as select * from (values ('a', 'A'), ('b', 'B')) as k (kind, label)")
        yield connection


def fill(engine: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Sequence[Row]], alone: int | None) -> None:
    """Make a table of what one viewpoint sees, or of what all see side by side."""
    columns, number = ("viewpoint, place, kind, amount", True) if alone is None else ("place, kind, amount", False)
    shown = [
        ((viewpoint, *row) if number else row)
        for viewpoint, some in enumerate(rows)
        for row in some
        if alone in (None, viewpoint)
    ]
    values = ", ".join(map(repr, shown)) or ("(0, 0, 'a', 0)" if number else "(0, 'a', 0)")
    where = "" if shown else " where false"
    engine.execute(f"create or replace table {name} as select * from (values {values}) as t ({columns}){where}")


@pytest.mark.parametrize("sql", SQL.values(), ids=SQL.keys())
@settings(max_examples=15, deadline=None)
@given(said=st.tuples(ROWS, ROWS, ROWS), told=st.tuples(ROWS, ROWS, ROWS))
def test_each_viewpoint_gets_the_rows_it_gets_alone(
    engine: duckdb.DuckDBPyConnection, sql: str, said: Sequence[Sequence[Row]], told: Sequence[Sequence[Row]]
) -> None:
    fill(engine, "said", said, None)
    fill(engine, "told", told, None)
    together = engine.execute(over_viewpoints(sql, "here", {"said", "told"}, len(DAYS), DAYS)).fetchall()
    for viewpoint, day in enumerate(DAYS):
        fill(engine, "said", said, viewpoint)
        fill(engine, "told", told, viewpoint)
        alone = engine.execute(sql.replace(DAY, f"date '{day}'")).fetchall()
        assert Counter(row[1:] for row in together if row[0] == viewpoint) == Counter(alone)
    assert {row[0] for row in together} <= set(range(len(DAYS)))


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select amount from said order by place limit 1", "limit"),
        ("select kind from kinds where kind in (select kind from said)", "query inside an expression"),
        ("select (select max(amount) from said) as largest from kinds", "query inside an expression"),
        ("select count(*) as n from said", "max, min or sum"),
        ("select distinct on (kind) kind, amount from said", "distinct on some columns"),
        ("select * from said right join told on said.kind = told.kind", "whose viewpoint"),
        ("select * from said inner join told using (kind)", "whose viewpoint"),
        ("select said.kind from said full outer join kinds on said.kind = kinds.kind", "whose viewpoint"),
    ],
)
def test_what_a_viewpoint_cannot_be_carried_through_is_refused(sql: str, why: str) -> None:
    with pytest.raises(DeclarationError, match=f"marts/here.sql: .*{why}"):
        over_viewpoints(sql, "marts/here.sql", {"said", "told"}, 2)
