"""The Dagster instance as a night opens it: Dagster's own, whose SQLite does not wait for the disk at each event.

A night tells Dagster of some thousand events, and SQLite makes each of them durable, in two databases. After a loss of
power the last events may then be missing from the UI; the databases are whole, and no table, ledger or release depends
on them. Imports Dagster; only what runs a night imports this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import sqlalchemy


@contextmanager
def open_instance(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    """Open the instance that lies in a folder, for a run of this process."""
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", _hurry)
    try:
        with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
            yield instance
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", _hurry)


def _hurry(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
