"""What every step of the intake is given: declarations, stores, the day, and what is noted of each delivery."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.delivery_stages import RawDelivery
from dbt_like_sql.project import Project
from resources.files import read_sealed, write_sealed
from resources.landing import LandingStore, Receipt
from resources.warehouse import TableMissingError, Warehouse


@dataclass(frozen=True)
class Intake:
    """The declarations and stores of a home on a day, as the steps of the intake look at them."""

    project: Project
    landing: LandingStore
    warehouse: Warehouse
    as_of: dt.date
    is_replay: bool = False
    """Whether a past day is decided on again, from what was read and judged then: that does not take in anything."""

    def damaged(self, feed: str) -> dict[str, RawDelivery]:
        """Return the landed deliveries of a feed that are not what arrived, with the sentence that says so, by id.

        As long as there is one, nothing of the feed is taken in: its last good tables stand.
        """
        known = {}
        if self.warehouse.state("ledger", feed) is not None:
            rows = self.warehouse.read("ledger", feed).to_pylist()
            # What has no period was refused for its name, or turned away and never landed, also if it was withdrawn.
            known = {r["delivery_id"]: r["source_file"] for r in rows if r["status"] != "rejected" and r["period"]}
        damaged = self.landing.damaged(feed, known, self.warehouse.digest_of)
        return {receipt.delivery_id: RawDelivery(receipt, None, sentence, {}) for receipt, sentence in damaged.items()}

    def stands_still(self, feed: str, *needed: str) -> bool:
        """Whether nothing of a feed is taken in. Raises TableMissingError if a table that should stand does not."""
        damaged = {} if self.is_replay else self.damaged(feed)
        for layer in needed if damaged else ():
            if self.warehouse.state(layer, feed) is None:
                reasons = " ".join(str(delivery.refusal) for delivery in damaged.values())
                raise TableMissingError(f"{layer}/{feed} {self.warehouse.why_unbuilt(layer, feed)}. {reasons}")
        return bool(damaged)

    def is_known(self, receipt: Receipt) -> bool:
        """Whether a delivery was released by the day."""
        return receipt.released_on is not None and receipt.released_on <= self.as_of

    def path_of(self, layer: str, receipt: Receipt) -> Path:
        """Return where the rows of a delivery lie in a layer."""
        return self.warehouse.root / layer / receipt.feed / f"{receipt.delivery_id}.parquet"

    def note(self, layer: str, receipt: Receipt) -> dict[str, Any] | None:
        """Return what is noted of a delivery in a layer; None where nothing is, or its file is not the one noted."""
        path = self.path_of(layer, receipt)
        note: dict[str, Any] | None = read_sealed(path.with_suffix(".json"))
        if note is None or (note["content"] is not None and note["content"] != self.warehouse.digest_of(path)):
            return None
        return note

    def keep_note(self, layer: str, receipt: Receipt, facts: Mapping[str, Any], *, has_file: bool) -> dict[str, Any]:
        """Note something of a delivery in a layer, with what its file there holds now; return the note."""
        path = self.path_of(layer, receipt)
        note = {**facts, "content": self.warehouse.digest_of(path) if has_file else None}
        write_sealed(path.with_suffix(".json"), note)
        return note


def fingerprint_of(*parts: str) -> str:
    """Return one digest of all that a result follows from."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
