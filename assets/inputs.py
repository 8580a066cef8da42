"""What models read, told by digests: of whole tables, and of the rows of deliveries that a day sees.

A row is seen from the day of its release on. Of each table it is kept how many rows were released on which day, of
observations first released on which day, and a digest of them that adds up: what any past day saw, as it was then known
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
"""The ledger of deliveries; its rows are told apart by feed and period."""
COUNTED_BY = "delivery_id, feed, period, released_on, status, rows_accepted, is_simulated"
"""Columns of the ledger that say whether and when a delivery counts; the others say what the last night wrote of it."""
_ALWAYS = dt.date.min
"""Stands for the day of what has none: a delivery with no day in its name is in the ledger on all days."""


class Released(NamedTuple):
    """Rows of a table that were released on one day, of observations that were first released on another."""

    first_on: dt.date
    released_on: dt.date
    rows: int
    digest: int


@dataclass(frozen=True)
class Visible:
    """What of a table can be seen when."""

    released: tuple[Released, ...]

    def digest(self, first_by: dt.date, released_by: dt.date) -> str:
        """Stand for the rows released by a day, of observations first released by another day."""
        seen = [part for part in self.released if part.first_on <= first_by and part.released_on <= released_by]
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
    said = (content_digest(project, warehouse, layer, table), counted_by, repr(_observation(project, layer, table)))
    content = hashlib.sha256("\0".join(said).encode()).hexdigest()
    place = warehouse.root / HISTORY / "visible" / f"{layer}__{table}{'__counted' if counted_by else ''}.json"
    known = read_sealed(place)
    if known is None or known.get("content") != content:
        known = {"content": content, "released": _counted(project, warehouse, layer, table, counted_by)}
        write_sealed(place, known)
    return Visible(
        tuple(
            Released(dt.date.fromisoformat(first), dt.date.fromisoformat(released), rows, int(digest))
            for first, released, rows, digest in known["released"]
        )
    )


def _counted(
    project: Project, warehouse: Warehouse, layer: str, table: str, counted_by: str
) -> list[tuple[str, str, int, str]]:
    released = f"coalesce(released_on, date '{_ALWAYS}')" if layer == "ledger" else "released_on"
    first = f"min({released}) over (partition by {', '.join(_observation(project, layer, table))})"
    if layer == "ledger":  # a delivery that says no period is an observation of its own
        first = f"case when period is null then {released} else {first} end"
    matters = f"hash({counted_by})" if counted_by else "hash(said)"
    rows = warehouse.query(
        f"""
        select first_on, released_on, count(*) as n, cast(sum(digest) as varchar) as digest
        from (
            select {first} as first_on, {released} as released_on, {matters} as digest
            from {warehouse.relation(layer, table)} as said
        ) as parts
        where released_on is not null
        group by first_on, released_on
        order by first_on, released_on
        """
    ).to_pylist()
    return [(row["first_on"].isoformat(), row["released_on"].isoformat(), row["n"], row["digest"]) for row in rows]


def _observation(project: Project, layer: str, table: str) -> tuple[str, ...]:
    """The columns that say of what a row speaks; later rows of the same restate it."""
    return ("feed", "period") if layer == "ledger" else tuple(project.contracts[table].key)
