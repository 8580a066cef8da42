"""Whether anything changed since the last night: the same deliveries, declarations, code and day give the same marts.

Looked at before anything heavy is imported, so that a night with nothing new costs next to nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from assets.code_version import code_version, declarations_version
from dbt_like_sql.contracts import feed_names
from resources.files import read_json, write_json
from resources.home import Home
from resources.landing import UNRECOGNISED, LandingStore
from resources.releases import ReleaseStore
from resources.unreported_assets import unreported
from resources.warehouse import state_of


def night_fingerprint(home: Home, as_of: dt.date) -> str:
    """Return a digest of everything that a night's result follows from."""
    parts = (
        LandingStore(home.landing).digest(),
        code_version(),
        declarations_version(),
        as_of.isoformat(),
        home.area or "",
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def last_night(home: Home) -> dict[str, str]:
    """Return what the last finished night left: `fingerprint`, `release_id`, `as_of`; empty before the first."""
    note = read_json(home.root / "night.json")
    return note if isinstance(note, dict) else {}


def has_changes(home: Home, inbox: Path, as_of: dt.date) -> bool:
    """Return whether a night would have anything to do.

    Files to land, other things to make marts from, damage, or what a run that ended badly left unreported.
    """
    if unreported(home) or LandingStore(home.landing).unlanded(inbox, feed_names()):
        return True
    if last_night(home).get("fingerprint") != night_fingerprint(home, as_of):
        return True
    return not _is_as_left(home)


def _is_as_left(home: Home) -> bool:
    """Whether what a night with nothing new vouches for is, to the byte, what the last night left.

    The newest release, the ledgers and effects from which the night says what was refused, and what landed, from
    which all else can be made again. Tables in between are looked at when something is built upon them.
    """
    read_from = [home.root / "ledger" / f"{feed}.parquet" for feed in (*feed_names(), UNRECOGNISED)]
    read_from.append(home.root / "intermediate" / "int_withdrawal_and_waiver_effects.parquet")
    landing = LandingStore(home.landing)
    return (
        ReleaseStore(home.marts).is_newest_whole()
        and all(state_of(path) is not None for path in read_from)
        and not any(landing.damaged(feed) for feed in feed_names())
    )


def forget_night(home: Home) -> None:
    """Make the next night count as changed: something failed that the release does not rest on."""
    (home.root / "night.json").unlink(missing_ok=True)


def remember_night(home: Home, as_of: dt.date, release_id: str) -> None:
    """Note a night that ended well, so that the next one knows whether anything changed.

    Only for a run that made everything and still holds the home's lock: what has landed is what it has seen.
    """
    fingerprint = night_fingerprint(home, as_of)
    write_json(
        home.root / "night.json",
        {"fingerprint": fingerprint, "release_id": release_id, "as_of": as_of.isoformat()},
    )
