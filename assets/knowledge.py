"""What could be seen of the deliveries at past month ends, and whether two month ends saw the same.

A viewpoint is a month end in a state of knowledge:

- `as_then_known`: rows of deliveries released by that month end, accepted by the withdrawals and waivers of that day.
  It is what the night of that day publishes.
- `as_known_today`: the same observations, by the key of their contract, with every vintage released until today. What
  nobody had said of an observation by that month end stays unknown.

Knows no Dagster.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from dbt_like_sql.project import Project
from resources.files import TEMPORARY
from resources.landing import LandingStore
from resources.warehouse import Warehouse

THEN, TODAY = "as_then_known", "as_known_today"
_LEDGER = "seen_ledger"
_LEDGER_MATTERS = "delivery_id, feed, period, released_on, status, rows_accepted, is_simulated"
"""Columns of the ledger that say whether and when a delivery counts; the others change with the day it is written."""
_WITHDRAWALS, _WAIVERS = "delivery_withdrawals", "finding_waivers"


class Viewpoint(NamedTuple):
    """A month end, and what of the deliveries is known there."""

    day: dt.date
    knowledge: str

    def __str__(self) -> str:
        return f"{self.day} {self.knowledge}"


@dataclass(frozen=True)
class _Restored:
    """Rows and ledger of a feed as they stood on a past day, before a later withdrawal or waiver."""

    rows: pa.Table
    ledger: pa.Table


@dataclass(frozen=True)
class Seen:
    """A query for what some viewpoints see, and the Arrow tables that it names."""

    sql: str
    tables: Mapping[str, pa.Table]


class PastKnowledge:
    """What some viewpoints see of validated feeds and of the ledger of deliveries."""

    def __init__(
        self,
        project: Project,
        warehouse: Warehouse,
        feeds: Collection[str],
        viewpoints: Sequence[Viewpoint],
        as_of: dt.date,
    ) -> None:
        self._project = project
        self._warehouse = warehouse
        self._as_of = as_of
        warehouse.keep(_LEDGER, f"select * from {warehouse.relation('ledger', 'deliveries')}")
        days = {viewpoint.day for viewpoint in viewpoints}
        self._restored = {(feed, day): self._restore(feed, day) for feed, day in self._restored_feeds(feeds, days)}
        self._digests: dict[tuple[str, Viewpoint], str] = {}
        for feed in feeds:
            self._note_feed(feed, viewpoints)
        self._note_each("deliveries", viewpoints, "ledger", _LEDGER_MATTERS)

    def close(self) -> None:
        """Let go of what is kept in the engine."""
        self._warehouse.drop(_LEDGER)

    def digest(self, table: str, viewpoint: Viewpoint) -> str:
        """Stands for the rows that a viewpoint sees of a feed, or of the ledger's `deliveries`."""
        return self._digests[table, viewpoint]

    def select(self, layer: str, table: str, viewpoint: Viewpoint) -> Seen:
        """Return a query for the rows that a viewpoint sees."""
        return self._ledger_rows(viewpoint) if layer == "ledger" else self._feed_rows(table, viewpoint)

    def select_side_by_side(self, layer: str, table: str, viewpoints: Sequence[Viewpoint]) -> Seen:
        """Return a query for the rows that each of some viewpoints sees, its place among them in `viewpoint`."""
        selects: list[str] = []
        tables: dict[str, pa.Table] = {}
        numbers = dict(enumerate(viewpoints))
        if layer == "validated":
            plain = {n: viewpoint for n, viewpoint in numbers.items() if (table, viewpoint.day) not in self._restored}
            selects += [self._plain_rows(table, plain)] if plain else []
            numbers = {n: viewpoint for n, viewpoint in numbers.items() if n not in plain}
        for number, viewpoint in numbers.items():
            seen = self.select(layer, table, viewpoint)
            selects.append(f"select {number} as viewpoint, seen.* from ({seen.sql}) as seen")
            tables |= seen.tables
        return Seen(" union all by name ".join(selects), tables)

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────────────

    def _plain_rows(self, feed: str, viewpoints: Mapping[int, Viewpoint], columns: str = "*") -> str:
        """Rows of a feed of which nothing was withdrawn or waived since, for many viewpoints at once."""
        numbered = ", ".join(
            f"({n}, date '{viewpoint.day}', {str(viewpoint.knowledge == THEN).lower()})"
            for n, viewpoint in viewpoints.items()
        )
        return f"""
            select viewpoints.viewpoint, known.* exclude (first_known_on)
            from (
                select {columns}, min(released_on) over (partition by {", ".join(self._project.contracts[feed].key)})
                    as first_known_on
                from {self._warehouse.relation("validated", feed)} as said
                where released_on <= date '{self._as_of}'
            ) as known
            inner join (values {numbered}) as viewpoints (viewpoint, on_date, is_then)
                on known.first_known_on <= viewpoints.on_date
                and (known.released_on <= viewpoints.on_date or not viewpoints.is_then)
        """

    def _feed_rows(self, feed: str, viewpoint: Viewpoint) -> Seen:
        day, knowledge = viewpoint
        restored = self._restored.get((feed, day))
        name = _table_name(feed, day)
        tables = {name: restored.rows} if restored else {}
        now = self._warehouse.relation("validated", feed)
        then = f"select * from {name if restored else now} where released_on <= date '{day}'"
        if knowledge == THEN:
            return Seen(then, tables)
        key = " and ".join(f"known.{k} is not distinct from now_known.{k}" for k in self._project.contracts[feed].key)
        sql = (
            f"select * from {now} as now_known where released_on <= date '{self._as_of}' "
            f"and exists (select 1 from ({then}) as known where {key})"
        )
        return Seen(sql, tables)

    def _ledger_rows(self, viewpoint: Viewpoint) -> Seen:
        """The deliveries that a day sees; today's knowledge adds later ones of the same feed and period."""
        day, knowledge = viewpoint
        restored = {feed: restored.ledger for (feed, on), restored in self._restored.items() if on == day}
        tables = {f"{_table_name(feed, day)}_ledger": ledger for feed, ledger in restored.items()}
        feeds = ", ".join(f"'{feed}'" for feed in restored) or "''"
        then = f"select * from {_LEDGER} where feed not in ({feeds})" + "".join(
            f" union all by name select * from {name}" for name in tables
        )
        then = f"select * from ({then}) where released_on is null or released_on <= date '{day}'"
        if knowledge == THEN:
            return Seen(then, tables)
        sql = (
            f"select * from {_LEDGER} as now_known where released_on is null or released_on <= date '{day}' "
            f"or (released_on <= date '{self._as_of}' and exists (select 1 from ({then}) as known "
            "where known.feed = now_known.feed and known.period = now_known.period))"
        )
        return Seen(sql, tables)

    # ── digests ───────────────────────────────────────────────────────────────────────────────────────────

    def _note_feed(self, feed: str, viewpoints: Sequence[Viewpoint]) -> None:
        plain = [viewpoint for viewpoint in viewpoints if (feed, viewpoint.day) not in self._restored]
        if plain:
            rows = self._plain_rows(feed, dict(enumerate(plain)), "released_on, hash(said) as digest")
            counted = self._warehouse.query(
                f"select viewpoint, count(*) as n, sum(digest) as digest from ({rows}) group by viewpoint"
            ).to_pylist()
            found = {row["viewpoint"]: f"{row['n']}/{row['digest']}" for row in counted}
            for number, viewpoint in enumerate(plain):
                self._digests[feed, viewpoint] = found.get(number, "0/None")
        others = [viewpoint for viewpoint in viewpoints if viewpoint not in plain]
        self._note_each(feed, others, "validated", "seen")

    def _note_each(self, table: str, viewpoints: Sequence[Viewpoint], layer: str, matters: str) -> None:
        selects: list[str] = []
        tables: dict[str, pa.Table] = {}
        for number, viewpoint in enumerate(viewpoints):
            seen = self.select(layer, table, viewpoint)
            selects.append(
                f"select {number} as viewpoint, count(*) as n, sum(hash({matters})) as digest from ({seen.sql}) as seen"
            )
            tables |= seen.tables
        for row in self._warehouse.query(" union all ".join(selects), **tables).to_pylist() if selects else ():
            self._digests[table, viewpoints[row["viewpoint"]]] = f"{row['n']}/{row['digest']}"

    # ── what was withdrawn or waived since ────────────────────────────────────────────────────────────────

    def _declared(self) -> list[tuple[str, dt.date]]:
        """Each delivery that a withdrawal or waiver names, and from which day on that is known."""
        return [
            (row["delivery_file"], max(row[said], row["released_on"]))
            for feed, said in ((_WITHDRAWALS, "withdrawn_on"), (_WAIVERS, "waived_on"))
            if self._warehouse.path("validated", feed).exists()
            for row in self._warehouse.read("validated", feed).to_pylist()
        ]

    def _restored_feeds(self, feeds: Collection[str], days: Collection[dt.date]) -> list[tuple[str, dt.date]]:
        """Feeds of which a delivery released by a day was withdrawn or waived only after it, with that day."""
        declared = [(name, known_on) for name, known_on in self._declared() if known_on <= self._as_of]
        if not declared:
            return []
        released = self._warehouse.query(
            f"select feed, source_file, released_on from {_LEDGER} where released_on is not null"
        ).to_pylist()
        return sorted(
            {
                (row["feed"], day)
                for name, known_on in declared
                for row in released
                for day in days
                if row["source_file"] == name and row["feed"] in feeds and row["released_on"] <= day < known_on
            }
        )

    def _restore(self, feed: str, day: dt.date) -> _Restored:
        """Decide on the deliveries of a feed as the night of a past day did, in a warehouse of its own."""
        from assets.preflight import copy_deliveries  # it builds tables, which bring histories up to date
        from assets.run import take_in

        root = self._warehouse.root
        root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=root))
        try:
            copy_deliveries(root, folder, feed)
            then = Warehouse(folder, self._project)
            try:
                take_in(self._project, LandingStore(root / "landing"), then, day, feed)
                return _Restored(then.read("validated", feed), then.read("ledger", feed))
            finally:
                then.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _table_name(feed: str, day: dt.date) -> str:
    return f"restored_{feed}_{day:%Y%m%d}"
