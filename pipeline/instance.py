"""The Dagster instance as the night opens it: the files of the committed template, through connections that stay open.

Dagster's SQLite storage opens an engine and a connection for each event. SQLAlchemy then compiles every statement
anew, and SQLite, whose last connection is gone each time, copies its log into the database, makes both durable and
deletes the log: some 15,000 waits for the disk and half the processor time of a graph of 170 assets. Here each
database keeps its engine and its one connection for as long as the instance lives. The files are Dagster's own and
hold the same rows, so the UI, the daemon and whatever else opens the instance read them with Dagster's classes.

Imports Dagster; only what runs a night imports this.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

TOLD_EVERY_SECONDS = 1.0
"""How often a page of the UI that watches the run learns of what was written."""


def open_instance(dagster_home: Path) -> dg.DagsterInstance:
    """Open the instance that lies in a folder, for a run of this process. The caller closes it."""
    storage = {
        "custom": {
            "module": OpenStorage.__module__,
            "class": OpenStorage.__name__,
            "config": {"base_dir": str(dagster_home)},
        }
    }
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(dagster_home), overrides={"storage": storage}))


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's event log; its databases stay open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._open: dict[str, sqlalchemy.Engine] = {}
        self._told: dict[str, float] = {}
        self._tables: dict[str, bool] = {}
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            engine = self._open.get(shard)
            if engine is None:
                engine = self._open[shard] = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection
            self._tell(shard)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table. Every step asks, and tables do not come and go."""
        if table_name not in self._tables:
            self._tables[table_name] = super().has_table(table_name)
        return self._tables[table_name]

    def _tell(self, shard: str) -> None:
        """Let those who watch the database's file, as the UI does, see now and then that there is something new."""
        now = time.monotonic()
        if now - self._told.get(shard, 0.0) > TOLD_EVERY_SECONDS:
            self._told[shard] = now
            os.utime(self.path_for_shard(shard))

    def dispose(self) -> None:
        """Close the databases, each with its log copied into it."""
        super().dispose()
        with self._db_lock:
            for shard, engine in self._open.items():
                engine.dispose()
                os.utime(self.path_for_shard(shard))
            self._open.clear()


class OpenRuns(SqliteRunStorage):
    """Dagster's list of runs; its database stays open."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(conn_string, inst_data)
        self._alone = threading.RLock()
        self._engine = _engine(conn_string)

    @contextmanager
    def connect(self) -> Iterator[sqlalchemy.Connection]:
        """Give the connection to one caller at a time."""
        with self._alone, self._engine.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Close the database."""
        super().dispose()
        self._engine.dispose()


class OpenStorage(DagsterSqliteStorage):
    """Dagster's storage in SQLite, for one process that writes a lot."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        folder = Path(base_dir)
        self._run_storage = OpenRuns.from_local(str(folder / "history"))
        self._event_log_storage = OpenEventLog(str(folder / "history" / "runs"))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> OpenStorage:
        """Make the storage that a configuration asks for (Dagster's own method makes Dagster's own class)."""
        return cls(config_value["base_dir"], inst_data)


def _engine(address: str) -> sqlalchemy.Engine:
    """An engine whose connections write their log without waiting for the disk at each event.

    After a loss of power the last events may be missing; the database is whole, and no table, ledger or release
    depends on it.
    """
    engine = sqlalchemy.create_engine(
        address, pool_size=2, max_overflow=0, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
    )

    @sqlalchemy.event.listens_for(engine, "connect")
    def _hurry(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine
