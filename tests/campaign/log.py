"""The raw log of a part: a line of JSON for each thing done, written as it is done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Log:
    """A file that grows by lines; the first says with which seed and how many the part was started."""

    path: Path

    def write(self, **facts: Any) -> dict[str, Any]:
        """Add a line and return what stands in it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(facts, ensure_ascii=False, default=str) + "\n")
        return facts
