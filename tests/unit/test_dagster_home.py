"""Which of Dagster's databases are moved away: those that SQLite finds broken, and no others."""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy

from pipeline.dagster_databases import make_databases
from pipeline.dagster_home import move_broken_databases_away, write_dagster_home
from pipeline.instance import RememberingSqlite, open_instance


def stamped(path: Path, *versions: str) -> Path:
    """A database that Dagster has begun, stamped with its version once by each process that began it."""
    with contextlib.closing(sqlite3.connect(database(path))) as one:
        one.execute("CREATE TABLE alembic_version (version_num TEXT)")
        one.executemany("INSERT INTO alembic_version VALUES (?)", [(version,) for version in versions])
        one.commit()
    return path


def database(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as one:
        one.execute("PRAGMA journal_mode = WAL")
        one.execute("CREATE TABLE runs (run_id TEXT, body TEXT)")
        one.executemany("INSERT INTO runs VALUES (?, ?)", [(str(n), "x" * 500) for n in range(200)])
        one.commit()
    return path


def test_whole_databases_stay_where_they_are(tmp_path):
    whole = [
        database(tmp_path / name) for name in ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
    ]
    (tmp_path / "history/new.db").touch()
    with contextlib.closing(sqlite3.connect(whole[0])) as in_use:
        in_use.execute("BEGIN IMMEDIATE")
        assert move_broken_databases_away(tmp_path) == []
    assert all(path.is_file() for path in whole)
    assert not (tmp_path / "broken_databases").exists()


def test_a_database_that_two_processes_began_is_moved_away_for_dagster_reads_it_no_more(tmp_path):
    stamped(tmp_path / "history/runs.db", "16689497301f")
    twice = stamped(tmp_path / "schedules/schedules.db", "16689497301f", "16689497301f")
    assert [moved.name for moved in move_broken_databases_away(tmp_path)] == [twice.name]


def test_databases_are_made_once_by_however_many_begin_at_the_same_time(tmp_path):
    dagster_home = write_dagster_home(tmp_path)
    with ThreadPoolExecutor() as several:
        list(several.map(make_databases, [dagster_home] * 4))
    for name in ("history/runs.db", "history/runs/index.db", "schedules/schedules.db"):
        with contextlib.closing(sqlite3.connect(dagster_home / name)) as one:
            assert one.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,), name
    assert move_broken_databases_away(dagster_home) == []


@pytest.mark.parametrize("damage", ["garbage", "cut", "a folder"])
def test_a_broken_database_is_moved_away_and_its_neighbours_stay(tmp_path, damage):
    whole, broken = database(tmp_path / "history/runs.db"), database(tmp_path / "schedules/schedules.db")
    content = broken.read_bytes()
    broken.unlink()
    if damage == "garbage":
        broken.write_bytes(b"not a database" * 1000)
    elif damage == "cut":
        broken.write_bytes(content[: len(content) // 2 + 100])
    else:
        broken.mkdir()
    (moved,) = move_broken_databases_away(tmp_path)
    assert moved.name == "schedules.db"
    assert moved.is_relative_to(tmp_path / "broken_databases")
    assert not broken.exists()
    assert whole.is_file()
    assert move_broken_databases_away(tmp_path) == []


def test_a_statement_is_compiled_once_however_many_events_a_night_has(tmp_path):
    with open_instance(write_dagster_home(tmp_path)) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("first"))
        compiled = set(RememberingSqlite.statements)
        assert compiled
        for name in ("second", "third"):
            instance.report_runless_asset_event(dg.AssetMaterialization(name))
        assert set(RememberingSqlite.statements) == compiled
        assert set(instance.get_asset_keys()) == {dg.AssetKey(name) for name in ("first", "second", "third")}
    assert not isinstance(sqlalchemy.create_engine("sqlite://").dialect, RememberingSqlite), "others have their own"


def test_a_file_is_opened_once_however_many_events_a_night_has_and_closed_behind_it(tmp_path):
    with open_instance(write_dagster_home(tmp_path)) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("first"))
        opened = set(RememberingSqlite.opened_by)
        assert opened
        for name in ("second", "third"):
            instance.report_runless_asset_event(dg.AssetMaterialization(name))
        assert set(RememberingSqlite.opened_by) == opened
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
    assert list((tmp_path / "dagster").rglob("*.db-wal")) == []
