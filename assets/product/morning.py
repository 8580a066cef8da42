"""What a person should know in the morning, as rows of marts: the page and the digest read it here alike.

A release may be older than a mart that is read here; then it has nothing of it to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from assets.product.figures import format_day
from assets.product.marts import Marts, Row, rows_if_kept

DAYS_AHEAD = 14
"""Milestones further ahead than this are not mentioned."""

Target = tuple[str, str]
"""The directive and the item."""


@dataclass(frozen=True)
class Change:
    """An item whose status or figure is another than it was, and the file that changed it where one did."""

    row: Row
    card: Row
    file: str | None
    file_vi: str = ""
    file_en: str = ""


@dataclass(frozen=True)
class Milestone:
    """A target whose day is near, and the row that says what money it still takes, where it is money."""

    card: Row
    need: Row | None

    @property
    def asks_for_money(self) -> bool:
        """Whether money is still missing."""
        return self.need is not None and bool(self.need["needed_vnd"])

    @property
    def has_a_day_left(self) -> bool:
        """Whether a working day is left for it."""
        return self.need is not None and bool(self.need["working_days_left"])


@dataclass(frozen=True)
class Late:
    """A delivery that an item waits for and that is not there after its day, with the agencies that send it."""

    row: Row
    feed_vi: str
    feed_en: str
    targets: tuple[Target, ...]
    agency_codes: frozenset[str]


def cards(marts: Marts) -> dict[Target, Row]:
    """Return the scorecard's row of each item."""
    return {(row["directive"], row["item"]): row for row in rows_if_kept(marts.folder, "directive_scorecard")}


def changes(marts: Marts, spans: Collection[str] = ("day",)) -> list[Change]:
    """Return what changed within some spans, the shortest first, in the order of the items."""
    found = cards(marts)
    files = {row["delivery_id"]: row for row in rows_if_kept(marts.folder, "delivery_quality")}
    return [
        Change(row, found[row["directive"], row["item"]], *_file_in_words(marts, files.get(row["delivery_id"])))
        for span in spans
        for row in rows_if_kept(marts.folder, "what_changed", span=span)
        if (row["directive"], row["item"]) in found
    ]


def _file_in_words(marts: Marts, delivery: Row | None) -> tuple[str | None, str, str]:
    """The name of a delivery's file, and in each language what it holds and when it was released."""
    if delivery is None:
        return None, "", ""
    contract = marts.project.contracts.get(delivery["feed"])
    vi, en = (delivery["feed"],) * 2 if contract is None else (contract.title_vi, contract.title_en)
    on = delivery["released_on"]
    days = ("", "") if on is None else (f" ({format_day(on, 'vi')})", f" ({format_day(on, 'en')})")
    return delivery["source_file"], vi + days[0], en + days[1]


def offices_in_english(marts: Marts) -> dict[str, str]:
    """Return the English name of each office that sends or publishes figures, by its Vietnamese one."""
    agencies = {row["name_vi"]: row["name_en"] for row in rows_if_kept(marts.folder, "dim_agency")}
    return agencies | {one.supplier: one.supplier_en for one in marts.project.contracts.values()}


def late_and_awaited_by_none(marts: Marts) -> int:
    """Return how many deliveries are late of which no item waits."""
    return sum(not row["items_waiting"] for row in rows_if_kept(marts.folder, "delivery_calendar", status="late"))


def milestones(marts: Marts, day: dt.date) -> Iterator[Milestone]:
    """Yield the targets whose day is near, and what the newest row says that each still takes."""
    rows = rows_if_kept(marts.folder, "disbursement_vs_target", is_target_denominator=True)
    needs = {
        (row["directive"], row["milestone"]): row
        for row in sorted(rows, key=lambda row: row["on_date"])
        if row["milestone"] and row["milestone_on"] >= day
    }
    for target, card in cards(marts).items():
        is_near = card["deadline_on"] is not None and 0 <= (card["deadline_on"] - day).days <= DAYS_AHEAD
        if card["threshold"] is not None and is_near:
            yield Milestone(card, needs.get(target))


def late_deliveries(marts: Marts) -> Iterator[Late]:
    """Yield the deliveries for which an item waits and that are not there after the day due."""
    agencies = rows_if_kept(marts.folder, "dim_agency")
    for row in rows_if_kept(marts.folder, "delivery_calendar", status="late"):
        if not row["items_waiting"]:
            continue
        suppliers = [part.strip() for part in row["supplier"].split(";")]
        codes = {a["agency_code"] for a in agencies if any(a["name_vi"].startswith(one) for one in suppliers)}
        waiting = [one.rpartition(" ") for one in row["items_waiting"].split(", ")]
        contract = marts.project.contracts.get(row["feed"])
        vi, en = (row["feed"],) * 2 if contract is None else (contract.title_vi, contract.title_en)
        yield Late(row, vi, en, tuple((directive, item) for directive, _, item in waiting), frozenset(codes))
