"""Deliveries of one feed copied to a home of their own, where they can be decided on and nothing else is touched."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from dbt_like_sql.contracts import WAIVERS, WITHDRAWALS
from resources.files import TEMPORARY
from resources.home import HOME_NOTE


def copy_deliveries(source: Path, target: Path, feed: str, layers: Collection[str] = ("raw", "candidates")) -> None:
    """Copy what is known of the deliveries of a feed and of its home, and what was withdrawn or waived, to where it may
    change."""
    for layer in layers:
        if (source / layer / feed).exists():
            shutil.copytree(
                source / layer / feed, target / layer / feed, ignore=shutil.ignore_patterns(f"{TEMPORARY}*")
            )
    if (source / HOME_NOTE).exists():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / HOME_NOTE, target / HOME_NOTE)
    (target / "validated").mkdir(parents=True)
    for declared in (WITHDRAWALS, WAIVERS):
        for path in (source / "validated").glob(f"{declared}.*"):
            shutil.copyfile(path, target / "validated" / path.name)
