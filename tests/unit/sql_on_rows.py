"""Runs SQL models on rows given in a test: typed in-memory tables, the real declarations, nothing else.

`compute("disbursement_vs_target", as_of, validated={...})` builds the model and all that it refers to, and
returns its rows. Of the hundred models behind a scorecard most are made of what they were made of in the test before:
what a model gives for the same contents is kept, and computed once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from dbt_like_sql.project import HISTORY, HISTORY_COLUMNS, Model, Project, compile_sql, load_project
from dbt_like_sql.python_models import run_python_model
from resources.phrase_functions import give_phrases
from resources.warehouse import LEDGER_COLUMNS

Row = dict[str, Any]
PROJECT: Project = load_project()

DEFAULTS: Mapping[str, Any] = {"revision": 0, "is_simulated": False, "source_sheet": None, "missing_marks": None}

KEPT_AT_MOST = 4000
_KEPT: dict[tuple[str, ...], tuple[pa.Table, str]] = {}
"""Rows of models and their digests, by name, day if asked for, and digests of inputs; what was used last comes last."""


class Tables:
    """An engine that holds the tables a test speaks of; tables that it does not speak of are empty."""

    def __init__(
        self,
        validated: Mapping[str, Iterable[Row]] | None = None,
        candidates: Mapping[str, Iterable[Row]] | None = None,
        ledger: Iterable[Row] | None = None,
        options: Mapping[tuple[str, str], str] | None = None,
        seeds: Mapping[str, Iterable[Row]] | None = None,
        project: Project = PROJECT,
        history: Mapping[str, Iterable[Row]] | None = None,
    ) -> None:
        self.project = project
        self.keeps = False  # whoever fills tables of the engine by hand gives more than is known here
        self.engine = duckdb.connect(config={"threads": 1})  # a handful of rows: more threads only wait for each other
        give_phrases(self.engine, project.phrases)
        self.built: set[str] = set()
        self.taken: dict[str, pa.Table] = {}
        """Rows that were kept of models, until a query asks for them."""
        self.seeds, self.history = _rows_of(seeds), _rows_of(history)
        self.given = {"validated": _rows_of(validated), "candidates": _rows_of(candidates)}
        self.options = {**_declared(self.project), **(options or {})}
        self.deliveries = list(_ledger_of(self.project, self.given["validated"])) if ledger is None else list(ledger)

    def compute(self, model: str, as_of: str) -> list[Row]:
        """Build a model and what it needs as of a day; return its rows."""
        self.build([model], as_of)
        self._relation("ref", model)
        return self._rows(f'select * from "{model}"')

    def build(self, models: Iterable[str], as_of: str) -> None:
        """Build models and all that they need as of a day, each once."""
        contents: dict[str, str] = {}
        for model in self.project.behind(models):
            if not self.keeps:
                self._build(model, dt.date.fromisoformat(as_of))
                continue
            inputs = [contents[n] if n in contents else self._given_content("ref", n) for n in model.refs]
            inputs += [self._given_content(layer, table) for layer, table in model.sources]
            place = model.name, as_of if model.uses_as_of else "", *inputs
            if place in _KEPT:
                _KEPT[place] = _KEPT.pop(place)
                self.taken[model.name] = _KEPT[place][0]
            else:
                self._build(model, dt.date.fromisoformat(as_of))
                rows = self.engine.sql(f'from "{model.name}"').to_arrow_table()
                _KEPT[place] = rows, _content_of(rows)
                if len(_KEPT) > KEPT_AT_MOST:
                    del _KEPT[next(iter(_KEPT))]
            contents[model.name] = _KEPT[place][1]

    def _given_content(self, layer: str, table: str) -> str:
        """A digest of what a test gives of a table that is no model; none where it gives nothing."""
        match layer:
            case "ref":
                given: Any = self.seeds.get(table)
            case "ledger":
                given = self.deliveries if table == "deliveries" else None
            case "contracts":
                given = self.options if self.options != _declared(self.project) else None
            case history if history == HISTORY:
                given = self.history.get(table)
            case _:
                given = self.given[layer].get(table)
        return hashlib.sha256(repr(given).encode()).hexdigest() if given is not None else ""

    def _build(self, model: Model, day: dt.date) -> None:
        if model.is_python:
            self._run(model)
        else:
            sql = compile_sql(model, self._relation, day)
            self.engine.execute(f'create or replace table "{model.name}" as {sql}')

    def _take(self, name: str, rows: pa.Table, columns: str = "*") -> None:
        self.engine.register("made", rows)
        self.engine.execute(f'create or replace table "{name}" as select {columns} from made')
        self.engine.unregister("made")

    def columns(self, model: str) -> list[tuple[str, str]]:
        """The columns of a built model and their types, in order."""
        return [(row["column_name"], row["column_type"]) for row in self._rows(f'describe "{model}"')]

    def _run(self, model: Model) -> None:
        """Run a Python model as the runner does: what it returns is typed by the field dictionary."""
        made = run_python_model(
            model.source_text,
            model.file,
            lambda name: self.engine.sql(f"from {self._relation('ref', name)}").to_arrow_table(),
        )
        columns = ", ".join(f"cast({c} as {self.project.fields[c].type}) as {c}" for c in made.column_names)
        self._take(model.name, made, columns)

    def _rows(self, sql: str) -> list[Row]:
        cursor = self.engine.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _relation(self, layer: str, table: str) -> str:
        if layer == "ref" and table in self.project.models:
            if table in self.taken:
                self._take(table, self.taken.pop(table))
            return f'"{table}"'
        name = f'"{layer}__{table}"'
        if name in self.built:
            return name
        if layer == "ref" and table not in self.seeds:
            seed = self.project.seeds[table]
            types = ", ".join(f"'{c}': '{self.project.fields[c].type}'" for c in seed.columns)
            files = [str(path) for path in seed.paths]
            self.engine.execute(
                f"create table {name} as select * from read_csv({files}, columns = {{{types}}}, header = true, "
                "delim = ',', quote = '\"', escape = '\"', nullstr = '', auto_detect = false)"
            )
        elif layer == "ref":
            self._fill(name, self.project.seeds[table].columns, self.seeds[table])
        elif layer == HISTORY:
            known = [row[0] for row in self.engine.execute(f"describe {self._relation('ref', table)}").fetchall()]
            self._fill(name, (*known, *HISTORY_COLUMNS), self.history.get(table, ()))
        elif layer == "ledger":
            rows = self.deliveries if table == "deliveries" else []
            self._fill(name, LEDGER_COLUMNS[table], rows)
        elif layer == "contracts" and table == "options":
            rows = [{"feed": f, "option": o, "value": v} for (f, o), v in self.options.items()]
            self._fill(name, ("feed", "option", "value"), rows, {"value": "varchar", "option": "varchar"})
        elif layer == "contracts":
            rows = [
                {
                    "feed": c.feed,
                    "supplier": c.supplier,
                    "kind": c.kind,
                    "frequency": c.schedule.frequency,
                    "due_days": c.schedule.due_days,
                }
                for c in self.project.contracts.values()
            ]
            self._fill(name, tuple(rows[0]), rows, {"kind": "varchar", "due_days": "integer"})
        else:
            contract = self.project.contracts[table]
            rows = list(self.given[layer].get(table, ()))
            if contract.row_released_on:  # as casts do: each row says of itself when it was released
                rows = [{**row, "released_on": row[contract.row_released_on]} for row in rows]
            self._fill(name, contract.columns, rows)
        self.built.add(name)
        return name

    def _fill(
        self, name: str, columns: Iterable[str], rows: Iterable[Row], types: Mapping[str, str] | None = None
    ) -> None:
        columns = tuple(columns)
        typed = [(types or {}).get(c) or self.project.fields[c].type for c in columns]
        self.engine.execute(
            f"create table {name} (" + ", ".join(f'"{c}" {t}' for c, t in zip(columns, typed, strict=True)) + ")"
        )
        values = [[_plain(row.get(c, DEFAULTS.get(c))) for c in columns] for row in rows]
        for row in rows:
            unknown = set(row) - set(columns)
            assert not unknown, f"{name} has no column {unknown}"
        if values:
            marks = ", ".join("?" for _ in columns)
            self.engine.executemany(f"insert into {name} values ({marks})", values)


def compute(model: str, as_of: str, **tables: Any) -> list[Row]:
    """Return the rows of a model computed on the tables given."""
    given = Tables(**tables)
    given.keeps = given.project is PROJECT
    return given.compute(model, as_of)


def _rows_of(tables: Mapping[str, Iterable[Row]] | None) -> dict[str, list[Row]]:
    return {name: list(rows) for name, rows in (tables or {}).items()}


def _content_of(rows: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def _declared(project: Project) -> dict[tuple[str, str], str]:
    """The options of all contracts, by feed and name."""
    return {(c.feed, option): value for c in project.contracts.values() for option, value in c.options.items()}


def _ledger_of(project: Project, validated: Mapping[str, Iterable[Row]]) -> Iterable[Row]:
    """One accepted delivery for each `delivery_id` in the rows, its period as the file name says."""
    for feed, rows in validated.items():
        by_delivery: dict[str, list[Row]] = {}
        for row in rows:
            by_delivery.setdefault(row["delivery_id"], []).append(row)
        for delivery_id, members in by_delivery.items():
            first = members[0]
            yield {
                "delivery_id": delivery_id,
                "feed": feed,
                "source_file": first["source_file"],
                "supplier": project.contracts[feed].supplier,
                "period": first["source_file"].split("__")[1],
                "released_on": first["released_on"],
                "revision": first.get("revision", 0),
                "status": "accepted",
                "rows_in": len(members),
                "rows_accepted": len(members),
                "rows_rejected": 0,
                "findings_critical": 0,
                "findings_warning": 0,
                "findings_waived": 0,
                "is_superseded": False,
                "is_simulated": first.get("is_simulated", False),
            }


def _plain(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value
