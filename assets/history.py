"""What models said at every month end before the day, as it was then known and with what is known on the day.

A model asks for it with `source('history', '<model>')`. From the first directive's issue on, the models behind are
computed again from the same SQL for each month end and each state of knowledge (`knowledge`, `replay`). Nothing is
written but the rows asked for, and nothing is judged: what is read was accepted and judged before. A month end is
computed again only if the rows that it may see have changed. Knows no Dagster.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence

from assets.code_version import history_code
from assets.knowledge import THEN, TODAY, PastKnowledge, Viewpoint
from assets.replay import Replayed, replayed
from dbt_like_sql.project import HISTORY, Model, Project
from resources.files import sha256_of
from resources.warehouse import TableState, Warehouse


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
    viewpoints = [Viewpoint(day, known) for day in month_ends(project, as_of) for known in (THEN, TODAY)]
    models = project.behind(names)
    feeds = sorted({table for model in models for layer, table in model.sources if layer == "validated"})
    knowledge = PastKnowledge(project, warehouse, feeds, viewpoints, as_of)
    made: dict[str, Replayed] = {}
    try:
        parts = {viewpoint: _fingerprint(project, knowledge, feeds, models, viewpoint) for viewpoint in viewpoints}
        known = {name: _known_parts(warehouse, name) for name in names}
        missing = [part for part, value in parts.items() if any(known[n].get(str(part)) != value for n in names)]
        fingerprint = hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()
        states = {name: warehouse.state(HISTORY, name) for name in names}
        if all(state is not None and state.fingerprint == fingerprint for state in states.values()):
            return
        if missing:
            made = replayed(project, warehouse, knowledge, names, missing, as_of)
        for name in names:
            _write(project, warehouse, name, parts, missing, made.get(name), fingerprint, as_of)
    finally:
        knowledge.close()
        for rows in made.values():
            warehouse.drop(rows.name)


def _fingerprint(
    project: Project, knowledge: PastKnowledge, feeds: Sequence[str], models: Sequence[Model], viewpoint: Viewpoint
) -> str:
    """Everything that the rows of a viewpoint follow from."""
    parts = [
        history_code(),
        viewpoint.day.isoformat(),
        *(model.digest for model in models),
        *(seed.digest for seed in project.seeds.values()),
        *(digest for _, digest in sorted(project.contract_digests.items())),
        *(f"{feed} {knowledge.digest(feed, viewpoint)}" for feed in feeds),
        knowledge.digest("deliveries", viewpoint),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _known_parts(warehouse: Warehouse, name: str) -> Mapping[str, str]:
    state = warehouse.state(HISTORY, name)
    parts: Mapping[str, str] = state.facts.get("parts", {}) if state is not None else {}
    return parts


def _write(
    project: Project,
    warehouse: Warehouse,
    name: str,
    parts: Mapping[Viewpoint, str],
    missing: Sequence[Viewpoint],
    made: Replayed | None,
    fingerprint: str,
    as_of: dt.date,
) -> None:
    path = warehouse.path(HISTORY, name)
    selects = [
        f"select *, cast(null as date) as on_date, '' as knowledge from {warehouse.relation('ref', name)} where false"
    ]
    if made is not None:
        numbered = ", ".join(
            f"({state}, date '{viewpoint.day}', '{viewpoint.knowledge}')"
            for viewpoint, state in zip(missing, made.states, strict=True)
        )
        rows, on = ("made.* exclude (viewpoint)", "made.viewpoint = parts.state") if made.varies else ("made.*", "true")
        selects.append(
            f'select {rows}, parts.on_date, parts.knowledge from "{made.name}" as made '
            f"inner join (values {numbered}) as parts (state, on_date, knowledge) on {on}"
        )
    if kept := [viewpoint for viewpoint in parts if viewpoint not in missing]:
        before = ", ".join(f"(date '{viewpoint.day}', '{viewpoint.knowledge}')" for viewpoint in kept)
        selects.append(f"select * from {warehouse.relation(HISTORY, name)} where (on_date, knowledge) in ({before})")
    order = ", ".join(["on_date", "knowledge", *project.models[name].grain])
    rows_written = warehouse.write_query(path, f"select * from ({' union all '.join(selects)}) order by {order}")
    said = {str(viewpoint): value for viewpoint, value in parts.items()}
    state = TableState(fingerprint, sha256_of(path), rows_written, as_of.isoformat(), facts={"parts": said})
    warehouse.record(HISTORY, name, state)
