"""What is seen of a file before anything judges it: its name, and whether it can be read. Imports nothing heavy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assets.delivery_stages import Decision, JudgedDelivery
from assets.readers import Reading, ReadJob, read_deliveries
from dbt_like_sql.contracts import FileForm
from resources.inbox import read_when_settled
from resources.landing import Receipt, file_name_of, receipt_of


@dataclass(frozen=True)
class FirstLook:
    """A file as it was first looked at; `reading` is None where its name alone is refused."""

    file: Path
    content: bytes
    receipt: Receipt
    reading: Reading | None

    @property
    def refused(self) -> Decision | None:
        """What becomes of the file if its name or its reading refuses it; else None."""
        refusal = self.receipt.refusal if self.reading is None else self.reading.refusal
        if refusal is None:
            return None
        return Decision(JudgedDelivery(self.receipt, None, None, refusal=refusal), "rejected", refusal, (), frozenset())


def look_at(file: Path, feed: str, forms: Mapping[str, FileForm], folder: Path) -> FirstLook | None:
    """Look at a file of a feed; its raw cells are left in a folder. None while somebody is still writing it.

    Raises OSError if it cannot be read.
    """
    content = read_when_settled(file.resolve())
    if content is None:
        return None
    receipt = receipt_of(feed, file_name_of(file), content, forms)
    if receipt.refusal is not None:
        return FirstLook(file, content, receipt, None)
    source = folder / "delivery"
    source.write_bytes(content)
    job = ReadJob(
        delivery_id=receipt.delivery_id,
        source=source,
        form=dataclasses.asdict(forms[receipt.extension]),
        destination=folder / "raw.parquet",
        source_file=receipt.file_name,
    )
    (reading,) = read_deliveries([job])
    return FirstLook(file, content, receipt, reading)
