"""Runs and the processes that run them: one whose process is gone is shown as failed, and stops nobody.

Dagster notes that a run has started, and learns no more of it when its process is killed. So each run holds a file of
its own, locked for as long as its process lives; the kernel frees it. Whoever comes next finds files that nobody holds.

What such a run had planned and not reported is noted (`resources.unreported_assets`).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from resources.files import TEMPORARY
from resources.home import Home
from resources.unreported_assets import owe

if TYPE_CHECKING:
    import dagster as dg

DIED = (
    "The process of this run is gone: it was killed, or the machine stopped. Nothing half-done was published, the last "
    "good release stands; start the night again."
)

_held: dict[Path, IO[str]] = {}
"""Files of the runs of this process: open until it ends, because a run reports on when its work is done."""


def hold_for_life(home: Home, run_id: str) -> None:
    """Show that a run lives, until the process that calls this ends or lets go of it."""
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    # Under its own name only once it is locked: else somebody could find it unheld.
    unfinished = folder / f"{TEMPORARY}{run_id}"
    file = unfinished.open("w", encoding="utf-8")
    file.write(str(os.getpid()))
    file.flush()
    fcntl.flock(file, fcntl.LOCK_EX)
    _held[unfinished.rename(folder / run_id)] = file


def let_go(home: Home, run_id: str) -> None:
    """Remove the file of a run that has ended and has reported its end to Dagster."""
    path = _folder(home) / run_id
    path.unlink(missing_ok=True)
    if file := _held.pop(path, None):
        file.close()


def some_may_be_dead(home: Home) -> bool:
    """Whether processes are gone whose runs may not have ended; asked without Dagster."""
    for path in _files(home):
        with _unheld(path) as is_unheld:
            if is_unheld:
                return True
    return False


def report_dead_runs(instance: dg.DagsterInstance, home: Home) -> list[str]:
    """Mark the runs that died as failed, note what ended runs left unreported, and return the ids of the dead.

    Files of runs that the instance does not know stay: they are those of another one.
    """
    dead = []
    for path in _files(home):
        with _unheld(path) as is_unheld:
            run = instance.get_run_by_id(path.name) if is_unheld else None
            if run is None:
                continue
            if not run.is_finished:
                # Undocumented, and nothing documented does this for a run that was not launched by the instance.
                instance.report_run_failed(run, DIED)
                dead.append(run.run_id)
            note_unreported(instance, home, run.run_id)
            path.unlink(missing_ok=True)
    return dead


def note_unreported(instance: dg.DagsterInstance, home: Home, run_id: str) -> None:
    """Note the assets that an ended run planned and did not report, or of which it left a check unreported."""
    if left := _unreported_in(instance, run_id):
        owe(home, run_id, left)


def _unreported_in(instance: dg.DagsterInstance, run_id: str) -> set[str]:
    import dagster as dg  # a night with nothing new must not pay for it

    plans = {dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
    reports = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
    planned: set[tuple[str, str]] = set()
    reported: set[tuple[str, str]] = set()
    for entry in instance.all_logs(run_id, of_type=plans | reports):
        event = entry.dagster_event
        if event is None:
            continue
        data: Any = event.event_specific_data
        is_check = event.event_type_value.startswith("ASSET_CHECK")
        key: Any = data.asset_key if is_check else event.asset_key
        one = ("/".join(key.path), data.check_name if is_check else "")
        (planned if event.event_type in plans else reported).add(one)
    return {name for name, _ in planned - reported}


def _folder(home: Home) -> Path:
    return home.dagster / "living_runs"


def _files(home: Home) -> list[Path]:
    return sorted(path for path in _folder(home).glob("*") if not path.name.startswith(TEMPORARY))


@contextmanager
def _unheld(path: Path) -> Iterator[bool]:
    """Say whether nobody holds a file, and keep it from others who ask until that is dealt with."""
    try:
        file = path.open("r+", encoding="utf-8")
    except FileNotFoundError:  # another one has dealt with it
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield path.exists()
