"""A home is backed up while nights run, and restored elsewhere with the same release."""

from __future__ import annotations

import datetime as dt
import tarfile
from pathlib import Path

import pytest

from tests.house import EARLY, House, csv_text

GRDP = csv_text(
    ("area_code", "sector_code", "period", "value_constant_bn"),
    ("94", "CON", "2023-6M", "2000"),
    ("94", "CON", "2024-6M", "2600"),
)


NEXT_DAY = EARLY + dt.timedelta(days=1)


@pytest.fixture(scope="module")
def house(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A home with two releases, the later one with a second delivery."""
    made = after_an_empty_night.copied_to(tmp_path_factory.mktemp("backup"))
    made.deliver("grdp__2024-6M__2024-08-20.csv", GRDP)
    assert made.quick_night(NEXT_DAY).failures == ()
    assert len(made.releases.all()) == 2
    return made


def restored(backup: Path, place: Path) -> House:
    house = House(place)
    result = house.command("restore", str(backup))
    assert result.returncode == 0, result.stderr
    return house


@pytest.mark.parametrize("name", ["home.tar", "home.tar.gz"])
def test_a_restored_home_has_the_same_releases_and_makes_the_same_one_again(house, tmp_path, name):
    made = house.command("backup", str(tmp_path / name))
    assert made.returncode == 0, made.stderr
    again = restored(tmp_path / name, tmp_path / "elsewhere")
    assert [r.release_id for r in again.releases.all()] == [r.release_id for r in house.releases.all()]
    assert again.releases.current_id() == house.releases.current_id()
    assert again.command("release", "verify").returncode == 0
    assert again.releases.journal()[: len(house.releases.journal())] == house.releases.journal()
    if name == "home.tar":
        outcome = again.quick_night(NEXT_DAY)  # its inbox is empty: everything comes from landing
        assert (outcome.failures, outcome.release_id) == ((), house.releases.current_id())


def test_a_backup_made_while_a_night_runs_is_whole(house, tmp_path):
    busy = house.copied_to(tmp_path / "busy")
    busy.deliver("grdp__2024-6M__2024-08-21.csv", GRDP.replace("2600", "2601"))
    night = busy.started(
        "nightly", "--quiet", "--inbox", str(busy.inbox), "--as-of", str(NEXT_DAY + dt.timedelta(days=1))
    )
    number = 0
    while night.poll() is None or number == 0:
        backup = tmp_path / f"{number}.tar"
        assert busy.command("backup", str(backup)).returncode == 0
        again = restored(backup, tmp_path / f"restored-{number}")
        assert again.command("release", "verify").returncode == 0
        number += 1
    night.communicate()
    assert night.returncode in (0, 3)


@pytest.mark.parametrize("fault", ["cut", "changed", "no backup", "absent"])
def test_a_file_that_is_no_whole_backup_leaves_nothing_behind(house, tmp_path, fault):
    path = tmp_path / "home.tar"
    assert house.command("backup", str(path)).returncode == 0
    content = path.read_bytes()
    if fault == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif fault == "changed":
        with tarfile.open(path) as archive:
            member = next(m for m in archive if m.name.startswith("landing/") and m.name.endswith(".csv"))
        path.write_bytes(content[: member.offset_data] + b"?" + content[member.offset_data + 1 :])
    elif fault == "no backup":
        path.write_text("nothing of ours", encoding="utf-8")
    else:
        path.unlink()
    other = House(tmp_path / "elsewhere")
    result = other.command("restore", str(path))
    assert result.returncode == 2
    assert str(path) in result.stderr
    assert "Traceback" not in result.stderr
    assert not other.home.root.exists() or list(other.home.root.iterdir()) == []


def test_a_home_that_is_not_empty_is_not_overwritten_and_an_empty_one_is_not_backed_up(house, tmp_path):
    path = tmp_path / "home.tar"
    assert house.command("backup", str(path)).returncode == 0
    refused = house.command("restore", str(path))
    assert (refused.returncode, "is not empty" in refused.stderr) == (2, True)
    nothing = House(tmp_path / "nothing").command("backup", str(tmp_path / "nothing.tar"))
    assert (nothing.returncode, "nothing to back up" in nothing.stderr) == (2, True)
    assert not (tmp_path / "nothing.tar").exists()
