"""The folder in which Dagster keeps its runs and events, `GROWTH_HOME/dagster`, and what a night does for it.

`dagster.yaml` in it is the operator's file: it is written once, from a committed template, and never again. Nothing
here imports Dagster before there is something to do with it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import shutil
import sqlite3
from pathlib import Path

from resources.files import replacing

TEMPLATE = Path(__file__).with_name("dagster_template.yaml")
BROKEN_DATABASES = "broken_databases"
_BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")


log = logging.getLogger("provincial_growth")


class InstanceError(RuntimeError):
    """Dagster's database cannot be used; the message says why and what to do."""


def write_dagster_home(growth_home: Path) -> Path:
    """Make GROWTH_HOME/dagster, write `dagster.yaml` into it if there is none, and return the folder.

    Runs and events that lie there stay. Raises OSError if the folder cannot be written.
    """
    folder = growth_home.resolve() / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        with replacing(settings) as unfinished:
            shutil.copyfile(TEMPLATE, unfinished)
    return folder


def environment_of(growth_home: Path) -> dict[str, str]:
    """Return what Dagster's own commands need to know to work on the stores of a home.

    Databases of Dagster's that are broken are moved away before a command meets them.
    """
    dagster_home = write_dagster_home(growth_home)
    move_broken_databases_away(dagster_home)
    return {
        "DAGSTER_HOME": str(dagster_home),
        "GROWTH_HOME": str(growth_home.resolve()),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "PYTHONUTF8": "1",
    }


def move_broken_databases_away(dagster_home: Path) -> list[Path]:
    """Move SQLite databases that SQLite itself finds broken out of the way; return where they lie now.

    They hold runs and events, no figure of ours. The next instance begins new ones.
    """
    broken = [
        path for path in sorted(dagster_home.rglob("*.db")) if BROKEN_DATABASES not in path.parts and _is_broken(path)
    ]
    if not broken:
        return []
    folder = dagster_home / BROKEN_DATABASES / dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    for path in broken:
        target = folder / path.relative_to(dagster_home)
        target.parent.mkdir(parents=True, exist_ok=True)
        for ending in _BESIDE_A_DATABASE:
            beside = path.with_name(path.name + ending)
            if beside.exists():
                beside.rename(target.with_name(target.name + ending))
    log.warning(
        "Dagster's own database was broken and lies now in %s; a new one is begun. The UI shows no run and no event "
        "of before; deliveries, tables and releases are untouched.", folder,
    )  # fmt: skip
    return [folder / path.relative_to(dagster_home) for path in broken]


def _is_broken(path: Path) -> bool:
    if not path.is_file():
        return True
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
            stamped = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
            versions = 0
            if answer == "ok" and database.execute(stamped).fetchone() != (0,):
                (versions,) = database.execute("SELECT count(*) FROM alembic_version").fetchone()
    except sqlite3.OperationalError:  # locked or not to be opened: another matter than broken
        return False
    except sqlite3.DatabaseError:
        return True
    # Two processes that both began a database have each stamped it with its version, and Dagster reads it no more.
    return bool(answer != "ok" or versions > 1)
