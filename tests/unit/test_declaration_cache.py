"""What was read of the declarations is kept for the same bytes, and read anew for any others."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dbt_like_sql.declaration_cache import kept
from tests.checkout import Checkout


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[str, int]]:
    """Reads a folder by way of what is kept; gives what it says, and how often it has been read so far."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.yml").write_text("first", encoding="utf-8")
    times: list[str] = []

    def once() -> str:
        times.append(" ".join(path.read_text(encoding="utf-8") for path in sorted((tmp_path / "models").glob("*"))))
        return times[-1]

    return lambda: (kept("it", tmp_path, ["models"], str, once), len(times))


def test_the_same_files_are_read_once(read: Callable[[], tuple[str, int]]) -> None:
    assert [read(), read()] == [("first", 1), ("first", 1)]


def test_other_bytes_are_read_although_size_and_time_are_the_same(
    read: Callable[[], tuple[str, int]], tmp_path: Path
) -> None:
    read()
    file = tmp_path / "models" / "one.yml"
    times = file.stat()
    file.write_text("other", encoding="utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert read() == ("other", 2)


def test_a_file_more_and_one_less_are_seen(read: Callable[[], tuple[str, int]], tmp_path: Path) -> None:
    read()
    (tmp_path / "models" / "two.yml").write_text("second", encoding="utf-8")
    assert read() == ("first second", 2)
    (tmp_path / "models" / "one.yml").unlink()
    assert read() == ("second", 3)


@pytest.mark.parametrize("length", [0, 20, 32, 40])
def test_what_is_kept_and_broken_is_read_anew(read: Callable[[], tuple[str, int]], tmp_path: Path, length: int) -> None:
    read()
    (file,) = (tmp_path / "__pycache__").glob("*.pickle")
    file.write_bytes(file.read_bytes()[:length])
    assert read() == ("first", 2)


def test_nothing_is_kept_of_a_reading_that_fails(tmp_path: Path) -> None:
    def fails() -> str:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            kept("it", tmp_path, [], str, fails)
    assert list(tmp_path.rglob("*.pickle")) == []


def test_a_project_that_was_kept_says_what_one_that_is_read_says(checkout_copy: Checkout) -> None:
    say = (
        "from dataclasses import fields; from dbt_like_sql.project import load_project as load; project = load();"
        "print([repr(getattr(project, one.name)) for one in fields(project)]);"
        "print(project.phrases.period('2024-03', 'vi'))"
    )
    folder = checkout_copy.folder / "dbt_like_sql" / "__pycache__"
    for copied in folder.glob("*.pickle"):
        copied.unlink()
    said = []
    for unwritten in ("1", "", ""):
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": unwritten}
        said.append(subprocess.check_output([sys.executable, "-c", say], cwd=checkout_copy.folder, env=environment))
        is_kept = list(folder.glob("*.pickle")) != []
        assert is_kept is (unwritten == "")
    assert said[0] == said[1] == said[2]
