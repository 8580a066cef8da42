"""The Dagster instance as a night opens it: Dagster's own, whose SQLite neither waits for the disk at each event, nor
compiles its statements again, nor opens its files again.

A night tells Dagster of some thousand events, and SQLite makes each of them durable, in two databases. After a loss of
power the last events may then be missing from the UI; the databases are whole, and no table, ledger or release depends
on them. Dagster makes several engines for each event and throws them away, with the statements that they compiled and
the connections that they opened; here all of them share both. Imports Dagster; only what runs a night imports this.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy
from sqlalchemy.dialects import registry, sqlite

from pipeline.dagster_home import InstanceError, move_broken_databases_away
from resources.files import full_disk


class RememberingSqlite(sqlite.dialect):  # type: ignore[valid-type, misc]  # SQLAlchemy names its dialects by variables
    """SQLite, of which all engines keep compiled statements and open connections together.

    For that each dialect is taken for any other. A connection that was given back waits for the next engine that asks
    for the same file in the same way: to open and close one for each event cost more than the event itself, because
    SQLite empties its journal into the database whenever the last connection closes.
    """

    supports_statement_cache = True
    statements: dict[Any, Any] = {}  # noqa: RUF012  one for all is what it is for; a night has some fifty statements
    waiting: dict[Any, list[sqlite3.Connection]] = {}  # noqa: RUF012  as above
    opened_by: dict[sqlite3.Connection, Any] = {}  # noqa: RUF012  as above

    @classmethod
    def engine_created(cls, engine: sqlalchemy.Engine) -> None:
        """Let a new engine look for its statements among those of all."""
        engine.update_execution_options(compiled_cache=cls.statements)

    def on_connect_url(self, url: sqlalchemy.URL) -> None:
        """Do nothing more to a connection: SQLAlchemy would add regular expressions, which nothing here uses."""

    def connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        """Return a connection that waits, or else open one, which does not wait for the disk."""
        asked = (threading.get_ident(), arguments, tuple(sorted(options.items())))  # no thread may use another's
        if waiting := self.waiting.get(asked):
            return waiting.pop()
        connection: sqlite3.Connection = super().connect(*arguments, **options)
        connection.execute("PRAGMA synchronous = OFF")
        self.opened_by[connection] = asked
        return connection

    def do_close(self, connection: sqlite3.Connection) -> None:
        """Keep a connection for the next caller, if the one that asked for it is known."""
        if (asked := self.opened_by.get(connection)) is None:
            super().do_close(connection)
        else:
            self.waiting.setdefault(asked, []).append(connection)

    def do_terminate(self, connection: sqlite3.Connection) -> None:
        """Close a connection that is not to be used again."""
        self.opened_by.pop(connection, None)
        super().do_close(connection)

    @classmethod
    def close_all(cls) -> None:
        """Close what waits and was opened by this thread, and let no other connection wait from now on."""
        for asked, connections in cls.waiting.items():
            for connection in connections if asked[0] == threading.get_ident() else ():
                connection.close()
        cls.waiting.clear()
        cls.opened_by.clear()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


@contextmanager
def open_instance(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    """Open the instance that lies in a folder, for a run of this process.

    A database of SQLite that is broken is moved away and a new one begun: no figure depends on it. Raises InstanceError
    if a database elsewhere cannot be reached, or if `dagster.yaml` cannot be understood.
    """
    registry.register("sqlite", __name__, RememberingSqlite.__name__)
    try:
        with _opened(dagster_home) as instance:
            yield instance
    finally:
        registry.deregister("sqlite")
        RememberingSqlite.close_all()


def _opened(dagster_home: Path) -> dg.DagsterInstance:
    with (dagster_home / ".opening").open("a") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        try:
            return _looked_at(dagster_home)
        except Exception as error:  # each storage has errors of its own, and they share no class
            RememberingSqlite.close_all()  # those of a file that is moved would go on writing to it
            if not move_broken_databases_away(dagster_home):
                raise InstanceError(_unreachable(dagster_home, error)) from error
            return _looked_at(dagster_home)


def _looked_at(dagster_home: Path) -> dg.DagsterInstance:
    """Open an instance and read from each of its databases, so that one that is broken shows now."""
    instance = dg.DagsterInstance.from_config(str(dagster_home))
    instance.get_runs(limit=1)
    instance.fetch_materializations(dg.AssetKey("release"), limit=1)
    return instance


def _unreachable(dagster_home: Path, error: Exception) -> str:
    root: BaseException = error
    while (cause := root.__cause__ or root.__context__) is not None:
        root = cause
    why = " ".join(str(root).split())
    if isinstance(root, sqlite3.OperationalError) and "disk" in why:  # its words for no room
        return full_disk(dagster_home, why)
    if isinstance(root, ModuleNotFoundError) and root.name == "psycopg":
        # SQLAlchemy 2.1 takes psycopg by default (sqlalchemy/dialects/postgresql/__init__.py, 2.1.9); the servers' lock
        # holds psycopg2, which dagster-postgres 0.29 asks for.
        why = "under postgres_db the line `scheme: postgresql+psycopg2` is missing"
    elif isinstance(root, ModuleNotFoundError):
        why = f"{root}; install requirements-server.lock"
    return (
        f"Dagster's database, as {dagster_home / 'dagster.yaml'} names it, cannot be used: {why}. Start it, or correct "
        "that file or the variables of the environment that it names; the last good release stands."
    )
