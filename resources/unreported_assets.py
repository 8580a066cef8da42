"""What runs left unreported: planned and killed before its turn, or made without its checks.

Dagster shows it as skipped, or not judged, for ever. So it is noted, a file for each such run, until a later run has
reported it; a night asks for it as for what is stale. Knows no Dagster.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from resources.files import read_json, write_json
from resources.home import Home


def owe(home: Home, run_id: str, names: Collection[str]) -> None:
    """Note assets, as `layer/name`, that a run left unreported, or a check of them, beside those noted before."""
    path = home.root / "unreported" / f"{run_id}.json"
    noted = {*(read_json(path) or ())}
    if not noted.issuperset(names):
        write_json(path, sorted(noted.union(names)))


def unreported(home: Home) -> set[str]:
    """Return the assets that runs left unreported and that no later run has reported."""
    return {name for path in _notes(home) for name in read_json(path) or ()}


def forget_unreported(home: Home, names: Collection[str]) -> None:
    """Strike out assets that have been reported since, with all their checks. Asks for the home's lock."""
    for path in _notes(home):
        noted = read_json(path) or []
        left = [name for name in noted if name not in names]
        if not left:
            path.unlink(missing_ok=True)
        elif left != noted:
            write_json(path, left)


def _notes(home: Home) -> list[Path]:
    return sorted((home.root / "unreported").glob("*.json"))
