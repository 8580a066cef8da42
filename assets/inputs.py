"""What models read, identified by digests: of whole tables, and of the rows of deliveries visible on a day.

A row is seen from the day of its release on; as known on a later day, from the day of its fact on or from
that of the first release of its observation, whichever comes first. Of each table it is kept how many rows were
released on which day and speak of which, and a digest of them that adds up: what any past day saw, as it was then known
or as it is known on a later day, is a sum. It is counted once for each content of a table. Knows no Dagster.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from dbt_like_sql.project import HISTORY, Model, Project
from resources.files import read_sealed, write_sealed
from resources.warehouse import Warehouse

DELIVERIES = "deliveries"
"""The ledger of deliveries; feed and period identify its rows."""
COUNTED_BY = "delivery_id, feed, period, released_on, status, rows_accepted, is_simulated"
"""Columns of the ledger that say whether and when a delivery counts; the others say what the last night wrote of it."""
_ALWAYS = dt.date.min
"""Stands for the day of what has none: a delivery with no day in its name is in the ledger on all days."""


class Released(NamedTuple):
    """Rows of a table that were released on one day, and can be spoken of from another on."""

    spoken_of_from: dt.date
    released_on: dt.date
    rows: int
    digest: int


@dataclass(frozen=True)
class Visible:
    """What of a table can be seen when."""

    released: tuple[Released, ...]

    def digest(self, day: dt.date, released_by: dt.date) -> str:
        """Stand for the rows that a day can speak of, released by another day."""
        seen = [part for part in self.released if part.spoken_of_from <= day and part.released_on <= released_by]
        return f"{sum(part.rows for part in seen)}/{sum(part.digest for part in seen)}"


def sees_by_release(project: Project, model: Model) -> bool:
    """Whether a model asks for the day only to leave out what deliveries said later.

    It then depends on the rows that are visible on the day, and on the day itself not at all.
    """
    return (
        model.leaves_out_later_releases
        and all(layer in ("validated", "contracts") or (layer, table) == ("ledger", DELIVERIES)
                for layer, table in model.sources)
        and all(ref in project.seeds for ref in model.refs)
    )  # fmt: skip


def content_digest(project: Project, warehouse: Warehouse, layer: str, table: str) -> str:
    """Stand for all that a table, seed or source holds. Raises TableMissingError if nothing has built it."""
    if layer == "ref" and table in project.seeds:
        return project.seeds[table].digest
    if layer == "ref":
        return warehouse.content_of(project.models[table].layer, table)
    if layer == "contracts":
        return hashlib.sha256(warehouse.relation(layer, table).encode()).hexdigest()
    if layer == "ledger":
        folder = "ledger" if table == DELIVERIES else "rejects"
        names = sorted(path.stem for path in (warehouse.root / folder).glob("*.parquet"))
        return "/".join(warehouse.content_of(folder, name) for name in names)
    return warehouse.content_of(layer, table)


def visible_rows(project: Project, warehouse: Warehouse, layer: str, table: str, counted_by: str = "") -> Visible:
    """Return what can be seen when of a validated feed or of the ledger of deliveries, counting it if it is new.

    `counted_by` names the columns that matter; by default all do. Raises TableMissingError if nothing has built it.
    """
    about = repr(_observation(project, layer, table)), fact_day(project, layer, table)
    parts = (content_digest(project, warehouse, layer, table), counted_by, *about)
    content = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    path = warehouse.root / HISTORY / "visible" / f"{layer}__{table}{'__counted' if counted_by else ''}.json"
    known = read_sealed(path)
    if known is None or known.get("content") != content:
        known = {"content": content, "released": _counted(project, warehouse, layer, table, counted_by)}
        write_sealed(path, known)
    return Visible(
        tuple(
            Released(dt.date.fromisoformat(day), dt.date.fromisoformat(released), rows, int(digest))
            for day, released, rows, digest in known["released"]
        )
    )


def _counted(
    project: Project, warehouse: Warehouse, layer: str, table: str, counted_by: str
) -> list[tuple[str, str, int, str]]:
    released = f"coalesce(released_on, date '{_ALWAYS}')" if layer == "ledger" else "released_on"
    first = f"min({released}) over (partition by {', '.join(_observation(project, layer, table))})"
    if layer == "ledger":  # a delivery that says no period is an observation of its own
        first = f"case when period is null then {released} else {first} end"
    matters = f"hash({counted_by})" if counted_by else "hash(counted)"
    rows = warehouse.query(
        f"""
        select day, released_on, count(*) as n, cast(sum(digest) as varchar) as digest
        from (
            select least({first}, {fact_day(project, layer, table)}) as day,
                {released} as released_on, {matters} as digest
            from {warehouse.relation(layer, table)} as counted
        ) as parts
        where released_on is not null
        group by day, released_on
        order by day, released_on
        """
    ).to_pylist()
    return [(row["day"].isoformat(), row["released_on"].isoformat(), row["n"], row["digest"]) for row in rows]


def _observation(project: Project, layer: str, table: str) -> tuple[str, ...]:
    """The columns that say what a row is about; later rows with the same values restate it."""
    return ("feed", "period") if layer == "ledger" else tuple(project.contracts[table].key)


def fact_day(project: Project, layer: str, table: str) -> str:
    """The SQL of the day by which what a row speaks of had come about, null where the row does not say.

    Of a row of a feed it is the end of its period, or the earliest of the days that its contract holds to be no later
    than the release. A delivery of the ledger is spoken of from the beginning of its period on: its rows say the rest.
    """
    if layer == "ledger":
        return _bound_of("period", first=True)
    contract = project.contracts[table]
    names = [rule.name for rule in contract.fields]
    period = contract.row_period or next((name for name in names if project.fields[name].format), None)
    if period is not None:
        return _bound_of(period) if project.fields[period].format else period
    days = [rule.name for rule in contract.fields if rule.not_after == "released_on"]
    return f"least({', '.join(days)})" if days else "cast(null as date)"


def _bound_of(period: str, *, first: bool = False) -> str:
    """The SQL of the last day of the period that a code names, or of its first."""
    part = f"split_part({period}, '..', {1 if first else -1})"
    whole, months = ("'1'", "'1'") if first else ("'12'", f"replace(substr({part}, 6), 'M', '')")
    quarter = f"cast(3 * try_cast(right({part}, 1) as integer) - {2 if first else 0} as varchar)"
    month = (
        f"case when length({part}) = 4 then {whole} when right({part}, 1) = 'M' then {months} "
        f"when substr({part}, 6, 1) = 'Q' then {quarter} else substr({part}, 6, 2) end"
    )
    begins = f"try_cast(left({part}, 4) || '-' || {month} || '-01' as date)"
    return (
        f"case when length({part}) = 10 then try_cast({part} as date) "
        f"else {begins if first else f'last_day({begins})'} end"
    )
