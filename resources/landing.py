"""The landing store: what arrived, byte for byte, content-addressed and never changed.

The same bytes under the same name land once, however often they are delivered. A receipt beside each file says
what its name told. Nothing in a file is opened here.

What lies in the inbox and cannot land (a link, a folder in the place of a file, a file that nobody may read) is turned
away: it gets a receipt without bytes, which holds for as long as it lies there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_like_sql.delivery_names import parse_delivery_name
from resources.file_names import RECEIPT, composed, fault_of, printable, safe_name, spelled
from resources.files import read_json, replacing, sha256_of, write_json
from resources.inbox import Offered, files_in, read_when_settled, reading_fails, stamp_of, unreadable

SEEN = "seen.json"
TURNED_AWAY = "turned_away.json"
UNRECOGNISED = "unrecognised"
"""Where files land that lie under no known feed."""


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
        return self._take(files_in(inbox, feed), feed, lambda _, name: _receipt_facts(name, feed, extensions))

    def land_unrecognised(self, inbox: Path, feeds: Collection[str]) -> Landing:
        """Copy what lies under no known feed, so that nothing that was sent is lost."""
        known = ", ".join(sorted(feeds))

        def facts(offered: Offered, _: str) -> dict[str, Any]:
            where = f"the folder '{printable(offered.folder)}'" if offered.folder else "the top of the inbox"
            return {"refusal": f"it lies in {where}, which is no feed. Put it into the folder of one of: {known}."}

        return self._take([offered for offered in files_in(inbox) if offered.folder not in feeds], UNRECOGNISED, facts)

    def _take(self, files: list[Offered], feed: str, facts: Callable[[Offered, str], dict[str, Any]]) -> Landing:
        new, unsettled = [], []
        seen = self._seen(feed)
        now: dict[str, str] = {}
        turned_away: dict[str, str] = {}
        for offered in files:
            stamp = stamp_of(offered.path)
            if offered.refusal is None and seen.get(_key(offered)) == stamp:
                now[_key(offered)] = stamp
                continue
            name = file_name_of(offered.path)
            try:
                content = None if offered.refusal else read_when_settled(offered.path)
            except FileNotFoundError:
                continue
            except OSError as error:
                turned_away[offered.place] = unreadable(offered.place, error)
                continue
            if offered.refusal:
                turned_away[offered.place] = offered.refusal
                continue
            if content is None:
                unsettled.append(name)
                continue
            now[_key(offered)] = stamp
            delivery_id = delivery_id_of(name, content)
            folder = self.root / feed / delivery_id
            if read_json(folder / RECEIPT) is not None:
                continue
            receipt = Receipt(
                delivery_id=delivery_id,
                feed=feed,
                file_name=name,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                **facts(offered, name),
            )
            with replacing(folder / safe_name(name)) as temporary:
                temporary.write_bytes(content)
            # The receipt comes last: a folder without one is a landing that never finished.
            write_json(folder / RECEIPT, _to_json(receipt))
            new.append(receipt)
        if now != seen:
            write_json(self.root / feed / SEEN, now)
        if turned_away != self._turned_away(feed):
            write_json(self.root / feed / TURNED_AWAY, turned_away)
        return Landing(new, unsettled)

    def _turned_away(self, feed: str) -> dict[str, str]:
        """What lay in the inbox at the last look and could not land: its place there, and why."""
        return read_json(self.root / feed / TURNED_AWAY) or {}

    def _seen(self, feed: str) -> dict[str, str]:
        """Inbox files of a feed that have landed, and the stamp that they had then.

        None, so that they land again, if a receipt can no longer be read.
        """
        folder = self.root / feed
        if any(read_json(path) is None for path in folder.glob(f"*/{RECEIPT}")):
            return {}
        return read_json(folder / SEEN) or {}

    def has_unlanded(self, inbox: Path, feeds: Collection[str]) -> bool:
        """Whether an inbox is not as it was at the last look: a file that has not landed, or other things turned away.

        No file is read.
        """
        seen: dict[str, dict[str, str]] = {}
        turned_away: dict[str, dict[str, str]] = {feed: {} for feed in (*feeds, UNRECOGNISED)}
        for offered in files_in(inbox):
            feed = offered.folder if offered.folder in feeds else UNRECOGNISED
            if feed not in seen:
                seen[feed] = self._seen(feed)
            if offered.refusal is None and seen[feed].get(_key(offered)) == stamp_of(offered.path):
                continue
            refusal = offered.refusal or reading_fails(offered)
            if refusal is None:
                return True
            turned_away[feed][offered.place] = refusal
        return any(self._turned_away(feed) != found for feed, found in turned_away.items())

    def is_offered(self, receipt: Receipt) -> bool:
        """Whether the inbox still holds what a receipt is about: its bytes under its name, or what was turned away."""
        places = [Path(spelled(place)) for place in self._seen(receipt.feed)]
        return not receipt.has_landed or any(
            _holds(place, receipt) for place in places if file_name_of(place) == receipt.file_name
        )

    def receipts(self, feed: str) -> list[Receipt]:
        """Return the receipts of a feed, in an order that does not depend on when they landed."""
        found = [
            _from_json(content)
            for path in (self.root / feed).glob(f"*/{RECEIPT}")
            if (content := read_json(path)) is not None
        ]
        found += [_without_bytes(feed, place, refusal) for place, refusal in self._turned_away(feed).items()]
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
                f"{feed}/{_without_bytes(feed, place, refusal).delivery_id}"
                for place, refusal in self._turned_away(feed).items()
            ]
        return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def file_name_of(path: Path) -> str:
    """Return the name of a file as its receipt has it: composed and printable."""
    return printable(composed(path.name))


def _key(offered: Offered) -> str:
    return printable(str(offered.path))


def _holds(place: Path, receipt: Receipt) -> bool:
    try:
        return (
            not place.is_symlink()
            and place.is_file()
            and place.stat().st_size == receipt.size
            and sha256_of(place) == receipt.sha256
        )
    except OSError:
        return True  # it is there, and cannot be looked at


def _without_bytes(feed: str, place: str, refusal: str) -> Receipt:
    """The receipt of what was turned away. It says no period: it is spoken of until it leaves the inbox."""
    return Receipt(
        delivery_id=delivery_id_of(place, refusal.encode()),
        feed=feed,
        file_name=composed(place.rpartition("/")[2]),
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


def _from_json(values: dict[str, Any]) -> Receipt:
    released_on = dt.date.fromisoformat(values["released_on"]) if values["released_on"] else None
    return Receipt(**{**values, "released_on": released_on})
