"""Landed files into raw cells: every delivery is read once by the same code, and the result is noted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from assets.code_version import reading_code
from assets.delivery_stages import RawDelivery
from assets.intake.context import Intake, fingerprint_of
from assets.readers import Reading, ReadJob, read_deliveries
from dbt_like_sql.contracts import Contract
from resources.landing import Receipt
from resources.warehouse import TableMissingError

_UNREAD = "it has not been read yet, or what was read of it has changed on the disk. Run the nightly job"


def read_deliveries_of(
    intake: Intake, feed: str, read: Callable[[Sequence[ReadJob]], Iterable[Reading]] = read_deliveries
) -> list[RawDelivery]:
    """Read every landed delivery of a feed that has not been read by this code; return all as they were read.

    Nothing is read while a landed file of the feed is damaged. Raises TableMissingError if a replay needs one.
    """
    contract = intake.project.contracts[feed]
    receipts = intake.landing.receipts(feed)
    damaged = {} if intake.is_replay else intake.damaged(feed)
    if damaged:
        kept = [delivery for delivery in raw_deliveries(intake, feed) if delivery.receipt.delivery_id not in damaged]
        return [*kept, *damaged.values()]
    fingerprints = {r.delivery_id: reading_fingerprint(contract, r) for r in receipts}
    notes = {r.delivery_id: intake.note("raw", r) for r in receipts}
    unread = [
        receipt
        for receipt in receipts
        if receipt.refusal is None
        and (notes[receipt.delivery_id] or {}).get("fingerprint") != fingerprints[receipt.delivery_id]
    ]
    needed = intake.damaged(feed) if intake.is_replay and unread else {}
    for receipt in unread:
        if receipt.delivery_id in needed:
            raise TableMissingError(str(needed[receipt.delivery_id].refusal))
    jobs = [
        ReadJob(
            delivery_id=receipt.delivery_id,
            source=intake.landing.file_of(receipt),
            form=dataclasses.asdict(contract.forms[receipt.extension]),
            destination=intake.path_of("raw", receipt),
            source_file=receipt.file_name,
        )
        for receipt in unread
    ]
    for job in jobs:
        job.destination.parent.mkdir(parents=True, exist_ok=True)
    by_id = {receipt.delivery_id: receipt for receipt in unread}
    for reading in read(jobs):
        receipt = by_id[reading.delivery_id]
        facts = {
            "physical_rows": reading.physical_rows,
            "parsed_rows": reading.parsed_rows,
            "sheets": list(reading.sheets),
        }
        note = {"fingerprint": fingerprints[receipt.delivery_id], "refusal": reading.refusal, "facts": facts}
        notes[receipt.delivery_id] = intake.keep_note("raw", receipt, note, has_file=reading.refusal is None)
    return [_raw_delivery(intake, receipt, notes[receipt.delivery_id]) for receipt in receipts]


def raw_deliveries(intake: Intake, feed: str) -> list[RawDelivery]:
    """Return every landed delivery of a feed as it was read, without reading anything."""
    return [_raw_delivery(intake, receipt, intake.note("raw", receipt)) for receipt in intake.landing.receipts(feed)]


def all_read(intake: Intake, feed: str) -> list[RawDelivery]:
    """Return every landed delivery of a feed as it was read.

    Raises TableMissingError if what was read of one is not there, or not as it was.
    """
    deliveries = raw_deliveries(intake, feed)
    unread = [delivery.receipt.file_name for delivery in deliveries if delivery.refusal == _UNREAD]
    if unread:
        raise TableMissingError(f"{feed}, {', '.join(unread)}: {_UNREAD}, or raw/{feed}, first.")
    return deliveries


def reading_fingerprint(contract: Contract, receipt: Receipt) -> str:
    """Return a digest of what the raw cells of a delivery follow from."""
    form = contract.forms.get(receipt.extension)
    return fingerprint_of(receipt.delivery_id, repr(form), reading_code())


def _raw_delivery(intake: Intake, receipt: Receipt, note: Mapping[str, Any] | None) -> RawDelivery:
    if receipt.refusal is not None:
        return RawDelivery(receipt, None, receipt.refusal, {})
    if note is None:
        return RawDelivery(receipt, None, _UNREAD, {})
    cells = intake.path_of("raw", receipt) if note["refusal"] is None else None
    return RawDelivery(receipt, cells, note["refusal"], note["facts"])
