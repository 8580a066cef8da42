"""Whether a night has news: the same deliveries, declarations, code and day give the same marts.

Looked at before anything heavy is imported, so that a night without news costs next to nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from assets.code_version import code_version, declarations_version
from dbt_like_sql.contracts import feed_names
from resources.files import read_json, write_json
from resources.home import Home
from resources.landing import LandingStore


def night_fingerprint(home: Home, as_of: dt.date) -> str:
    """Return a digest of everything that a night's result follows from."""
    parts = (
        LandingStore(home.landing).digest(),
        code_version(),
        declarations_version(),
        as_of.isoformat(),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def last_night(home: Home) -> dict[str, str]:
    """Return what the last finished night left: `fingerprint`, `release_id`, `as_of`; empty before the first."""
    return read_json(home.root / "night.json") or {}


def has_news(home: Home, inbox: Path, as_of: dt.date) -> bool:
    """Return whether a night would have anything to do: something to land, or other things to make marts from."""
    if LandingStore(home.landing).has_unlanded(inbox, feed_names()):
        return True
    if last_night(home).get("fingerprint") != night_fingerprint(home, as_of):
        return True
    return not (home.marts / "current" / "manifest.json").exists()


def forget_night(home: Home) -> None:
    """Make the next night have news: something failed that the release does not rest on."""
    (home.root / "night.json").unlink(missing_ok=True)


def remember_night(home: Home, as_of: dt.date, release_id: str) -> None:
    """Note a night that ended well, so that the next one knows whether it has news.

    Only for a run that made everything and still holds the home's lock: what has landed is what it has seen.
    """
    fingerprint = night_fingerprint(home, as_of)
    write_json(
        home.root / "night.json",
        {"fingerprint": fingerprint, "release_id": release_id, "as_of": as_of.isoformat()},
    )
