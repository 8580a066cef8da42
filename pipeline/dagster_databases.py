"""Makes Dagster's databases before the servers that share them begin."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def make_databases(dagster_home: Path) -> None:
    """Make Dagster's databases where there are none yet, in a process of its own.

    Dagster makes them where it first opens them, and two processes that do so at the same time leave one that it never
    reads again. A server that opened them itself would keep all of Dagster in memory. Raises InstanceError if a
    database cannot be reached.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as other:
        other.submit(_open_once, dagster_home).result()


def _open_once(dagster_home: Path) -> None:
    from pipeline.instance import open_instance

    with open_instance(dagster_home):
        pass
