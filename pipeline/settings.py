"""Where things are: the project and the home of its stores."""

from __future__ import annotations

import os
from pathlib import Path

from resources.home import Home, home_from_environment

PROJECT_ROOT = Path(__file__).resolve().parents[1]
SERVED = "GROWTH_SERVED"
"""Set by `python -m pipeline serve` for the processes that it starts."""


def home() -> Home:
    """Return the home that `GROWTH_HOME` names, or `data/` in the project."""
    return home_from_environment(PROJECT_ROOT)


def is_served() -> bool:
    """Whether a server loads the definitions: its schedule and sensors are on until somebody switches them off."""
    return os.environ.get(SERVED) == "1"
