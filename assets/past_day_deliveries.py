"""What past days see of deliveries: the rows, as a query, and a digest that stands for them.

A past day is looked at in two ways:

- `as_then_known`: rows of deliveries released by that day, accepted by the withdrawals and waivers of that day. It is
  what the night of that day publishes.
- `as_known_today`: the same observations, by the key of their contract, and whatever else had come about by that day (a
  period that is over, a voucher that was posted), with every vintage released until tonight. What came about after it
  stays unknown: a day of a fact (one that its contract holds to be no later than the release) after the past day is
  null.

Where a delivery was withdrawn or waived since, its feed is taken in again as on the past day, in a warehouse of its
own, and kept (`history/restored/`). Knows no Dagster.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from assets.code_version import declarations_version, history_code
from assets.delivery_copies import copy_deliveries
from assets.inputs import COUNTED_BY, DELIVERIES, Visible, content_digest, fact_day, visible_rows
from dbt_like_sql.contracts import WAIVERS, WITHDRAWALS
from dbt_like_sql.project import HISTORY, Project
from resources.files import TEMPORARY, read_sealed, write_sealed
from resources.home import Home
from resources.landing import LandingStore
from resources.warehouse import Warehouse

THEN, TODAY = "as_then_known", "as_known_today"


TakeIn = Callable[[Project, LandingStore, Warehouse, dt.date, str], object]
"""Decides on the landed deliveries of a feed as the night of a past day did, in a given warehouse."""


class PastDay(NamedTuple):
    """A day before tonight, and whether it is seen as it was then known or as it is known tonight."""

    day: dt.date
    vintage: str

    def __str__(self) -> str:
        return f"{self.day} {self.vintage}"


class Past:
    """What past days see of the validated feeds and of the ledger of deliveries, computed on one night."""

    def __init__(self, project: Project, warehouse: Warehouse, tonight: dt.date, take_in: TakeIn | None = None) -> None:
        self._project = project
        self._warehouse = warehouse
        self._tonight = tonight
        self._take_in = take_in
        self._visible: dict[tuple[str, str], Visible] = {}
        self._counted: dict[tuple[str, str, PastDay], str] = {}
        self._made_from: dict[str, str] = {}

    def outline(self, layer: str, table: str, past: PastDay) -> str:
        """Stand for what the rows that a past day sees follow from; nothing is taken in again for it."""
        changed = self._changed_since(table, past.day)
        digests = [self._sum(layer, table, past), *(self._restored_from(feed) for feed in changed)]
        return " ".join(digests) if changed else digests[0]

    def digest(self, layer: str, table: str, past: PastDay) -> str:
        """Stand for the rows that a past day sees; equal rows have equal digests on whatever day."""
        hides = layer != "ledger" and past.vintage == TODAY and self._days_of_facts(table)
        if not hides and not self._changed_since(table, past.day):
            return self._sum(layer, table, past)
        if (layer, table, past) not in self._counted:
            matters = COUNTED_BY if layer == "ledger" else "seen"
            (row,) = self._warehouse.query(
                f"select count(*) as n, cast(sum(hash({matters})) as varchar) as digest "
                f"from {self.relation(layer, table, past)} as seen"
            ).to_pylist()
            self._counted[layer, table, past] = f"{row['n']}/{row['digest'] or 0}"
        return self._counted[layer, table, past]

    def relation(self, layer: str, table: str, past: PastDay) -> str:
        """Name the rows that a past day sees in the engine's SQL."""
        return f"({self._ledger_rows(past) if layer == 'ledger' else self._feed_rows(table, past)})"

    def _sum(self, layer: str, table: str, past: PastDay) -> str:
        if (layer, table) not in self._visible:
            counted_by = COUNTED_BY if layer == "ledger" else ""
            self._visible[layer, table] = visible_rows(self._project, self._warehouse, layer, table, counted_by)
        return self._visible[layer, table].digest(past.day, past.day if past.vintage == THEN else self._tonight)

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────────────

    def _feed_rows(self, feed: str, past: PastDay) -> str:
        now = self._warehouse.relation("validated", feed)
        changed = feed in self._changed_since(feed, past.day)
        then = self._warehouse.file_relation(self._restored(feed, past.day)) if changed else now
        then = f"select * from {then} where released_on <= date '{past.day}'"
        if past.vintage == THEN:
            return then
        key = " and ".join(f"known.{k} is not distinct from now_known.{k}" for k in self._project.contracts[feed].key)
        days = [f"case when {day} <= date '{past.day}' then {day} end as {day}" for day in self._days_of_facts(feed)]
        columns = f"* replace ({', '.join(days)})" if days else "*"
        return (
            f"select {columns} from {now} as now_known where released_on <= date '{self._tonight}' "
            f"and (exists (select 1 from ({then}) as known where {key}) "
            f"or coalesce({fact_day(self._project, 'validated', feed)} <= date '{past.day}', false))"
        )

    def _days_of_facts(self, feed: str) -> list[str]:
        """The columns of a feed that say on which day something came about, and may be empty."""
        contract = self._project.contracts[feed]
        return [
            rule.name
            for rule in contract.fields
            if rule.not_after == "released_on" and not rule.required and rule.name not in contract.key
        ]

    def _ledger_rows(self, past: PastDay) -> str:
        """The deliveries that a day sees; what is known tonight adds later ones whose period had begun by then."""
        now = self._warehouse.relation("ledger", DELIVERIES)
        changed = self._changed_since(DELIVERIES, past.day)
        feeds = ", ".join(f"'{feed}'" for feed in changed) or "''"
        restored = [self._warehouse.file_relation(_ledger_beside(self._restored(feed, past.day))) for feed in changed]
        then = f"select * from {now} where feed not in ({feeds})" + "".join(
            f" union all by name select * from {ledger}" for ledger in restored
        )
        then = f"select * from ({then}) where released_on is null or released_on <= date '{past.day}'"
        if past.vintage == THEN:
            return then
        return (
            f"select * from {now} as now_known where released_on is null or released_on <= date '{past.day}' "
            f"or (released_on <= date '{self._tonight}' and (exists (select 1 from ({then}) as known "
            "where known.feed = now_known.feed and known.period = now_known.period) "
            f"or coalesce({fact_day(self._project, 'ledger', DELIVERIES)} <= date '{past.day}', false)))"
        )

    # ── what was withdrawn or waived since ────────────────────────────────────────────────────────────────

    def _changed_since(self, table: str, day: dt.date) -> list[str]:
        """The feeds of a table of which a delivery released by a day was withdrawn or waived only after it."""
        return sorted(
            {
                feed
                for feed, released_on, declared_on in self._declared
                if table in (feed, DELIVERIES) and released_on <= day < declared_on
            }
        )

    @cached_property
    def _declared(self) -> list[tuple[str, dt.date, dt.date]]:
        """Of each delivery that a withdrawal or waiver names: its feed, its release, and when that was known."""
        declared: dict[str, list[dt.date]] = {}
        for feed, day_column in ((WITHDRAWALS, "withdrawn_on"), (WAIVERS, "waived_on")):
            if self._warehouse.was_built("validated", feed):
                for row in self._warehouse.read("validated", feed).to_pylist():
                    declared.setdefault(row["delivery_file"], []).append(max(row[day_column], row["released_on"]))
        if not declared:
            return []
        ledger = self._warehouse.query(
            "select feed, source_file, released_on "
            f"from {self._warehouse.relation('ledger', DELIVERIES)} where released_on is not null"
        ).to_pylist()
        return [
            (row["feed"], row["released_on"], declared_on)
            for row in ledger
            if row["feed"] in self._project.contracts
            for declared_on in declared.get(row["source_file"], ())
            if declared_on <= self._tonight
        ]

    def _restored_from(self, feed: str) -> str:
        """Stand for all that a feed taken in again follows from, but for the day."""
        if feed not in self._made_from:
            self._made_from[feed] = self._digest_of_intake(feed)
        return self._made_from[feed]

    def _digest_of_intake(self, feed: str) -> str:
        landed = sorted(path.parent.name for path in (self._warehouse.root / "landing" / feed).glob("*/receipt.json"))
        declared = [
            content_digest(self._project, self._warehouse, "validated", name)
            for name in (WITHDRAWALS, WAIVERS)
            if self._warehouse.was_built("validated", name)
        ]
        home = Home(self._warehouse.root)
        area = f"{home.area} {home.holds_several_areas}"
        parts = [history_code(), declarations_version(), area, *declared, *landed]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _restored(self, feed: str, day: dt.date) -> Path:
        """Return the validated rows of a feed as they stood on a past day, its ledger beside them."""
        path = self._warehouse.root / HISTORY / "restored" / f"{feed}__{day}.parquet"
        made_from = self._restored_from(feed)

        def as_it_is() -> dict[str, str | None]:
            rows, ledger = self._warehouse.digest_of(path), self._warehouse.digest_of(_ledger_beside(path))
            return {"made_from": made_from, "rows": rows, "ledger": ledger}

        if read_sealed(path.with_suffix(".json")) != as_it_is():
            self._take_in_again(feed, day, path)
            write_sealed(path.with_suffix(".json"), as_it_is())
        return path

    def _take_in_again(self, feed: str, day: dt.date, path: Path) -> None:
        """Decide on the deliveries of a feed as the night of a past day did, in a warehouse of its own."""
        assert self._take_in is not None, "whoever asks for rows says how deliveries are taken in"
        root = self._warehouse.root
        folder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=root))
        try:
            copy_deliveries(root, folder, feed)
            then = Warehouse(folder, self._project)
            try:
                self._take_in(self._project, LandingStore(root / "landing"), then, day, feed)
                self._warehouse.write_table(path, then.read("validated", feed))
                self._warehouse.write_table(_ledger_beside(path), then.read("ledger", feed))
            finally:
                then.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def forget_restored(self, before: dt.date) -> None:
        """Delete what was taken in again for days on which it is not asked for any more."""
        for note in (self._warehouse.root / HISTORY / "restored").glob("*.json"):
            feed, _, day = note.stem.rpartition("__")
            if dt.date.fromisoformat(day) >= before or feed not in self._changed_since(
                feed, dt.date.fromisoformat(day)
            ):
                for path in (note, note.with_suffix(".parquet"), _ledger_beside(note.with_suffix(".parquet"))):
                    path.unlink(missing_ok=True)


def _ledger_beside(rows: Path) -> Path:
    return rows.with_name(f"{rows.stem}__ledger.parquet")
