"""Nights that end badly: killed, out of disk, two at once, cut short on the disk. Readers of `current` notice nothing.

`House.quick_night` is killed in a fork of this process, at chosen moves of a file into its place; the real job is
killed once, in a process of its own, while another waits for it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.night import FAILED, GOOD
from pipeline.settings import PROJECT_ROOT
from resources.files import DiskFullError, read_json
from resources.home import HomeError
from tests.house import EARLY, House, csv_text, read_until

LAYERS = ("validated", "candidates", "ledger", "rejects", "staging", "intermediate", "audits", "marts/built")
NEW = "grdp__2024-6M__2024-08-20.csv"
NEW_ROWS = csv_text(
    ("area_code", "sector_code", "period", "value_constant_bn", "value_current_bn", "estimate_stage"),
    *(
        ("94", sector, period, level, level, "estimate_2")
        for period, levels in (
            ("2023-6M", {"GRDP": 38000, "I": 15000, "II": 7000, "III": 14000, "TAX": 2000}),
            ("2024-6M", {"GRDP": 40700, "I": 15600, "II": 7700, "III": 15260, "TAX": 2140}),
        )
        for sector, level in levels.items()
    ),
)
WITHOUT_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
"""For a process whose files are cut short: Python would cut the bytecode of our modules too, and keep it."""
INSTANTS = (
    # a file moved into its place, and whether the kill comes just before or just after that
    ("receipt.json", "before"),
    ("seen.json", "before"),
    ("candidates/grdp.parquet", "after"),
    ("validated/grdp.json", "before"),
    ("ledger/grdp.parquet", "after"),
    ("staging/stg_grdp.parquet", "after"),
    ("marts/built/sector_growth_vs_target.json", "before"),
    (f"releases/{EARLY}-", "before"),
    (f"releases/{EARLY}-", "after"),
    ("marts/current", "after"),
)


def killed(house: House, place: str, when: str) -> bool:
    """Run a night that kills itself as it moves a file into a place; say whether it came to that."""
    child = os.fork()
    if child == 0:
        try:
            die_at(place, when)
            house.quick_night(EARLY)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def die_at(place: str, when: str) -> None:
    def dying(move: Any) -> Any:
        def moved(source: Any, target: Any, **options: Any) -> Any:
            is_here = place in str(target)
            if is_here and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            move(source, target, **options)
            if is_here:
                os.kill(os.getpid(), signal.SIGKILL)

        return moved

    os.replace, os.rename = dying(os.replace), dying(os.rename)


def test_a_night_killed_at_any_instant_leaves_a_whole_release_and_the_next_one_recovers_its_bytes(
    early_province: House, tmp_path: Path
) -> None:
    undisturbed, disturbed = early_province.copied_to(tmp_path / "a"), early_province.copied_to(tmp_path / "b")
    for one in (undisturbed, disturbed):
        one.deliver(NEW, NEW_ROWS)
    before, after = undisturbed.releases.current_id(), undisturbed.quick_night(EARLY).release_id
    assert before != after
    for place, when in INSTANTS:
        assert killed(disturbed, place, when), f"no night came to {place}"
        assert disturbed.releases.verify() == []
        assert disturbed.releases.current_id() == (after if place == "marts/current" else before)
    assert disturbed.quick_night(EARLY).release_id == after
    assert disturbed.digests(*LAYERS) == undisturbed.digests(*LAYERS)
    assert disturbed.releases.verify(after) == []


def test_notes_and_tables_that_were_cut_short_count_as_unbuilt(early_province_copy: House) -> None:
    whole, release_id = early_province_copy.digests(*LAYERS), early_province_copy.releases.current_id()
    root = early_province_copy.home.root
    for pattern in (
        "landing/grdp/seen.json", "landing/grdp/*/receipt.json", "raw/grdp/*.json", "candidates/grdp/*.json",
        "validated/grdp.json", "validated/investment_plan.parquet", "ledger/grdp.json", "staging/stg_grdp.json",
        "staging/stg_treasury_disbursement.parquet", "intermediate/int_sector_growth.json", "night.json",
        "marts/built/directive_scorecard.json", "marts/built/sector_growth_vs_target.parquet",
    ):  # fmt: skip
        found = sorted(root.glob(pattern))
        assert found, pattern
        os.truncate(found[0], found[0].stat().st_size // 2)
    outcome = early_province_copy.quick_night(EARLY)
    assert (outcome.exit_code, outcome.failures, outcome.release_id) == (GOOD, (), release_id)
    assert early_province_copy.digests(*LAYERS) == whole


@pytest.mark.parametrize("place", ["ledger", "marts/releases"])
def test_a_full_disk_ends_in_a_clear_sentence_and_leaves_the_last_release(
    early_province_copy: House, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    release_id = early_province_copy.releases.current_id()
    early_province_copy.deliver(NEW, NEW_ROWS)
    fsync = os.fsync

    def full(handle: int) -> None:
        if place in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DiskFullError, match=rf"written in .*{place}.*No space left.*Free space"):
            early_province_copy.quick_night(EARLY)
    assert early_province_copy.releases.current_id() == release_id
    assert early_province_copy.releases.verify() == []
    assert early_province_copy.quick_night(EARLY).release_id != release_id


@pytest.mark.parametrize("bytes_at_most", [20_000, 200])
def test_a_night_that_cannot_write_says_so_in_lines_without_a_traceback(
    early_province_copy: House, bytes_at_most: int
) -> None:
    """With 200 bytes there is no room for what people should be told either."""
    release_id = early_province_copy.releases.current_id()
    early_province_copy.deliver(NEW, NEW_ROWS)
    night = subprocess.run(
        [
            sys.executable,
            "-m",
            "pipeline",
            "nightly",
            "--inbox",
            str(early_province_copy.inbox),
            "--quiet",
            "--as-of",
            str(EARLY),
        ],
        cwd=PROJECT_ROOT,
        env={**os.environ, **WITHOUT_BYTECODE, "GROWTH_HOME": str(early_province_copy.home.root)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert night.returncode == FAILED
    first, last, *not_told = night.stderr.splitlines()
    assert "nothing more can be written in" in first
    assert "Free space" in first
    assert last == "The last good release stands."
    assert [line.partition(" ")[0] for line in not_told] == (["Not"] if bytes_at_most == 200 else [])
    assert early_province_copy.releases.current_id() == release_id


def test_a_run_that_waits_in_vain_for_another_is_refused_with_a_sentence(house: House) -> None:
    with (
        house.home.locked(),
        pytest.raises(HomeError, match=rf"process {os.getpid()}\) is writing in .* nothing was changed"),
        house.home.locked(patience_seconds=0),
    ):
        pass


def test_what_a_killed_run_left_half_made_is_removed_by_the_next_one_but_nothing_that_is_being_written(
    house: House,
) -> None:
    spilled = house.home.root / ".tmp-spill" / "duckdb_temp_storage.tmp"
    link, half, fresh = (house.home.marts / name for name in (".tmp-current-7", ".tmp-half", ".tmp-fresh"))
    spilled.parent.mkdir(parents=True)
    house.home.marts.mkdir()
    for path in (spilled, half, fresh):
        path.write_bytes(b"half")
    link.symlink_to(house.home.marts)
    for path in (spilled.parent, link, half):
        os.utime(path, (0, 0), follow_symlinks=False)
    with house.home.locked():
        assert sorted(path.name for path in house.home.root.rglob(".tmp-*")) == [".tmp-fresh"]


class Fallen(NamedTuple):
    """What came of the real job, started twice at once, when the one that was at work was killed.

    The one that waited goes on. In the instant in which it has left the home's lock it is stopped, until a third has
    landed a new file and was killed; a fourth is killed when it begins.
    """

    house: House
    killed: int
    releases_after_the_kill: list[str]
    waited: int
    said_who_waited: str
    digests: dict[str, str]
    night_of_the_second: dict[str, str]
    said_the_fourth: str


@pytest.fixture(scope="module")
def fallen(tmp_path_factory: pytest.TempPathFactory, early_inbox: list[Path]) -> Fallen:
    house = House(tmp_path_factory.mktemp("fallen"))
    for path in early_inbox:
        house.deliver(path.name, path.read_bytes())
    at_work = _nightly(house)
    read_until(at_work, "[1/")
    waiting = _nightly(house)
    said = read_until(waiting, "waiting for it to end")
    read_until(at_work, "raw/published_figures")
    _kill(at_work)
    left = [release.release_id for release in house.releases.all()]
    said += read_until(waiting, "[1/")
    with _stopped_as_it_leaves_the_lock(waiting, house):
        digests = house.digests(*LAYERS)
        house.deliver(NEW, NEW_ROWS)
        third = _nightly(house)
        read_until(third, "landing/grdp: 1 new")
        _kill(third)
    said += waiting.communicate()[0]
    night = read_json(house.home.root / "night.json")
    fourth = _nightly(house)
    said_the_fourth = read_until(fourth, "[1/")
    _kill(fourth)
    return Fallen(house, at_work.returncode, left, waiting.returncode, said, digests, night, said_the_fourth)


@contextlib.contextmanager
def _stopped_as_it_leaves_the_lock(night: subprocess.Popen[str], house: House) -> Iterator[None]:
    with (house.home.root / ".lock").open("r+") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.001)
            else:
                night.send_signal(signal.SIGSTOP)
                break
    try:
        yield
    finally:
        night.send_signal(signal.SIGCONT)


def _kill(night: subprocess.Popen[str]) -> None:
    night.kill()
    night.communicate()


def _nightly(house: House) -> subprocess.Popen[str]:
    return house.started("nightly", "--quiet", "--inbox", str(house.inbox), "--as-of", EARLY.isoformat())


def test_a_killed_job_publishes_nothing(fallen: Fallen) -> None:
    assert fallen.killed == -signal.SIGKILL
    assert fallen.releases_after_the_kill == []


def test_of_two_nights_at_once_one_waits_and_goes_on_when_the_other_dies(fallen: Fallen) -> None:
    assert fallen.waited == GOOD, fallen.said_who_waited
    assert len(fallen.house.releases.all()) == 1
    assert fallen.house.releases.verify() == []


def test_a_file_that_lands_in_the_instant_a_night_ends_is_news_for_the_next_one(fallen: Fallen) -> None:
    assert fallen.night_of_the_second["release_id"] == fallen.house.releases.current_id()
    assert "[1/" in fallen.said_the_fourth


def test_a_killed_run_is_shown_as_failed_by_the_next_one_and_a_living_one_never(fallen: Fallen) -> None:
    # The second one lived, stopped and without the lock, when the third began.
    runs = fallen.house.runs()
    assert list(runs.values()) == ["FAILURE", "SUCCESS", "FAILURE", "STARTED"]
    kept = [path.name for path in (fallen.house.home.dagster / "living_runs").iterdir()]
    assert kept == list(runs)[3:], "of a run that has ended, or was shown as failed, nothing is left"


def test_the_job_publishes_what_its_functions_give(fallen: Fallen, early_province: House) -> None:
    assert fallen.house.releases.current_id() == early_province.releases.current_id()
    assert fallen.digests == early_province.digests(*LAYERS)
