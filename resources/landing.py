"""The landing store: what arrived, byte for byte, content-addressed and never changed.

The same bytes under the same name land once, however often they are delivered. A receipt beside each file says
what its name says. A landed file that is no longer what arrived is noticed, and lands again with the same bytes.
Nothing in a file is opened here.

What lies in the inbox and cannot land (a link, a folder in the place of a file, a file that nobody may read) is turned
away: it gets a receipt without bytes, which holds for as long as it lies there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dbt_like_sql.contracts import WORKBOOKS
from dbt_like_sql.delivery_names import parse_delivery_name
from resources.file_names import RECEIPT, composed, fault_of, printable, safe_name, spelled
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
from resources.inbox import InboxFile, files_in, read_when_settled, reading_fails, stamp_of, unreadable

SEEN = "seen.json"
TURNED_AWAY = "turned_away.json"
UNRECOGNISED = "unrecognised"
"""Where files land that lie under no known feed."""

Facts = Callable[[InboxFile | None, str], dict[str, Any]]
"""What a receipt says of a file in the inbox (None: it is no longer there) and its name."""


@dataclass(frozen=True)
class Receipt:
    """A landed delivery and what its name says; `refusal` is a sentence where the name cannot be accepted.

    `file_name` is printable, and `size` and `sha256` are empty where nothing could land.
    """

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
    fetched_from: str | None = None
    """The address that it was fetched from, if it did not lie in the inbox."""
    fetched_at: str | None = None
    """When that was, in Viet Nam."""

    @property
    def has_landed(self) -> bool:
        """Whether there are landed bytes; no, of what was turned away."""
        return bool(self.sha256)


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

        def facts(_: InboxFile | None, name: str) -> dict[str, Any]:
            return _receipt_facts(name, feed, extensions)

        self._write_lost_receipts(feed, facts)
        return self._take(files_in(inbox, feed), feed, facts)

    def _write_lost_receipts(self, feed: str, facts: Facts) -> None:
        """Write receipts again that are gone or unreadable: the name of a folder proves the file that lies in it."""
        for folder in (self.root / feed).glob("*/"):
            if _receipt_in(folder) is None:
                for path in folder.iterdir():
                    if path.name == RECEIPT or path.name.startswith(TEMPORARY) or not path.is_file():
                        continue
                    content, name = path.read_bytes(), file_name_of(path)
                    if delivery_id_of(name, content) == folder.name:
                        write_sealed(folder / RECEIPT, _to_json(_receipt_of(feed, name, content, facts(None, name))))

    def land_unrecognised(self, inbox: Path, feeds: Collection[str]) -> Landing:
        """Copy what lies under no known feed, so that nothing that was sent is lost."""
        known = ", ".join(sorted(feeds))

        def facts(inbox_file: InboxFile | None, _: str) -> dict[str, Any]:
            folder = None if inbox_file is None else printable(inbox_file.folder)
            where = "a folder" if folder is None else f"the folder '{folder}'" if folder else "the top of the inbox"
            return {"refusal": f"it lies in {where}, which is no feed. Put it into the folder of one of: {known}."}

        self._write_lost_receipts(UNRECOGNISED, facts)
        return self._take(
            [inbox_file for inbox_file in files_in(inbox) if inbox_file.folder not in feeds], UNRECOGNISED, facts
        )

    def land_fetched(
        self, feed: str, name: str, content: bytes, extensions: Collection[str] | None, address: str, moment: str
    ) -> Receipt | None:
        """Land a file that was fetched from an address; None if these bytes have landed under this name.

        Without `extensions` it was found where no feed is.
        """
        name, delivery_id = printable(composed(name)), delivery_id_of(printable(composed(name)), content)
        damaged = {receipt.delivery_id for receipt in self.damaged(feed)}
        if delivery_id in {receipt.delivery_id for receipt in self.receipts(feed)} - damaged:
            return None
        lies = f"it lies in {address}, in the folder of no feed. Have it put into the folder of its feed."
        facts = {"refusal": lies} if extensions is None else _receipt_facts(name, feed, extensions)
        receipt = _receipt_of(feed, name, content, {**facts, "fetched_from": address, "fetched_at": moment})
        self._keep(receipt, content)
        return receipt

    def _keep(self, receipt: Receipt, content: bytes) -> None:
        folder = self.root / receipt.feed / receipt.delivery_id
        with replacing(folder / safe_name(receipt.file_name)) as temporary:
            temporary.write_bytes(content)
        # The receipt comes last: a folder without one is a landing that never finished.
        write_sealed(folder / RECEIPT, _to_json(receipt))

    def _take(self, files: list[InboxFile], feed: str, facts: Facts) -> Landing:
        new, unsettled = [], []
        damaged = self.damaged(feed)
        whole = {receipt.delivery_id for receipt in self.receipts(feed) if receipt not in damaged}
        seen = {
            relative_path: mark for relative_path, mark in self._seen(feed).items() if mark.rpartition("/")[2] in whole
        }
        now: dict[str, str] = {}
        turned_away: dict[str, str] = {}
        for inbox_file in files:
            stamp = stamp_of(inbox_file.path)
            if inbox_file.refusal is None and seen.get(_key(inbox_file), "").rpartition("/")[0] == stamp:
                now[_key(inbox_file)] = seen[_key(inbox_file)]
                continue
            name = file_name_of(inbox_file.path)
            try:
                content = None if inbox_file.refusal else read_when_settled(inbox_file.path)
            except FileNotFoundError:
                continue
            except OSError as error:
                turned_away[inbox_file.relative_path] = unreadable(inbox_file.relative_path, error)
                continue
            if inbox_file.refusal:
                turned_away[inbox_file.relative_path] = inbox_file.refusal
                continue
            if content is None:
                unsettled.append(name)
                continue
            delivery_id = delivery_id_of(name, content)
            now[_key(inbox_file)] = f"{stamp}/{delivery_id}"
            if delivery_id in whole:
                continue
            receipt = _receipt_of(feed, name, content, facts(inbox_file, name))
            self._keep(receipt, content)
            new.append(receipt)
            whole.add(delivery_id)
        if now != seen:
            write_json(self.root / feed / SEEN, now)
        if turned_away != self._turned_away(feed):
            write_json(self.root / feed / TURNED_AWAY, turned_away)
        return Landing(new, unsettled)

    def _turned_away(self, feed: str) -> dict[str, str]:
        """What lay in the inbox at the last look and could not land: its place there, and why."""
        turned_away = read_json(self.root / feed / TURNED_AWAY)
        return turned_away if isinstance(turned_away, dict) else {}

    def _seen(self, feed: str) -> dict[str, str]:
        """Inbox files of a feed that have landed, with the stamp that they had then and the delivery they became."""
        seen = read_json(self.root / feed / SEEN)
        return {relative_path: str(mark) for relative_path, mark in seen.items()} if isinstance(seen, dict) else {}

    def unlanded(self, inbox: Path, feeds: Collection[str]) -> set[str]:
        """Return the feeds whose part of an inbox is not as it was at the last look. No file is read.

        A file has not landed, or other things are turned away. What lies under no known feed counts for `unrecognised`.
        """
        seen: dict[str, dict[str, str]] = {}
        turned_away: dict[str, dict[str, str]] = {feed: {} for feed in (*feeds, UNRECOGNISED)}
        found: set[str] = set()
        for inbox_file in files_in(inbox):
            feed = inbox_file.folder if inbox_file.folder in feeds else UNRECOGNISED
            if feed not in seen:
                seen[feed] = self._seen(feed)
            mark = seen[feed].get(_key(inbox_file), "").rpartition("/")[0]
            if inbox_file.refusal is None and mark == stamp_of(inbox_file.path):
                continue
            refusal = inbox_file.refusal or reading_fails(inbox_file)
            if refusal is None:
                found.add(feed)
            else:
                turned_away[feed][inbox_file.relative_path] = refusal
        return found | {feed for feed, those in turned_away.items() if self._turned_away(feed) != those}

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

    def is_still_there(self, receipt: Receipt) -> bool:
        """Whether the inbox still holds what a receipt is about: its bytes under its name, or what was turned away.

        Whether an address still has what was fetched from it nobody knows: it counts as there.
        """
        paths = [Path(spelled(path)) for path in self._seen(receipt.feed)]
        return (
            not receipt.has_landed
            or receipt.fetched_from is not None
            or any(_holds(path, receipt) for path in paths if file_name_of(path) == receipt.file_name)
        )

    def receipts(self, feed: str) -> list[Receipt]:
        """Return the receipts of a feed, in an order that does not depend on when they landed."""
        found = [
            receipt
            for path in (self.root / feed).glob(f"*/{RECEIPT}")
            if (receipt := _receipt_in(path.parent)) is not None
        ]
        found += [
            _without_bytes(feed, relative_path, refusal) for relative_path, refusal in self._turned_away(feed).items()
        ]
        return sorted(found, key=lambda r: (r.released_on or dt.date.min, r.revision, r.file_name, r.delivery_id))

    def file_of(self, receipt: Receipt) -> Path:
        """Return the path of the landed bytes."""
        return self.landed_file(receipt.feed, receipt.delivery_id, receipt.file_name)

    def landed_file(self, feed: str, delivery_id: str, file_name: str) -> Path:
        """Return the path of the landed bytes of a delivery that a table names."""
        return self.root / feed / delivery_id / safe_name(file_name)

    def digest(self) -> str:
        """Return a digest of everything that ever landed, and of what is turned away."""
        names = [f"{path.parts[-3]}/{path.parts[-2]}" for path in self.root.glob(f"*/*/{RECEIPT}")]
        for path in self.root.glob(f"*/{TURNED_AWAY}"):
            feed = path.parent.name
            names += [
                f"{feed}/{_without_bytes(feed, relative_path, refusal).delivery_id}"
                for relative_path, refusal in self._turned_away(feed).items()
            ]
        return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def receipt_of(feed: str, name: str, content: bytes, extensions: Collection[str]) -> Receipt:
    """Return the receipt that a file would get, of the forms that its feed takes."""
    return _receipt_of(feed, name, content, _receipt_facts(name, feed, extensions))


def file_name_of(path: Path) -> str:
    """Return the name of a file as its receipt has it: composed and printable."""
    return printable(composed(path.name))


def _key(inbox_file: InboxFile) -> str:
    return printable(str(inbox_file.path))


def _holds(path: Path, receipt: Receipt) -> bool:
    try:
        return (
            not path.is_symlink()
            and path.is_file()
            and path.stat().st_size == receipt.size
            and sha256_of(path) == receipt.sha256
        )
    except OSError:
        return True  # it is there, and cannot be looked at


def _without_bytes(feed: str, relative_path: str, refusal: str) -> Receipt:
    """The receipt of what was turned away. It says no period: it is spoken of until it leaves the inbox."""
    return Receipt(
        delivery_id=delivery_id_of(relative_path, refusal.encode()),
        feed=feed,
        file_name=composed(relative_path.rpartition("/")[2]),
        size=0,
        sha256="",
        refusal=refusal,
    )


def delivery_id_of(name: str, content: bytes) -> str:
    """Return the identity of a delivery: a hash of its name and its bytes."""
    return hashlib.sha256(name.encode() + b"\0" + content).hexdigest()[:16]


def _receipt_facts(name: str, feed: str, extensions: Collection[str]) -> dict[str, Any]:
    fault = fault_of(name)
    if fault is not None:
        return {"refusal": fault}
    try:
        parsed = parse_delivery_name(name, feed)
    except ValueError as error:
        return {"refusal": str(error)}
    refusal = None
    if parsed.extension not in extensions:
        # Of workbooks the kind that Excel writes today stands first, and each is taken.
        known = ", ".join(
            f".{one}" for one in sorted(extensions, key=lambda one: (one in WORKBOOKS, one != "xlsx", one))
        )
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


def _receipt_of(feed: str, name: str, content: bytes, facts: Mapping[str, Any]) -> Receipt:
    return Receipt(
        delivery_id=delivery_id_of(name, content),
        feed=feed,
        file_name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        **facts,
    )
