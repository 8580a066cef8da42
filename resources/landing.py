"""The landing store: what arrived, byte for byte, content-addressed and never changed.

The same bytes under the same name land once, however often they are delivered. A receipt beside each file says
what its name told. A landed file that is no longer what arrived is noticed, and lands again with the same bytes.
Nothing in a file is opened here.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dbt_like_sql.delivery_names import parse_delivery_name
from resources.files import (
    TEMPORARY,
    digest_or_none,
    read_json,
    read_sealed,
    replacing,
    sha256_of,
    write_json,
    write_sealed,
)
from resources.inbox import Offered, files_in, read_when_settled, stamp_of

SEEN = "seen.json"
RECEIPT = "receipt.json"
UNRECOGNISED = "unrecognised"
"""Where files land that lie under no known feed."""


@dataclass(frozen=True)
class Receipt:
    """A landed delivery and what its name says; `refusal` is a sentence where the name cannot be accepted."""

    delivery_id: str
    feed: str
    file_name: str
    size: int
    sha256: str
    period: str | None = None
    released_on: dt.date | None = None
    note: str = ""
    revision: int = 1
    is_simulated: bool = False
    extension: str = ""
    refusal: str | None = None


@dataclass(frozen=True)
class Landing:
    """What one look into the inbox brought: new receipts, and names of files still being written."""

    new: list[Receipt]
    unsettled: list[str]


@dataclass(frozen=True)
class LandingStore:
    """Landed deliveries below `root`, one folder for each feed and delivery."""

    root: Path

    def land(self, inbox: Path, feed: str, extensions: Collection[str]) -> Landing:
        """Copy what is new in the folder of `feed`; files still being written wait for the next look."""

        def facts(name: str) -> dict[str, Any]:
            return _receipt_facts(name, feed, extensions)

        self._write_lost_receipts(feed, facts)
        return self._take(files_in(inbox, feed), feed, facts)

    def _write_lost_receipts(self, feed: str, facts: Callable[[str], dict[str, Any]]) -> None:
        """Write receipts again that are gone or unreadable: the name of a folder proves the file that lies in it."""
        for folder in (self.root / feed).glob("*/"):
            if _receipt_in(folder) is None:
                for path in folder.iterdir():
                    if path.name == RECEIPT or path.name.startswith(TEMPORARY) or not path.is_file():
                        continue
                    content, name = path.read_bytes(), composed(path.name)
                    if delivery_id_of(name, content) == folder.name:
                        write_sealed(folder / RECEIPT, _to_json(_receipt_of(feed, name, content, facts)))

    def land_unrecognised(self, inbox: Path, feeds: Collection[str]) -> Landing:
        """Copy what lies under no known feed, so that nothing that was sent is lost."""
        known = ", ".join(sorted(feeds))
        strays = [offered for offered in files_in(inbox) if offered.folder not in feeds]
        folders = {composed(offered.path.name): offered.folder for offered in strays}

        def facts(name: str) -> dict[str, Any]:
            folder = folders.get(name)
            where = "a folder" if folder is None else f"the folder '{folder}'" if folder else "the top of the inbox"
            return {"refusal": f"it lies in {where}, which is no feed. Put it into the folder of one of: {known}."}

        self._write_lost_receipts(UNRECOGNISED, facts)
        return self._take(strays, UNRECOGNISED, facts)

    def _take(self, files: list[Offered], feed: str, facts: Callable[[str], dict[str, Any]]) -> Landing:
        new, unsettled = [], []
        damaged = self.damaged(feed)
        whole = {receipt.delivery_id for receipt in self.receipts(feed) if receipt not in damaged}
        seen = {place: mark for place, mark in self._seen(feed).items() if mark.rpartition("/")[2] in whole}
        now: dict[str, str] = {}
        for offered in files:
            place, stamp = str(offered.path), stamp_of(offered.path)
            if seen.get(place, "").rpartition("/")[0] == stamp:
                now[place] = seen[place]
                continue
            content = read_when_settled(offered.path)
            if content is None:
                unsettled.append(offered.path.name)
                continue
            name = composed(offered.path.name)
            delivery_id = delivery_id_of(name, content)
            now[place] = f"{stamp}/{delivery_id}"
            if delivery_id in whole:
                continue
            receipt = _receipt_of(feed, name, content, facts)
            folder = self.root / feed / delivery_id
            with replacing(folder / name) as temporary:
                temporary.write_bytes(content)
            # The receipt comes last: a folder without one is a landing that never finished.
            write_sealed(folder / RECEIPT, _to_json(receipt))
            new.append(receipt)
            whole.add(delivery_id)
        if now != seen:
            write_json(self.root / feed / SEEN, now)
        return Landing(new, unsettled)

    def _seen(self, feed: str) -> dict[str, str]:
        """Inbox files of a feed that have landed, with the stamp that they had then and the delivery they became."""
        seen = read_json(self.root / feed / SEEN)
        return {place: str(mark) for place, mark in seen.items()} if isinstance(seen, dict) else {}

    def has_unlanded(self, inbox: Path, feeds: Collection[str]) -> bool:
        """Whether an inbox holds a file that has not landed as it is now; no file is opened."""
        seen: dict[str, dict[str, str]] = {}
        for offered in files_in(inbox):
            feed = offered.folder if offered.folder in feeds else UNRECOGNISED
            if feed not in seen:
                seen[feed] = self._seen(feed)
            if seen[feed].get(str(offered.path), "").rpartition("/")[0] != stamp_of(offered.path):
                return True
        return False

    def damaged(
        self,
        feed: str,
        known: Mapping[str, str] = MappingProxyType({}),
        digest_of: Callable[[Path], str | None] = digest_or_none,
    ) -> dict[Receipt, str]:
        """Return deliveries that are not what arrived: changed, cut or gone. A sentence for each says what to do.

        `known` are deliveries, and their names, that are known to have landed. What was refused for its name is left
        out: nothing is built upon it.
        """
        receipts = self.receipts(feed)
        found = {receipt.delivery_id: receipt for receipt in receipts}
        for path in (self.root / feed).glob(f"*/{RECEIPT}"):
            if path.parent.name not in found:
                others = sorted(other.name for other in path.parent.iterdir() if other.name != RECEIPT)
                known = {path.parent.name: others[0] if others else "a file whose name is lost", **known}
        lost = [Receipt(i, feed, name, 0, "") for i, name in known.items() if i not in found]
        damaged = {}
        for receipt in (*receipts, *lost):
            digest = digest_of(self.file_of(receipt))
            if receipt.refusal is None and digest != receipt.sha256:
                what = "is gone" if digest is None else "has other bytes than those that arrived"
                damaged[receipt] = (
                    f"the landed file of {receipt.file_name} (delivery {receipt.delivery_id}) {what}. Nothing more of "
                    f"{feed} is taken in and its last good tables stand. Put the file, as it was sent, into the inbox "
                    f"again, or restore {self.root / feed / receipt.delivery_id} from a backup, and run the night again"
                )
        return damaged

    def is_offered(self, receipt: Receipt) -> bool:
        """Whether the inbox, as it is now, still holds the bytes of a delivery under its name."""
        places = [Path(place) for place in self._seen(receipt.feed)]
        return any(
            place.is_file() and place.stat().st_size == receipt.size and sha256_of(place) == receipt.sha256
            for place in places
            if composed(place.name) == receipt.file_name
        )

    def receipts(self, feed: str) -> list[Receipt]:
        """Return the receipts of a feed, in an order that does not depend on when they landed."""
        found = [
            receipt
            for path in (self.root / feed).glob(f"*/{RECEIPT}")
            if (receipt := _receipt_in(path.parent)) is not None
        ]
        return sorted(found, key=lambda r: (r.released_on or dt.date.min, r.revision, r.file_name, r.delivery_id))

    def file_of(self, receipt: Receipt) -> Path:
        """Return the path of the landed bytes."""
        return self.root / receipt.feed / receipt.delivery_id / receipt.file_name

    def digest(self) -> str:
        """Return a digest of everything that ever landed."""
        names = sorted(f"{path.parts[-3]}/{path.parts[-2]}" for path in self.root.glob("*/*/receipt.json"))
        return hashlib.sha256("\n".join(names).encode()).hexdigest()


def composed(name: str) -> str:
    """Return the name of a file with composed letters: some systems keep an accent as a sign of its own."""
    return unicodedata.normalize("NFC", name)


def delivery_id_of(name: str, content: bytes) -> str:
    """Return the identity of a delivery: a hash of its name and its bytes."""
    return hashlib.sha256(name.encode() + b"\0" + content).hexdigest()[:16]


def _receipt_facts(name: str, feed: str, extensions: Collection[str]) -> dict[str, Any]:
    try:
        parsed = parse_delivery_name(name, feed)
    except ValueError as error:
        return {"refusal": str(error)}
    refusal = None
    if parsed.extension not in extensions:
        known = ", ".join(f".{extension}" for extension in sorted(extensions))
        refusal = f"'.{parsed.extension}' is no form of the feed {feed}. Send it as {known}."
    return {
        "period": parsed.period.code,
        "released_on": parsed.released_on,
        "note": parsed.note,
        "revision": parsed.revision,
        "is_simulated": parsed.is_simulated,
        "extension": parsed.extension,
        "refusal": refusal,
    }


def _to_json(receipt: Receipt) -> dict[str, Any]:
    return {**dataclasses.asdict(receipt), "released_on": receipt.released_on and receipt.released_on.isoformat()}


def _receipt_in(folder: Path) -> Receipt | None:
    """Return the receipt in the folder of a delivery, or None where there is none, or not as it was written."""
    values = read_sealed(folder / RECEIPT)
    try:
        released_on = dt.date.fromisoformat(values["released_on"]) if values["released_on"] else None
        receipt = Receipt(**{**values, "released_on": released_on})
    except (TypeError, KeyError, ValueError):
        return None
    return receipt if receipt.delivery_id == folder.name else None


def _receipt_of(feed: str, name: str, content: bytes, facts: Callable[[str], dict[str, Any]]) -> Receipt:
    return Receipt(
        delivery_id=delivery_id_of(name, content),
        feed=feed,
        file_name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        **facts(name),
    )
