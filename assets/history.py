"""What models said on past days: month ends as then known and as known tonight, yesterday and a week ago as then known.

A model asks for it with `source('history', '<model>')`. From the first directive's issue on, the models behind are
computed for one past day after another, from the same SQL and by the same function as tonight's, on what that day sees
of the deliveries (`past_day_deliveries`). Nothing is judged: what is read was accepted and judged before.

A table is computed once for equal inputs: it is known by all that it follows from, and kept by its content below
`history/tables/`. A past day takes what another past day, an earlier night or tonight computed from the same. These
files are a cache and no more: one that is gone or damaged is computed again. Knows no Dagster.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from assets.build import Built, computed_from, write_model
from assets.code_version import history_code
from assets.inputs import DELIVERIES, content_digest, sees_by_release
from assets.past_day_deliveries import THEN, TODAY, Past, PastDay, TakeIn
from dbt_like_sql.project import HISTORY, Model, Project
from resources.files import TEMPORARY, read_sealed, sha256_of, write_sealed
from resources.warehouse import TableState, Warehouse

log = logging.getLogger("provincial_growth")

RECENT = (1, 7)
"""How many days before tonight is looked at what was known then: a day and a week."""

KEPT_BYTES = 1_000_000
"""A larger table of a past day is computed again when it is asked for: a province has three years of month ends."""


def month_ends(project: Project, day: dt.date) -> list[dt.date]:
    """Return the month ends from the issue of the first directive to the day before `day`."""
    issued = [dt.date.fromisoformat(row["issued_on"]) for row in project.seeds["directives"].rows()]
    days: list[dt.date] = []
    end = _month_end(min(issued, default=day))
    while end < day:
        days.append(end)
        end = _month_end(end + dt.timedelta(days=1))
    return days


def past_days(project: Project, day: dt.date) -> list[PastDay]:
    """Return what a night reports: both states of each month end, and what was known a day and a week before."""
    issued = min((row["issued_on"] for row in project.seeds["directives"].rows()), default=day.isoformat())
    ends = [PastDay(end, known) for end in month_ends(project, day) for known in (THEN, TODAY)]
    recent = [PastDay(day - dt.timedelta(days=n), THEN) for n in RECENT]
    return [*ends, *(one for one in recent if one not in ends and one.day.isoformat() >= issued)]


def _month_end(day: dt.date) -> dt.date:
    first_of_next = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return first_of_next - dt.timedelta(days=1)


def history_fingerprint(project: Project, warehouse: Warehouse, name: str, day: dt.date) -> str:
    """Return a digest of everything that the history of a model follows from; nothing is computed for it.

    Raises TableMissingError if deliveries that it reads have never been taken in.
    """
    return _fingerprint(_parts(project, Past(project, warehouse, day), name, day))


def build_history(project: Project, warehouse: Warehouse, name: str, day: dt.date, take_in: TakeIn) -> Built:
    """Write the history of a model, computing only what differs from all that was computed before.

    `take_in` decides again on the deliveries of a feed of which one was withdrawn or waived since.
    Raises TableMissingError if deliveries that it reads have never been taken in.
    """
    past = Past(project, warehouse, day, take_in)
    parts = _parts(project, past, name, day)
    fingerprint = _fingerprint(parts)
    before = warehouse.state(HISTORY, name)
    if before is not None and before.fingerprint == fingerprint:
        return Built(before, None, reused=True)
    known: Mapping[str, str] = before.facts["parts"] if before is not None else {}
    tables = _PastTables(project, warehouse, past, name, day)
    new = [one for one in parts if known.get(str(one)) != parts[one]]
    made: dict[PastDay, Path] = {}
    for number, one in enumerate(new, start=1):
        made[one] = tables.table_on(one)
        progress = f"history/{name}: {one}, {number} of {len(new)}: {tables.computed} tables computed"
        log.info(progress, extra={"within": True})
    rows = _write(project, warehouse, name, parts, made)
    tables.keep(parts)
    past.forget_restored(day)
    state = TableState(
        fingerprint,
        warehouse.digest_of(warehouse.path(HISTORY, name)),
        rows,
        day.isoformat(),
        facts={"parts": {str(one): value for one, value in parts.items()}},
    )
    warehouse.record(HISTORY, name, state)
    return Built(state, None, reused=False)


def _parts(project: Project, past: Past, name: str, day: dt.date) -> dict[PastDay, str]:
    """Everything that the rows of each past day follow from."""
    models = project.behind([name])
    sources = sorted({source for model in models for source in model.sources})
    seeds = sorted({ref for model in models for ref in model.refs if ref in project.seeds})
    same = [
        history_code(),
        *(model.digest for model in models),
        *(project.seeds[seed].digest for seed in seeds),
        *(digest for _, digest in sorted(project.contract_digests.items())),
    ]
    parts = {}
    for one in past_days(project, day):
        seen = [past.outline(layer, table, one) for layer, table in sources if _is_dated(layer, table)]
        parts[one] = _digest(*same, str(one), *seen)
    return parts


def _is_dated(layer: str, table: str) -> bool:
    """Whether a source shows a past day other rows than tonight."""
    return layer == "validated" or (layer, table) == ("ledger", DELIVERIES)


def _fingerprint(parts: Mapping[PastDay, str]) -> str:
    return _digest(*parts.values())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _write(
    project: Project, warehouse: Warehouse, name: str, parts: Iterable[PastDay], made: Mapping[PastDay, Path]
) -> int:
    selects = [
        f"select *, date '{one.day}' as on_date, '{one.vintage}' as knowledge from {warehouse.file_relation(path)}"
        for one, path in made.items()
    ]
    if kept := [one for one in parts if one not in made]:
        days = ", ".join(f"(date '{one.day}', '{one.vintage}')" for one in kept)
        selects.append(f"select * from {warehouse.relation(HISTORY, name)} where (on_date, knowledge) in ({days})")
    if not selects:
        model = warehouse.relation("ref", name)
        selects.append(f"select *, cast(null as date) as on_date, '' as knowledge from {model} where false")
    order = ", ".join(["on_date", "knowledge", *project.models[name].grain])
    sql = f"select * from ({' union all '.join(selects)}) order by {order}"
    warehouse.forget(HISTORY, name)
    return warehouse.write_query(warehouse.path(HISTORY, name), sql)


class _PastTables:
    """Tables of past days: each known by what it is computed from, kept by its content."""

    def __init__(self, project: Project, warehouse: Warehouse, past: Past, name: str, tonight: dt.date) -> None:
        self._project = project
        self._warehouse = warehouse
        self._past = past
        self._name = name
        self._tonight = tonight
        self._models = project.behind([name])
        self._folder = warehouse.root / HISTORY / "tables"
        self._contents: dict[str, str] = {}
        self._keys: dict[str, list[str]] = {}
        self._tonights: dict[str, Path] = {}
        made_tonight: list[str] = []
        self.computed = 0
        for note in sorted(self._folder.glob("*.json")):
            days = read_sealed(note) or {}
            self._contents |= {key: content for known in days.values() for key, content in known.items()}
            if note.stem == name:
                self._keys = {one: list(known) for one, known in days.items()}
        for model in self._models:
            state = warehouse.state(model.layer, model.name)
            if state is not None and state.content is not None and not state.blocked and "made_from" in state.facts:
                self._contents[state.facts["made_from"]] = state.content
                self._tonights[state.content] = warehouse.path(model.layer, model.name)
                made_tonight.append(state.facts["made_from"])
        self._keys[str(PastDay(tonight, THEN))] = made_tonight

    def table_on(self, one: PastDay) -> Path:
        """Return the table of the model as a past day sees it."""
        self.computed = 0
        seen: dict[str, str] = {}
        keys = []
        for model in self._models:
            key = self._key(model, one, seen)
            keys.append(key)
            if key not in self._contents:
                self._contents[key] = self._compute(model, one, seen)
            seen[model.name] = self._contents[key]
        self._keys[str(one)] = keys
        return self._table_file(self._project.models[self._name], one, seen)

    def _key(self, model: Model, one: PastDay, seen: Mapping[str, str]) -> str:
        """Return a digest of everything that the rows of a model on a past day follow from."""

        def read(layer: str, table: str) -> str:
            if layer == "ref" and table in seen:
                return seen[table]
            if _is_dated(layer, table):
                return self._past.digest(layer, table, one)
            return content_digest(self._project, self._warehouse, layer, table)

        return computed_from(model, read, None if sees_by_release(self._project, model) else self._day(model, one))

    def _day(self, model: Model, one: PastDay) -> dt.date:
        """A model that reads deliveries needs the day only to leave out later ones; here they are left out already."""
        return self._tonight if model.reads_deliveries else one.day

    def _compute(self, model: Model, one: PastDay, seen: dict[str, str]) -> str:
        """Compute a model on what a past day sees, keep it by its content, and return that."""

        def relation(layer: str, table: str) -> str:
            if layer == "ref" and table in seen:
                return self._warehouse.file_relation(self._table_file(self._project.models[table], one, seen))
            if _is_dated(layer, table):
                return self._past.relation(layer, table, one)
            return self._warehouse.relation(layer, table)

        attempt = self._folder / f"{TEMPORARY}{model.name}"
        write_model(self._project, self._warehouse, model, relation, self._day(model, one), attempt, durable=False)
        content = sha256_of(attempt)
        attempt.replace(self._kept(content))
        self.computed += 1
        return content

    def _table_file(self, model: Model, one: PastDay, seen: dict[str, str]) -> Path:
        """Return where the table of a model on a past day lies, computing it again where its file is gone."""
        content = seen[model.name]
        for path in (self._kept(content), self._tonights.get(content)):
            if path is not None and self._warehouse.digest_of(path) == content:
                return path
        seen[model.name] = self._compute(model, one, seen)
        return self._kept(seen[model.name])

    def _kept(self, content: str) -> Path:
        return self._folder / f"{content}.parquet"

    def keep(self, days: Iterable[PastDay]) -> None:
        """Note what past days are made of, and delete what no history is made of any more.

        Tonight is what the next night asks for as yesterday, when some of its tables stand no longer. What it is made
        of is kept for a week, until it is asked for as the day a week before.
        """
        for content, path in self._tonights.items():
            if path.stat().st_size <= KEPT_BYTES and not self._kept(content).exists():
                shutil.copyfile(path, self._kept(content))
        last_week = [PastDay(self._tonight - dt.timedelta(days=n), THEN) for n in range(max(RECENT) + 1)]
        keys = {str(one): self._keys.get(str(one), []) for one in (*days, *last_week)}
        note = {one: {key: self._contents[key] for key in some} for one, some in keys.items()}
        write_sealed(self._folder / f"{self._name}.json", note)
        notes = [read_sealed(path) or {} for path in self._folder.glob("*.json")]
        named = {content for days in notes for known in days.values() for content in known.values()}
        for path in self._folder.glob("*.parquet"):
            if path.stem not in named or path.stat().st_size > KEPT_BYTES:
                path.unlink()
