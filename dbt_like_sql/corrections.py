"""Known errors of suppliers, and what is read in their place: `sources/<subject>/<feed>.corrections.yml`.

A file that landed is never edited. What its supplier is known to have written wrong, and has not mended yet, is
declared beside the contract of the feed, with the reason and the day on which the supplier was told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_like_sql.declarations import DeclarationError, below, build, meant, read_yaml

ENDING = ".corrections"
"""How the names of these files end, before their extension."""


@dataclass(frozen=True)
class Correction:
    """One error: in rows `where` fields hold these values, `field` holds `found`, and is read as `corrected`.

    Values are written as the contract reads them, numbers as 1234.5. `found` is a guard: where a delivery released by
    `released_until` (default: any) says something else in such a row, it is read as it stands, and the night warns
    that the error is mended. Without `found` the cell is empty in the file.
    """

    where: Mapping[str, Any]
    field: str
    corrected: Any
    reason: str
    reported_on: dt.date
    found: Any = None
    released_until: dt.date | None = None


def corrections_beside(contract: Path) -> Path:
    """Return where the corrections of a feed stand, if it has any."""
    return contract.with_name(f"{contract.stem}{ENDING}.yml")


def load_corrections(path: Path, names: Collection[str]) -> tuple[Correction, ...]:
    """Return the corrections of a file (none where there is no file); `names` are the fields of the contract.

    Raises DeclarationError for what could not be followed.
    """
    if not path.exists():
        return ()
    file = below(path, "sources")
    listed = read_yaml(path, file)
    if list(listed) != ["corrections"] or not isinstance(listed["corrections"], Sequence):
        raise DeclarationError(f"{file}: a list under the one key 'corrections' is expected")
    corrections = tuple(
        build(Correction, values, f"{file}: corrections.{n}") for n, values in enumerate(listed["corrections"], start=1)
    )
    for n, correction in enumerate(corrections, start=1):
        where = f"{file}: corrections.{n}"
        for name in (*correction.where, correction.field):
            if name not in names:
                raise DeclarationError(f"{where}: '{name}' is not a field of the feed: {meant(name, names)}")
        values = (*correction.where.values(), correction.corrected, correction.found)
        if inexact := [value for value in values if isinstance(value, float)]:
            raise DeclarationError(f"{where}: write {inexact[0]} between quotes, so that no digit of it is lost")
        if not correction.where or correction.corrected is None or len(correction.reason.split()) < 3:
            raise DeclarationError(f"{where}: `where` names a row, `corrected` a value, and `reason` says it in words")
    return corrections
