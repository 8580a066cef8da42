"""Notes of a home that are cut, foreign or in the way: nothing is forgotten, and what is derived is written again."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resources.files import out_of_reach, read_json, write_json
from resources.home import Home, HomeError
from resources.releases import ReleaseStore
from tests.house import AS_OF


@pytest.fixture
def marts(tmp_path: Path) -> dict[str, Path]:
    """One mart as it was built."""
    path = tmp_path / "mart.parquet"
    pq.write_table(pa.table({"number": [1]}), path)
    return {"mart": path}


@pytest.mark.parametrize("broken", [b"", b'{"holds": "sam', b"[1]", b"\xff\xfe{", b'{"holds": 5}', None])
def test_a_home_whose_note_is_broken_still_knows_what_it_holds(tmp_path: Path, broken: bytes | None) -> None:
    home = Home(tmp_path)
    home.remember(holds="samples", area="94")
    note = tmp_path / "home.json"
    note.unlink()
    if broken is None:
        note.mkdir()
    else:
        note.write_bytes(broken)
    assert home.note() == {"holds": "samples", "area": "94"}
    (tmp_path / "inbox").mkdir()
    with pytest.raises(HomeError, match=r"holds the samples and refuses"):
        home.accept_inbox(tmp_path / "inbox")
    home.remember(as_of="2025-02-10")
    assert read_json(note) == {"holds": "samples", "area": "94", "as_of": "2025-02-10"}


def test_a_broken_note_without_a_copy_ends_in_a_sentence_and_one_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    note = tmp_path / "home.json"
    note.write_bytes(b'{"hol')
    with pytest.raises(HomeError, match=r"home.json cannot be understood.*Restore it from a backup"):
        Home(tmp_path).note()
    note.write_bytes(b'\xef\xbb\xbf{"holds": "samples"}')
    assert Home(tmp_path).holds == "samples"


def test_a_folder_where_a_note_belongs_gives_way(tmp_path: Path) -> None:
    (tmp_path / "night.json" / "in").mkdir(parents=True)
    assert read_json(tmp_path / "night.json") is None
    write_json(tmp_path / "night.json", {"a": 1})
    assert read_json(tmp_path / "night.json") == {"a": 1}


def test_an_entry_after_a_line_that_was_cut_is_not_lost_with_it(tmp_path: Path, marts: dict[str, Path]) -> None:
    store = ReleaseStore(tmp_path / "marts")
    release_id, _ = store.publish(marts, {}, AS_OF)
    journal = store.root / "journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b'\xff{"at": 1, "action": [], "release_id": {}}\n{"at": "2025')
    store.tag(release_id, "for the congress")
    assert store.tags() == {release_id: ["for the congress"]}
    assert [entry["action"] for entry in store.journal()] == ["publish", "tag"]


@pytest.mark.parametrize("where", ["current", "releases/{}/mart.parquet", "releases/{}/manifest.json"])
def test_a_folder_in_the_place_of_what_is_published_is_mended(
    tmp_path: Path, marts: dict[str, Path], where: str
) -> None:
    store = ReleaseStore(tmp_path / "marts")
    release_id, _ = store.publish(marts, {}, AS_OF)
    place = store.root / where.format(release_id)
    place.unlink()
    (place / "in").mkdir(parents=True)
    assert store.publish(marts, {}, AS_OF)[0] == release_id
    assert store.current_id() == release_id
    assert store.verify() == []


def test_what_is_released_is_readable_whatever_the_umask(tmp_path: Path, marts: dict[str, Path]) -> None:
    before = os.umask(0o077)
    try:
        release_id, _ = ReleaseStore(tmp_path / "marts").publish(marts, {}, AS_OF)
    finally:
        os.umask(before)
    place = tmp_path / "marts" / "releases" / release_id
    for folder in (place, place.parent, place.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o755
    for path in place.iterdir():
        assert path.stat().st_mode & 0o777 == 0o644, path


@pytest.mark.parametrize(
    ("number", "step"),
    [(errno.EROFS, "Mount its disk for writing"), (errno.EACCES, "Let the user"), (errno.ENOTDIR, "Move away what")],
)
def test_a_place_out_of_reach_is_told_in_a_sentence_with_what_to_do(number: int, step: str) -> None:
    said = out_of_reach(OSError(number, os.strerror(number), "/srv/growth/raw"))
    assert said.startswith(f"/srv/growth/raw cannot be used ({os.strerror(number)}). {step}")
