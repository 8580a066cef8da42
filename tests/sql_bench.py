"""Runs models on a few rows, in memory: what a test of SQL needs and nothing more.

Tables of sources are given as plain dicts; a column left out is null, and the columns that every validated row
carries get sensible values. Models are built when something refers to them, with the project's own `compile_sql`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from dbt_like_sql.project import Project, compile_sql, load_project
from resources.warehouse import LEDGER_COLUMNS

Row = Mapping[str, Any]

LINEAGE: Row = {
    "delivery_id": "d1",
    "released_on": dt.date(2024, 1, 1),
    "revision": 0,
    "is_simulated": False,
    "source_file": "feed__2024__2024-01-01.csv",
}


class SqlBench:
    """An engine in memory that holds the given source rows, the registers, and the models built so far.

    `sources` is keyed by feed for validated rows (they are the candidates too), or by 'ledger.deliveries' and
    'ledger.findings'. `seeds` replaces the content of registers.
    """

    def __init__(
        self,
        sources: Mapping[str, Sequence[Row]] | None = None,
        as_of: dt.date = dt.date(2030, 1, 1),
        seeds: Mapping[str, Sequence[Row]] | None = None,
        project: Project | None = None,
    ) -> None:
        self.project = project or load_project()
        self.as_of = as_of
        self._sources = sources or {}
        self._seeds = seeds or {}
        self._engine = duckdb.connect()
        self._engine.execute("set threads = 1")
        self._built: set[str] = set()

    def rows(self, model: str, **where: Any) -> list[dict[str, Any]]:
        """Return the rows of a model, those whose columns equal `where`."""
        relation = self._relation("ref", model)
        result = self._engine.execute(f"select * from {relation}")
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, values, strict=True)) for values in result.fetchall()]
        return [row for row in rows if all(row[name] == value for name, value in where.items())]

    def row(self, model: str, **where: Any) -> dict[str, Any]:
        """Return the one row of a model whose columns equal `where`."""
        found = self.rows(model, **where)
        assert len(found) == 1, f"{model} has {len(found)} rows where {where}, not one"
        return found[0]

    def describe(self, model: str) -> dict[str, str]:
        """Return the columns of a model and their types."""
        rows = self._engine.execute(f"describe {self._relation('ref', model)}").fetchall()
        return {row[0]: row[1].lower() for row in rows}

    def _relation(self, layer: str, name: str) -> str:
        if layer == "ref" and name in self.project.models:
            return self._model(name)
        relation = f'"{layer}.{name}"'
        if relation not in self._built:
            self._built.add(relation)
            self._fill(relation, layer, name)
        return relation

    def _model(self, name: str) -> str:
        relation = f'"ref.{name}"'
        if relation not in self._built:
            sql = compile_sql(self.project.models[name], self._relation, self.as_of)
            self._engine.execute(f"create table {relation} as {sql}")
            self._built.add(relation)
        return relation

    def _fill(self, relation: str, layer: str, name: str) -> None:
        if layer == "ref":
            columns = self.project.seeds[name].columns
            if name not in self._seeds:
                self._load_register(relation, name)
                return
            rows: Iterable[Row] = self._seeds[name]
        elif layer == "ledger":
            columns = LEDGER_COLUMNS[name]
            rows = self._sources.get(f"ledger.{name}", ())
        elif layer == "contracts":
            contracts = self.project.contracts.values()
            if name == "options":
                columns = ("feed", "option", "value")
                rows = [
                    {"feed": c.feed, "option": option, "value": value}
                    for c in contracts
                    for option, value in c.options.items()
                ]
                typed = ", ".join(f"{column} varchar" for column in columns)
                self._engine.execute(f"create table {relation} ({typed})")
                self._insert(relation, columns, rows)
                return
            columns = ("feed", "kind", "frequency", "due_days")
            rows = [
                {"feed": c.feed, "kind": c.kind, "frequency": c.schedule.frequency, "due_days": c.schedule.due_days}
                for c in contracts
            ]
            self._engine.execute(
                f"create table {relation} (feed varchar, kind varchar, frequency varchar, due_days integer)"
            )
            self._insert(relation, columns, rows)
            return
        else:
            columns = self.project.contracts[name].columns
            rows = [
                {**LINEAGE, "source_row": number, **row}
                for number, row in enumerate(self._sources.get(name, ()), start=2)
            ]
        typed = ", ".join(f"{column} {self.project.fields[column].type}" for column in columns)
        self._engine.execute(f"create table {relation} ({typed})")
        self._insert(relation, columns, rows)

    def _insert(self, relation: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        values = []
        for row in rows:
            unknown = set(row) - set(columns)
            assert not unknown, f"{relation} has no column {', '.join(sorted(unknown))}"
            values.append([row.get(column) for column in columns])
        if values:
            self._engine.executemany(
                f"insert into {relation} values ({', '.join('?' for _ in columns)})", values
            )

    def _load_register(self, relation: str, name: str) -> None:
        seed = self.project.seeds[name]
        typed = ", ".join(f"'{column}': '{self.project.fields[column].type}'" for column in seed.columns)
        self._engine.execute(
            f"create table {relation} as select * from read_csv('{seed.path}', columns = {{{typed}}}, "
            "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', auto_detect = false)"
        )
