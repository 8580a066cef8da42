"""The landing store: what arrived, byte for byte, content-addressed and never changed.

The same bytes under the same name land once, however often they are delivered. A receipt beside each file says
what its name told. Nothing in a file is opened here.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_like_sql.delivery_names import parse_delivery_name
from resources.files import read_json, replacing, sha256_of, write_json
from resources.inbox import Offered, files_in, read_when_settled, stamp_of

SEEN = "seen.json"
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
        return self._take(files_in(inbox, feed), feed, lambda name: _receipt_facts(name, feed, extensions))

    def land_unrecognised(self, inbox: Path, feeds: Collection[str]) -> Landing:
        """Copy what lies under no known feed, so that nothing that was sent is lost."""
        known = ", ".join(sorted(feeds))
        strays = [offered for offered in files_in(inbox) if offered.folder not in feeds]
        folders = {composed(offered.path.name): offered.folder for offered in strays}

        def facts(name: str) -> dict[str, Any]:
            folder = folders[name]
            where = f"the folder '{folder}'" if folder else "the top of the inbox"
            return {"refusal": f"it lies in {where}, which is no feed. Put it into the folder of one of: {known}."}

        return self._take(strays, UNRECOGNISED, facts)

    def _take(self, files: list[Offered], feed: str, facts: Callable[[str], dict[str, Any]]) -> Landing:
        new, unsettled = [], []
        seen = self._seen(feed)
        now: dict[str, str] = {}
        for offered in files:
            place, stamp = str(offered.path), stamp_of(offered.path)
            if seen.get(place) == stamp:
                now[place] = stamp
                continue
            content = read_when_settled(offered.path)
            if content is None:
                unsettled.append(offered.path.name)
                continue
            now[place] = stamp
            name = composed(offered.path.name)
            delivery_id = delivery_id_of(name, content)
            folder = self.root / feed / delivery_id
            if read_json(folder / "receipt.json") is not None:
                continue
            receipt = Receipt(
                delivery_id=delivery_id,
                feed=feed,
                file_name=name,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                **facts(name),
            )
            with replacing(folder / name) as temporary:
                temporary.write_bytes(content)
            # The receipt comes last: a folder without one is a landing that never finished.
            write_json(folder / "receipt.json", _to_json(receipt))
            new.append(receipt)
        if now != seen:
            write_json(self.root / feed / SEEN, now)
        return Landing(new, unsettled)

    def _seen(self, feed: str) -> dict[str, str]:
        """Inbox files of a feed that have landed, and the stamp that they had then.

        None, so that they land again, if a receipt can no longer be read.
        """
        folder = self.root / feed
        if any(read_json(path) is None for path in folder.glob("*/receipt.json")):
            return {}
        return read_json(folder / SEEN) or {}

    def unlanded(self, inbox: Path, feeds: Collection[str]) -> set[str]:
        """Return the feeds of which an inbox holds a file that has not landed as it is now; no file is opened.

        Files under no known feed count for `unrecognised`.
        """
        seen: dict[str, dict[str, str]] = {}
        found: set[str] = set()
        for offered in files_in(inbox):
            feed = offered.folder if offered.folder in feeds else UNRECOGNISED
            if feed not in seen:
                seen[feed] = self._seen(feed)
            if seen[feed].get(str(offered.path)) != stamp_of(offered.path):
                found.add(feed)
        return found

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
            _from_json(content)
            for path in (self.root / feed).glob("*/receipt.json")
            if (content := read_json(path)) is not None
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


def _from_json(values: dict[str, Any]) -> Receipt:
    released_on = dt.date.fromisoformat(values["released_on"]) if values["released_on"] else None
    return Receipt(**{**values, "released_on": released_on})
