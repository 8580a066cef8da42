"""The operator's settings of a home, `GROWTH_HOME/settings.yml`: no declaration of the project, and never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from resources.home import SAMPLES, Home, HomeError
from resources.releases import ReleaseStore

SETTINGS = "settings.yml"
PUBLISH, APPROVED = "publish", "approved"


@dataclass(frozen=True)
class Retention:
    """How long is kept what nothing depends on. Tagged releases and the current one are kept for ever."""

    daily_releases: int = 30
    """Days of publication of which the last release is kept, the newest ones."""
    monthly_releases: int = 24
    """Months of publication of which the last release is kept, the newest ones."""
    run_days: int = 90
    """Days for which Dagster's runs and events are kept; those that say when a table was made last are kept longer."""


@dataclass(frozen=True)
class Settings:
    """All of them, with their defaults."""

    release: str = PUBLISH
    """`publish`: a night publishes. `approved`: it ends in a candidate, which a person approves or rejects."""
    retention: Retention = field(default_factory=Retention)


def settings_of(home: Home) -> Settings:
    """Read the settings of a home; the defaults where there are none.

    Raises HomeError with the file and the key where something is not understood.
    """
    path = home.root / SETTINGS
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise HomeError(f"{path} cannot be read ({' '.join(str(error).split())}). Correct it and run again.") from None
    known = _known(path, content, "", Settings)
    release = known.get("release", PUBLISH)
    if release not in (PUBLISH, APPROVED):
        raise HomeError(f"{path}: release must be {PUBLISH} or {APPROVED}, and is {release!r}.")
    return Settings(release, Retention(**_counts(path, "retention", known.get("retention"))))


def releases_of(home: Home, *, publish: bool = False) -> ReleaseStore:
    """Return the releases of a home, as its settings want them published. Raises HomeError like `settings_of`.

    One of a day before that of the current release becomes current where somebody says so (`publish`), and in the
    demonstration.
    """
    return ReleaseStore(
        home.marts,
        needs_approval=settings_of(home).release == APPROVED,
        may_go_back=publish or home.holds == SAMPLES,
    )


def _known(path: Path, content: Any, where: str, kind: type) -> Mapping[str, Any]:
    known = [one.name for one in fields(kind)]
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise HomeError(f"{path}: {where or 'the file'} must be a mapping with the keys {', '.join(known)}.")
    for key in content:
        if key not in known:
            raise HomeError(f"{path}: {where + '.' if where else ''}{key} is unknown; there are {', '.join(known)}.")
    return content


def _counts(path: Path, where: str, content: Any) -> dict[str, int]:
    found = _known(path, content, where, Retention)
    for key, value in found.items():
        if type(value) is not int or value < 1:
            raise HomeError(f"{path}: {where}.{key} must be a whole number of at least 1, and is {value!r}.")
    return dict(found)
