"""How a delivery names itself: `<feed>__<period>__<released_on>[__note].<ext>`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePath

from dbt_like_sql.periods import Period, parse_period

_REVISION = re.compile(r"r(\d{1,3})")


@dataclass(frozen=True)
class DeliveryName:
    """What the name of a file says: the feed, the period it speaks of, the day its publisher released it.

    `revision` is 1, or N where the note holds `rN`; `is_simulated` is true where the note holds `simulated`.
    """

    feed: str
    period: Period
    released_on: dt.date
    note: str
    revision: int
    is_simulated: bool
    extension: str


def parse_delivery_name(file_name: str, feed: str) -> DeliveryName:
    """Read the name of a file in the folder of `feed`.

    Raises ValueError with a sentence that says what is wrong and how to name the file.
    """
    path = PurePath(file_name)
    parts = path.name.removesuffix(path.suffix).split("__")
    how = f"Name it {feed}__<period>__<released_on>[__note].<extension>, e.g. {feed}__2024-Q3__2024-10-01.csv."
    if len(parts) not in (3, 4) or not path.suffix:
        raise ValueError(f"the name '{file_name}' does not have the parts feed, period and release day. {how}")
    if parts[0] != feed:
        raise ValueError(f"the name '{file_name}' begins with '{parts[0]}' but lies in the folder '{feed}'. {how}")
    try:
        period = parse_period(parts[1])
    except ValueError as error:
        raise ValueError(f"the name '{file_name}' has a period that is not understood ({error}). {how}") from error
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", parts[2]):
            raise ValueError(parts[2])
        released_on = dt.date.fromisoformat(parts[2])
    except ValueError as error:
        raise ValueError(f"the name '{file_name}' has no day of release such as 2024-10-01. {how}") from error
    note = parts[3] if len(parts) == 4 else ""
    tokens = note.split("-")
    revisions = [int(match.group(1)) for token in tokens if (match := _REVISION.fullmatch(token))]
    return DeliveryName(
        feed=feed,
        period=period,
        released_on=released_on,
        note=note,
        revision=max(revisions, default=1),
        is_simulated="simulated" in tokens,
        extension=path.suffix[1:].lower(),
    )
