"""Deliveries that are not, or not whole, in the figures, and the targets whose evidence they would have been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from dbt_like_sql.contracts import WAIVERS, WITHDRAWALS
from dbt_like_sql.project import Project
from resources.home import Home
from resources.landing import LandingStore


class Target(NamedTuple):
    """An item with a threshold. Directives may call different things by one name."""

    directive: str
    item: str


@dataclass(frozen=True)
class Affected:
    """A delivery that is not, or not whole, in the figures, and the targets whose evidence it would have been."""

    file_name: str
    feed: str
    status: str
    reason: str
    targets: tuple[Target, ...]

    @property
    def sentence(self) -> str:
        """What is wrong with it, and whose evidence that affects."""
        reason = f"{self.feed}, {self.file_name}: {self.reason.rstrip('.')}."
        return f"{reason} Evidence of {self.named_targets} is affected." if self.targets else reason

    @property
    def named_targets(self) -> str:
        """The targets by directive, in words."""
        directives: dict[str, list[str]] = {}
        for directive, item in self.targets:
            directives.setdefault(directive, []).append(item)
        return "; ".join(f"{directive} {', '.join(items)}" for directive, items in directives.items())


def affected_deliveries(home: Home, project: Project, as_of: dt.date) -> list[Affected]:
    """Return all deliveries that are not, or not whole, in the figures of a day, as it is known from the ledger."""
    deliveries = known_deliveries(home, as_of)
    return refused_deliveries(home, project, deliveries) + deliveries_in_part(home, project, deliveries)


def known_deliveries(home: Home, as_of: dt.date) -> list[dict[str, Any]]:
    """Return the ledger of deliveries as known on a day."""
    return [
        row
        for path in sorted((home.root / "ledger").glob("*.parquet"))
        for row in pq.ParquetFile(path).read().to_pylist()  # read_table would import pandas
        if row["released_on"] is None or row["released_on"] <= as_of
    ]


def refused_deliveries(home: Home, project: Project, deliveries: Sequence[Mapping[str, Any]]) -> list[Affected]:
    """Return refused deliveries that no later one has replaced, with the targets whose evidence they are."""
    refused = [row for row in deliveries if row["status"] == "rejected"]
    settled = _settled_names(home, deliveries, [row for row in refused if row["period"] is None])
    left = [row for row in refused if row["delivery_id"] not in settled]
    return _affected(
        home, project, [row for row in left if not _is_replaced(row, deliveries, by=("accepted", "accepted_in_part"))]
    )


def deliveries_in_part(home: Home, project: Project, deliveries: Sequence[Mapping[str, Any]]) -> list[Affected]:
    """Return deliveries with quarantined rows, unless a whole one replaced them or nothing of them is left."""
    in_part = [row for row in deliveries if row["status"] == "accepted_in_part" and not row["is_superseded"]]
    return _affected(home, project, [row for row in in_part if not _is_replaced(row, deliveries, by=("accepted",))])


def _affected(home: Home, project: Project, rows: Iterable[Mapping[str, Any]]) -> list[Affected]:
    targets = targets_by_feed(project)
    return [
        Affected(
            row["source_file"],
            row["feed"],
            row["status"],
            row["reason"] or "",
            tuple(dict.fromkeys(t for feed in _feeds_concerned(home, row, targets) for t in targets.get(feed, ()))),
        )
        for row in rows
    ]


def _feeds_concerned(home: Home, delivery: Mapping[str, Any], targets: Collection[str]) -> Collection[str]:
    """The feeds whose figures a delivery gives, or would have taken back: any, where it cannot be told which."""
    if delivery["feed"] not in (WITHDRAWALS, WAIVERS):
        return [delivery["feed"]]
    candidates = home.root / "candidates" / delivery["feed"] / f"{delivery['delivery_id']}.parquet"
    files = pq.ParquetFile(candidates).read(["delivery_file"]).column(0).to_pylist() if candidates.exists() else []
    named = {(file or "").split("__")[0] for file in files}
    return sorted(named) if named and named <= set(targets) else targets


def _is_replaced(delivery: Mapping[str, Any], deliveries: Iterable[Mapping[str, Any]], by: Collection[str]) -> bool:
    """Whether a later or corrected delivery of the same feed and period became what `by` says."""
    if delivery["period"] is None:
        return False

    def order(row: Mapping[str, Any]) -> tuple[dt.date, int]:
        return row["released_on"] or dt.date.min, row["revision"]

    return any(
        row["feed"] == delivery["feed"]
        and row["period"] == delivery["period"]
        and row["status"] in by
        and order(row) >= order(delivery)
        for row in deliveries
    )


def _settled_names(
    home: Home, deliveries: Iterable[Mapping[str, Any]], nameless: Sequence[Mapping[str, Any]]
) -> set[str]:
    """Refused deliveries whose names say no period, and that need nobody's attention any more.

    Their file has left the inbox, or its bytes were accepted under another name.
    """
    if not nameless:
        return set()
    landing = LandingStore(home.landing)
    accepted = {row["delivery_id"] for row in deliveries if row["status"].startswith("accepted")}
    receipts = [receipt for feed in sorted({row["feed"] for row in deliveries}) for receipt in landing.receipts(feed)]
    known_bytes = {receipt.sha256 for receipt in receipts if receipt.delivery_id in accepted}
    asked = {row["delivery_id"] for row in nameless}
    return {
        receipt.delivery_id
        for receipt in receipts
        if receipt.delivery_id in asked and (receipt.sha256 in known_bytes or not landing.is_still_there(receipt))
    }


def targets_by_feed(project: Project) -> dict[str, list[Target]]:
    """Return, for each feed, the items of the directives with a threshold whose evidence it gives."""
    items = [row for row in project.seeds["directive_items"].rows() if row["threshold"]]
    targets: dict[str, list[Target]] = {}
    for indicator in project.indicators.values():
        for feed in indicator.feeds:
            named = [Target(r["directive"], r["item"]) for r in items if r["indicator"] == indicator.name]
            targets.setdefault(feed, []).extend(named)
    return targets
