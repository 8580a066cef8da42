"""Which of Dagster's databases are set aside: those that SQLite finds broken, and no others."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from pipeline.dagster_home import set_broken_databases_aside


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
        assert set_broken_databases_aside(tmp_path) == []
    assert all(path.is_file() for path in whole)
    assert not (tmp_path / "set_aside").exists()


@pytest.mark.parametrize("damage", ["garbage", "cut", "a folder"])
def test_a_broken_database_is_set_aside_and_its_neighbours_stay(tmp_path, damage):
    whole, broken = database(tmp_path / "history/runs.db"), database(tmp_path / "schedules/schedules.db")
    content = broken.read_bytes()
    broken.unlink()
    if damage == "garbage":
        broken.write_bytes(b"not a database" * 1000)
    elif damage == "cut":
        broken.write_bytes(content[: len(content) // 2 + 100])
    else:
        broken.mkdir()
    (moved,) = set_broken_databases_aside(tmp_path)
    assert moved.name == "schedules.db"
    assert moved.is_relative_to(tmp_path / "set_aside")
    assert not broken.exists()
    assert whole.is_file()
    assert set_broken_databases_aside(tmp_path) == []
