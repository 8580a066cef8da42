"""From a figure of the scorecard down to the cells that a supplier wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.product.figures import decimals_apart, format_number
from assets.readers.raw import read_raw
from resources.home import Home
from resources.landing import LandingStore
from resources.releases import Release


class EvidenceError(RuntimeError):
    """There is no evidence to show; the message says why."""


def evidence_lines(home: Home, release: Release, item: str, limit: int) -> Iterator[str]:
    """Yield lines that name each delivery under an item, where it landed, and its rows with their cells.

    Raises EvidenceError if the item is unknown or has no evidence, or if the release is older than the mart.
    """
    path = release.path / "evidence.parquet"
    if not path.exists():
        raise EvidenceError(f"Release {release.release_id} has no mart of evidence. Run the nightly job.")
    cards = [row for row in _rows(release.path / "directive_scorecard.parquet") if row["item"] == item]
    if not cards:
        known = ", ".join(row["item"] for row in _rows(release.path / "directive_scorecard.parquet"))
        raise EvidenceError(f"There is no item {item} in release {release.release_id}; there are: {known}.")
    evidence = [row for row in _rows(path) if row["item"] == item]
    for card in cards:
        rows = [row for row in evidence if row["directive"] == card["directive"]]
        decimals = decimals_apart(card["actual"], card["threshold"])
        shown = "no value" if card["actual"] is None else format_number(card["actual"], card["unit"], "en", decimals)
        yield f"{card['directive']} {item}: {shown}, {card['status']}. {card['status_reason_en']}"
        if not rows:
            yield "  No source row stands under it."
        by_delivery = itemgetter("evidence_role", "feed", "delivery_id")
        for (role, feed, delivery_id), members in groupby(sorted(rows, key=by_delivery), by_delivery):
            yield from _delivery(home, role, feed, delivery_id, list(members), limit)


def _delivery(
    home: Home, role: str, feed: str, delivery_id: str, rows: Sequence[Mapping[str, Any]], limit: int
) -> Iterator[str]:
    landed = LandingStore(home.landing).landed_file(feed, delivery_id, rows[0]["source_file"])
    simulated = " (simulated)" if rows[0]["is_simulated"] else ""
    yield f"  {role}: {len(rows)} rows of {feed}{simulated}, {landed}"
    if not landed.exists():
        yield "    The landed file is not there any more; deliver it again under the same name."
    raw = home.root / "raw" / feed / f"{delivery_id}.parquet"
    if not raw.exists():
        yield "    Its cells have not been read in this home. Run the nightly job."
        return
    table = read_raw(raw)
    for row in rows[:limit]:
        found = table.filter(
            pc.and_(
                pc.equal(table.column("source_row"), row["source_row"]),
                pc.equal(pc.fill_null(table.column("source_sheet"), ""), row["source_sheet"]),
            )
        ).to_pylist()
        sheet = f"sheet {row['source_sheet']}, " if row["source_sheet"] else ""
        cells = (
            " | ".join("" if cell is None else cell for cell in found[0]["cells"]) if found else "not in the raw layer"
        )
        yield f"    {sheet}row {row['source_row']}: {cells}"
    if len(rows) > limit:
        yield f"    … and {len(rows) - limit} rows more (--rows {len(rows)} shows all)"


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist()
    return rows
