"""What models said at every month end before the day: as it was then known, and with what is known on the day.

A model asks for it with `source('history', '<model>')`. From the first directive's issue on, the models behind are
computed again in the engine's memory, once for each month end and each state of knowledge, from the same SQL. Nothing
is written but the rows asked for, and nothing is judged: what is read was accepted and judged before.

- `as_then_known`: rows of deliveries released by that month end, accepted by the withdrawals and waivers of that day.
  It is what the night of that day publishes.
- `as_known_today`: the same observations, by the key of their contract, with every vintage released until today. What
  nobody had said of an observation by that month end stays unknown.

Only what is new is paid for. A month end is computed again only if the rows that it may see have changed; within a run
a model is computed again only if what it is made from differs from the month end before, told by its content.
Knows no Dagster.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from assets.code_version import code_version
from assets.python_rows import python_rows
from dbt_like_sql.project import HISTORY, Model, Project, compile_sql
from resources.files import TEMPORARY, sha256_of
from resources.landing import LandingStore
from resources.warehouse import TableState, Warehouse

THEN, TODAY = "as_then_known", "as_known_today"
_LEDGER_MATTERS = "delivery_id, feed, period, released_on, status, rows_accepted, is_simulated"
"""Columns of the ledger that say whether and when a delivery counts; the others change with the day it is written."""
_WITHDRAWALS, _WAIVERS = "delivery_withdrawals", "finding_waivers"


@dataclass(frozen=True)
class Kept:
    """Rows kept in the engine: their name there, and a digest of what they are."""

    name: str
    content: str


@dataclass(frozen=True)
class Restored:
    """Rows and ledger of a feed as they stood on a past day, before a later withdrawal or waiver."""

    rows: pa.Table
    ledger: pa.Table


def month_ends(project: Project, as_of: dt.date) -> list[dt.date]:
    """Return the month ends from the issue of the first directive to the day before `as_of`."""
    issued = [dt.date.fromisoformat(row["issued_on"]) for row in project.seeds["directives"].rows()]
    days: list[dt.date] = []
    day = _month_end(min(issued, default=as_of))
    while day < as_of:
        days.append(day)
        day = _month_end(day + dt.timedelta(days=1))
    return days


def _month_end(day: dt.date) -> dt.date:
    first_of_next = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return first_of_next - dt.timedelta(days=1)


def bring_up_to_date(project: Project, warehouse: Warehouse, as_of: dt.date) -> None:
    """Write the history of every model that is asked for, computing only the month ends that are new or changed."""
    names = project.remembered
    days = month_ends(project, as_of)
    with _Replay(project, warehouse, as_of).opened(days) as replay:
        parts = {
            f"{day} {knowledge}": replay.fingerprint(day, knowledge) for day in days for knowledge in (THEN, TODAY)
        }
        known = {name: _known_parts(warehouse, name) for name in names}
        missing = [part for part, value in parts.items() if any(known[n].get(part) != value for n in names)]
        fingerprint = hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()
        states = {name: warehouse.state(HISTORY, name) for name in names}
        if all(state is not None and state.fingerprint == fingerprint for state in states.values()):
            return
        made = {name: dict[str, str]() for name in names}
        for part in missing:
            day, knowledge = part.split(" ")
            for name, kept in replay.run(dt.date.fromisoformat(day), knowledge, names).items():
                made[name][part] = kept
        for name in names:
            _write(project, warehouse, name, parts, made[name], fingerprint, as_of)


def _known_parts(warehouse: Warehouse, name: str) -> Mapping[str, str]:
    state = warehouse.state(HISTORY, name)
    parts: Mapping[str, str] = state.facts.get("parts", {}) if state is not None else {}
    return parts


def _write(
    project: Project,
    warehouse: Warehouse,
    name: str,
    parts: Mapping[str, str],
    made: Mapping[str, str],
    fingerprint: str,
    as_of: dt.date,
) -> None:
    path = warehouse.path(HISTORY, name)
    selects = [
        f"select *, cast(null as date) as on_date, '' as knowledge from {warehouse.relation('ref', name)} where false"
    ]
    for part in parts:
        day, knowledge = part.split(" ")
        if part in made:
            selects.append(f"select *, date '{day}' as on_date, '{knowledge}' as knowledge from \"{made[part]}\"")
        else:
            before = warehouse.relation(HISTORY, name)
            selects.append(f"select * from {before} where on_date = date '{day}' and knowledge = '{knowledge}'")
    order = ", ".join(["on_date", "knowledge", *project.models[name].grain])
    rows = warehouse.write_query(path, f"select * from ({' union all '.join(selects)}) order by {order}")
    state = TableState(fingerprint, sha256_of(path), rows, as_of.isoformat(), facts={"parts": dict(parts)})
    warehouse.record(HISTORY, name, state)


class _Replay:
    """The models behind the history, computed in memory on what could be seen on past days."""

    def __init__(self, project: Project, warehouse: Warehouse, as_of: dt.date) -> None:
        self.project = project
        self.warehouse = warehouse
        self.as_of = as_of
        self.models = project.behind(project.remembered)
        self.feeds = sorted({t for m in self.models for layer, t in m.sources if layer == "validated"})
        self._restored: dict[tuple[str, dt.date], Restored] = {}
        self._digests: dict[tuple[str, dt.date, str], str] = {}
        self._shelf: dict[tuple[object, ...], Kept] = {}
        self._used: list[set[tuple[object, ...]]] = []
        self._results: set[str] = set()
        self._fixed: dict[tuple[str, str], Kept] = {}
        self._counter = 0

    @contextmanager
    def opened(self, days: Sequence[dt.date]) -> Iterator[_Replay]:
        """Look at what each day could see; let go of everything kept in the engine at the end."""
        try:
            for day in days:
                for feed in self._declared_on_later(day):
                    self._restored[feed, day] = self._restore(feed, day)
            for feed in self.feeds:
                self._digest_feed(feed, days)
            yield self
        finally:
            for kept in {k.name for k in (*self._shelf.values(), *self._fixed.values())} | self._results:
                self.warehouse.drop(kept)

    # ── what a day could see ──────────────────────────────────────────────────────────────────────────────

    def _declared_on_later(self, day: dt.date) -> list[str]:
        """Feeds of which a delivery released by a day was withdrawn or waived only after it."""
        later: set[str] = set()
        for feed, said in ((_WITHDRAWALS, "withdrawn_on"), (_WAIVERS, "waived_on")):
            if self.warehouse.path("validated", feed).exists():
                later |= {
                    row["delivery_file"]
                    for row in self.warehouse.read("validated", feed).to_pylist()
                    if max(row[said], row["released_on"]) > day and max(row[said], row["released_on"]) <= self.as_of
                }
        if not later:
            return []
        ledger = self.warehouse.query(f"select * from {self.warehouse.relation('ledger', 'deliveries')}").to_pylist()
        return sorted(
            {
                row["feed"]
                for row in ledger
                if row["source_file"] in later
                and row["released_on"] is not None
                and row["released_on"] <= day
                and row["feed"] in self.feeds
            }
        )

    def _restore(self, feed: str, day: dt.date) -> Restored:
        """Decide on the deliveries of a feed as the night of a past day did, in a warehouse of its own."""
        from assets.preflight import intake_steps  # it builds tables, which bring histories up to date

        root = self.warehouse.root
        root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=root))
        try:
            for layer in ("raw", "candidates"):
                if (root / layer / feed).exists():
                    shutil.copytree(root / layer / feed, folder / layer / feed)
            (folder / "validated").mkdir()
            for declared in (_WITHDRAWALS, _WAIVERS):
                for path in (root / "validated").glob(f"{declared}.*"):
                    shutil.copyfile(path, folder / "validated" / path.name)
            then = Warehouse(folder, self.project)
            try:
                intake_steps(self.project, LandingStore(root / "landing"), then, day, feed)
                return Restored(then.read("validated", feed), then.read("ledger", feed))
            finally:
                then.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _digest_feed(self, feed: str, days: Sequence[dt.date]) -> None:
        """Note a digest of the rows of a feed that each day sees, in both states of knowledge."""
        plain = [day for day in days if (feed, day) not in self._restored]
        if plain:
            now = self.warehouse.relation("validated", feed)
            key = ", ".join(self.project.contracts[feed].key)
            on = ", ".join(f"(date '{day}')" for day in plain)
            found = self.warehouse.query(
                f"""
                with known as (
                    select *, min(released_on) over (partition by {key}) as first_known_on
                    from {now} where released_on <= date '{self.as_of}'
                ),
                digested as (select released_on, first_known_on, hash(known) as digest from known)
                select
                    cast(days.on_date as date) as on_date,
                    count(case when released_on <= days.on_date then 1 end) as rows_then,
                    sum(case when released_on <= days.on_date then digest end) as digest_then,
                    count(*) as rows_today,
                    sum(digest) as digest_today
                from (values {on}) as days (on_date)
                inner join digested on digested.first_known_on <= days.on_date
                group by days.on_date
                """
            ).to_pylist()
            by_day = {row["on_date"]: row for row in found}
            for day in plain:
                row = by_day.get(day)
                self._digests[feed, day, THEN] = f"{row['rows_then']}/{row['digest_then']}" if row else "0"
                self._digests[feed, day, TODAY] = f"{row['rows_today']}/{row['digest_today']}" if row else "0"
        for day in set(days) - set(plain):
            for knowledge in (THEN, TODAY):
                sql, tables = self._rows_sql(feed, day, knowledge)
                self._digests[feed, day, knowledge] = self._digest(sql, **tables)

    def _rows_sql(self, feed: str, day: dt.date, knowledge: str) -> tuple[str, dict[str, pa.Table]]:
        """The rows of a feed that a day sees: those released by it, or all vintages of what they speak of."""
        restored = self._restored.get((feed, day))
        now = self.warehouse.relation("validated", feed)
        tables = {"restored_rows": restored.rows} if restored else {}
        then = f"select * from {'restored_rows' if restored else now} where released_on <= date '{day}'"
        if knowledge == THEN:
            return then, tables
        key = " and ".join(f"known.{k} is not distinct from now_known.{k}" for k in self.project.contracts[feed].key)
        sql = (
            f"select * from {now} as now_known where released_on <= date '{self.as_of}' "
            f"and exists (select 1 from ({then}) as known where {key})"
        )
        return sql, tables

    def _ledger_sql(self, day: dt.date, knowledge: str) -> tuple[str, dict[str, pa.Table]]:
        """The deliveries that a day sees; today's knowledge adds later ones of the same feed and period."""
        restored = {feed: r.ledger for (feed, on), r in self._restored.items() if on == day}
        tables = {f"restored_ledger_{n}": ledger for n, ledger in enumerate(restored.values())}
        now = self.warehouse.relation("ledger", "deliveries")
        feeds = ", ".join(f"'{feed}'" for feed in restored) or "''"
        then = f"select * from {now} where feed not in ({feeds})" + "".join(
            f" union all by name select * from {name}" for name in tables
        )
        then = f"select * from ({then}) where released_on is null or released_on <= date '{day}'"
        if knowledge == THEN:
            return then, tables
        sql = (
            f"select * from {now} as now_known where released_on is null or released_on <= date '{day}' "
            f"or (released_on <= date '{self.as_of}' and exists (select 1 from ({then}) as known "
            "where known.feed = now_known.feed and known.period = now_known.period))"
        )
        return sql, tables

    def _digest(self, sql: str, columns: str = "*", **tables: pa.Table) -> str:
        counted = f"select count(*) as n, sum(hash(seen)) as digest from (select {columns} from ({sql})) as seen"
        (row,) = self.warehouse.query(counted, **tables).to_pylist()
        return f"{row['n']}/{row['digest']}"

    def fingerprint(self, day: dt.date, knowledge: str) -> str:
        """Everything that the rows of a day follow from."""
        ledger, tables = self._ledger_sql(day, knowledge)
        parts = [
            code_version(),
            day.isoformat(),
            *(model.digest for model in self.models),
            *(seed.digest for seed in self.project.seeds.values()),
            *(digest for _, digest in sorted(self.project.contract_digests.items())),
            *(f"{feed} {self._digests[feed, day, knowledge]}" for feed in self.feeds),
            self._digest(ledger, _LEDGER_MATTERS, **tables),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    # ── computing ─────────────────────────────────────────────────────────────────────────────────────────

    def run(self, day: dt.date, knowledge: str, wanted: Sequence[str]) -> dict[str, str]:
        """Compute the models behind the history for a day; return under which names the wanted ones are kept."""
        at_hand: dict[tuple[str, str], Kept] = {}
        self._used.append(set())

        def kept(layer: str, table: str) -> Kept:
            if (layer, table) not in at_hand:
                at_hand[layer, table] = self._source(layer, table, day, knowledge)
            return at_hand[layer, table]

        for model in self.models:
            at_hand["ref", model.name] = self._model(model, day, kept)
        results = {name: at_hand["ref", name].name for name in wanted}
        self._results |= set(results.values())
        self._let_go()
        return results

    def _let_go(self) -> None:
        """Keep what the last two runs used, one of each state of knowledge; no later month end resembles older ones."""
        *_, before, now = [set[tuple[object, ...]](), *self._used]
        for recipe in self._shelf.keys() - before - now:
            kept = self._shelf.pop(recipe)
            if kept.name not in self._results:
                self.warehouse.drop(kept.name)

    def _model(self, model: Model, day: dt.date, kept: object) -> Kept:
        assert callable(kept)
        inputs = [kept("ref", name) for name in model.refs] + [kept(*source) for source in model.sources]
        # Whoever reads deliveries asks for the day only to leave out what came later, and that is left out already.
        on = self.as_of if model.reads_deliveries else day
        recipe = (model.name, on if model.uses_as_of else None, *(i.content for i in inputs))
        self._used[-1].add(recipe)
        if recipe not in self._shelf and model.is_python:
            made = python_rows(
                self.project,
                self.warehouse,
                model,
                lambda name: self.warehouse.query(f'select * from "{kept("ref", name).name}"'),
            )
            self._shelf[recipe] = self._keep("select * from made", model.name, made=made)
        elif recipe not in self._shelf:
            sql = compile_sql(model, lambda layer, table: f'"{kept(layer, table).name}"', on)
            self._shelf[recipe] = self._keep(sql, model.name)
        return self._shelf[recipe]

    def _source(self, layer: str, table: str, day: dt.date, knowledge: str) -> Kept:
        if layer == "validated":
            content = self._digests[table, day, knowledge]
            sql, tables = self._rows_sql(table, day, knowledge)
        elif layer == "ledger" and table == "deliveries":
            sql, tables = self._ledger_sql(day, knowledge)
            content = self._digest(sql, _LEDGER_MATTERS, **tables)
        else:
            if (layer, table) not in self._fixed:
                self._fixed[layer, table] = self._keep(f"select * from {self.warehouse.relation(layer, table)}", table)
            return self._fixed[layer, table]
        recipe = (layer, table, content)
        self._used[-1].add(recipe)
        if recipe not in self._shelf:
            self._counter += 1
            name = f"replayed_{self._counter}"
            self.warehouse.keep(name, sql, **tables)
            self._shelf[recipe] = Kept(name, f"{table} {content}")
        return self._shelf[recipe]

    def _keep(self, sql: str, what: str, **tables: pa.Table) -> Kept:
        self._counter += 1
        name = f"replayed_{self._counter}"
        self.warehouse.keep(name, sql, **tables)
        return Kept(name, f"{what} {self._digest(f'select * from {chr(34)}{name}{chr(34)}')}")
