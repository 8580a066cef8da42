"""Models computed again for many viewpoints at once, in the engine's memory: nothing is judged, nothing promoted.

A model is run once, for all viewpoints side by side (`dbt_like_sql.viewpoints`): the engine spends on planning a query
what it spends on a thousand rows, so a dozen runs over what differs a little cost a dozen times as much as one. And it
is run only for viewpoints that differ in what the model is made from: where two see the same, one stands for both.
Knows no Dagster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import pyarrow as pa

from assets.knowledge import PastKnowledge, Viewpoint
from assets.python_rows import python_rows
from dbt_like_sql.project import Model, Project, compile_sql
from resources.warehouse import Warehouse

_NUMBERS = count()


@dataclass(frozen=True)
class Replayed:
    """Rows kept in the engine under a name, and for each viewpoint the number of the state that it sees.

    With more than one state, the column `viewpoint` says of a row to which it belongs.
    """

    name: str
    states: tuple[int, ...]

    @property
    def varies(self) -> bool:
        """Whether there is more than one state."""
        return max(self.states) > 0

    def rows(self, warehouse: Warehouse, place: int) -> pa.Table:
        """Return the rows that the viewpoint at a place among all sees."""
        if not self.varies:
            return warehouse.query(f'select * from "{self.name}"')
        return warehouse.query(
            f'select * exclude (viewpoint) from "{self.name}" where viewpoint = {self.states[place]}'
        )


def replayed(
    project: Project,
    warehouse: Warehouse,
    knowledge: PastKnowledge,
    wanted: Sequence[str],
    viewpoints: Sequence[Viewpoint],
    as_of: dt.date,
) -> dict[str, Replayed]:
    """Compute some models as each viewpoint sees them. Whoever calls drops the tables from the engine."""
    return _Replay(project, warehouse, knowledge, viewpoints, as_of).run(wanted)


class _Replay:
    """One replay: what was computed so far, by (layer, table)."""

    def __init__(
        self,
        project: Project,
        warehouse: Warehouse,
        knowledge: PastKnowledge,
        viewpoints: Sequence[Viewpoint],
        as_of: dt.date,
    ) -> None:
        self._project = project
        self._warehouse = warehouse
        self._knowledge = knowledge
        self._viewpoints = viewpoints
        self._as_of = as_of
        self._always = (0,) * len(viewpoints)
        self._made: dict[tuple[str, str], Replayed] = {}
        self._views: dict[tuple[str, tuple[int, ...]], str] = {}

    def run(self, wanted: Sequence[str]) -> dict[str, Replayed]:
        models = self._project.behind(wanted)
        last_read = {source: model.name for model in models for source in _inputs(model)}
        try:
            for model in models:
                self._made["ref", model.name] = self._model(model)
                for source in _inputs(model):
                    if last_read[source] == model.name and not (source[0] == "ref" and source[1] in wanted):
                        self._let_go(self._made.pop(source))
            return {name: self._made.pop(("ref", name)) for name in wanted}
        finally:
            for made in self._made.values():
                self._let_go(made)

    def _let_go(self, made: Replayed) -> None:
        """No model after this one reads it."""
        for read in [read for read in self._views if read[0] == made.name]:
            self._warehouse.drop_view(self._views.pop(read))
        self._warehouse.drop(made.name)

    # ── computing ─────────────────────────────────────────────────────────────────────────────────────────

    def _model(self, model: Model) -> Replayed:
        inputs = {source: self._input(*source) for source in _inputs(model)}
        # Whoever reads deliveries asks for the day only to leave out what came later, and that is left out already.
        asks_for_day = model.uses_as_of and not model.reads_deliveries
        days = [viewpoint.day for viewpoint in self._viewpoints] if asks_for_day else []
        read = [self._always, *(made.states for made in inputs.values()), *([days] if days else [])]
        states = _numbered(zip(*read, strict=True))
        firsts = _firsts(states)
        if model.is_python:
            return self._python(model, inputs, states, firsts)
        relations = {source: self._as_read(made, firsts) for source, made in inputs.items()}
        varying = {relations[source] for source, made in inputs.items() if made.varies}
        if len(firsts) == 1:
            day = days[0] if days else self._as_of
            return self._keep(compile_sql(model, lambda *source: f'"{relations[source]}"', day), states)
        # Imported here because it imports sqlglot, which only a night with news needs.
        from dbt_like_sql.viewpoints import DAY, over_viewpoints

        sql = compile_sql(model, lambda *source: f'"{relations[source]}"', DAY if days else self._as_of)
        days_of_states = [days[first] for first in firsts] if days else []
        return self._keep(over_viewpoints(sql, model.file, varying, len(firsts), days_of_states), states)

    def _python(
        self, model: Model, inputs: Mapping[tuple[str, str], Replayed], states: tuple[int, ...], firsts: Sequence[int]
    ) -> Replayed:
        """The rows of a Python model, run for each state that its tables really tell apart."""
        made: list[tuple[dict[str, pa.Table], pa.Table]] = []
        for first in firsts:
            tables = {name: table.rows(self._warehouse, first) for (_, name), table in inputs.items()}
            rows = next((rows for known, rows in made if known == tables), None)
            if rows is None:
                rows = python_rows(self._project, self._warehouse, model, tables.__getitem__)
            made.append((tables, rows))
        named = {f"made_{state}": rows for state, (_, rows) in enumerate(made)}
        number = "{} as viewpoint, " if len(firsts) > 1 else ""
        sql = " union all ".join(f"select {number.format(state)}* from {name}" for state, name in enumerate(named))
        return self._keep(sql, states, named)

    # ── what models read ──────────────────────────────────────────────────────────────────────────────────

    def _input(self, layer: str, table: str) -> Replayed:
        if (layer, table) not in self._made:
            self._made[layer, table] = self._source(layer, table)
        return self._made[layer, table]

    def _source(self, layer: str, table: str) -> Replayed:
        if layer == "validated" or (layer, table) == ("ledger", "deliveries"):
            states = _numbered(self._knowledge.digest(table, viewpoint) for viewpoint in self._viewpoints)
            seen_by = [self._viewpoints[first] for first in _firsts(states)]
            if len(seen_by) == 1:
                seen = self._knowledge.select(layer, table, *seen_by)
            else:
                seen = self._knowledge.select_side_by_side(layer, table, seen_by)
            return self._keep(seen.sql, states, seen.tables)
        return self._keep(f"select * from {self._warehouse.relation(layer, table)}", self._always)

    def _as_read(self, made: Replayed, firsts: Sequence[int]) -> str:
        """Name a relation with a state for each of a model's states, told by the first viewpoint of each."""
        own = tuple(made.states[first] for first in firsts)
        if not made.varies or own == tuple(range(max(made.states) + 1)):
            return made.name
        if (made.name, own) not in self._views:
            self._views[made.name, own] = view = _new_name()
            pairs = ", ".join(f"({state}, {one})" for state, one in enumerate(own))
            self._warehouse.keep_view(
                view,
                f'select numbers.viewpoint, kept.* exclude (viewpoint) from "{made.name}" as kept '
                f"inner join (values {pairs}) as numbers (viewpoint, own) on kept.viewpoint = numbers.own",
            )
        return self._views[made.name, own]

    def _keep(self, sql: str, states: tuple[int, ...], tables: Mapping[str, pa.Table] | None = None) -> Replayed:
        name = _new_name()
        self._warehouse.keep(name, sql, **(tables or {}))
        return Replayed(name, states)


def _new_name() -> str:
    return f"replayed_{next(_NUMBERS)}"


def _inputs(model: Model) -> Iterator[tuple[str, str]]:
    yield from (("ref", name) for name in model.refs)
    yield from model.sources


def _firsts(states: Sequence[int]) -> list[int]:
    """The first viewpoint of each state, by its place."""
    return [states.index(state) for state in range(max(states) + 1)]


def _numbered(seen: Iterable[Hashable]) -> tuple[int, ...]:
    """Number what differs, in the order in which it comes."""
    numbers: dict[Hashable, int] = {}
    return tuple(numbers.setdefault(one, len(numbers)) for one in seen)
