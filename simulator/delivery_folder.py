"""Where simulated deliveries are written, and how they are named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

SIMULATED_MARK = ".simulated"
"""A file of this name at the top of an inbox says to a home that its provinces are simulated, and may be several."""


@dataclass(frozen=True)
class Folder:
    """The output of one simulation: an inbox, and the ground truth beside it."""

    root: Path

    def delivery(self, feed: str, period: str, released_on: dt.date, extension: str, note: str = "simulated") -> Path:
        """Path of a delivery, `<feed>/<feed>__<period>__<released_on>__<note>.<extension>`, its folder made."""
        folder = self.root / "inbox" / feed
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{feed}__{period}__{released_on.isoformat()}__{note}.{extension}"

    def truth(self, name: str) -> Path:
        """Path of a table of the ground truth, its folder made."""
        folder = self.root / "ground_truth"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.csv"
