"""Watches from outside whether nights happen: a daemon that is dead reports nothing.

A night counts when its release was made, or was found unchanged, for a day (`night.json`). A green run is not enough
(https://github.com/dagster-io/dagster/issues/33351), and a schedule whose request is refused leaves no run at all
(https://github.com/dagster-io/dagster/issues/10755). Imports neither Dagster nor pandas.
"""

from __future__ import annotations

import datetime as dt
import urllib.error
import urllib.request
from dataclasses import dataclass

from resources.files import read_json
from resources.home import LOCAL_TIME, Home

NIGHT_IS_OVER = dt.time(5, 0)
"""The schedule begins at 02:30; from this hour on the night of the day must have ended well."""
_PING_SECONDS = 20


@dataclass(frozen=True)
class NightCheck:
    """What was seen: `is_well`, and a sentence."""

    is_well: bool
    sentence: str


def look(home: Home, now: dt.datetime | None = None) -> NightCheck:
    """Say whether the last night that should have happened did; `now` is a moment with its time zone."""
    local = (now or dt.datetime.now(LOCAL_TIME)).astimezone(LOCAL_TIME)
    due = local.date() if local.time() >= NIGHT_IS_OVER else local.date() - dt.timedelta(days=1)
    night = read_json(home.root / "night.json")
    last = dt.date.fromisoformat(night["as_of"]) if isinstance(night, dict) and night.get("as_of") else None
    if last is not None and last >= due:
        return NightCheck(True, f"The night of {last} ended well; release {night['release_id']}.")
    where = f"Look at the daemon (is it running?), at the runs in the Dagster UI and at {home.root / 'failures.log'}"
    if last is None:
        return NightCheck(False, f"No night has ended well in {home.root} since one failed, or none began. {where}.")
    return NightCheck(False, f"The last night that ended well is that of {last}; that of {due} is missing. {where}.")


def ping(address: str) -> str | None:
    """Tell a watcher elsewhere that all is well, by asking for an address; return a sentence if that fails."""
    try:
        with urllib.request.urlopen(address, timeout=_PING_SECONDS):
            return None
    except (OSError, ValueError) as error:  # URLError is an OSError; ValueError is an address that is none
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        return f"The watcher's address could not be reached ({why}). It will raise its alarm; nothing else is wrong."
