"""Where things are: the project and the home of its stores."""

from __future__ import annotations

from pathlib import Path

from resources.home import Home, home_from_environment

PROJECT_ROOT = Path(__file__).resolve().parents[1]


def home() -> Home:
    """Return the home that `GROWTH_HOME` names, or `data/` in the project."""
    return home_from_environment(PROJECT_ROOT)
