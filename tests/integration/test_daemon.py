"""Nights that nobody types: started by the schedule, by the sensor and by a click, all through one real UI and daemon.

The schedule is switched on with a clock that is a day late. So 02:30 has gone by when the daemon starts, and the
night is due by the daemon's own, true clock: it is made up for at once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.settings import PROJECT_ROOT
from resources.files import read_json
from resources.home import today
from tests.house import House, csv_text, read_until
from tests.running_ui import PATIENCE_SECONDS, UiRun, ui_of

FAKETIME = shutil.which("faketime")
YESTERDAY = today() - dt.timedelta(days=1)
"""What was released then changes nothing of earlier days, and so costs the least."""
FIRST_FILE = f"grdp__2022__{YESTERDAY}.csv"
GOOD_FILE, BROKEN_FILE = f"grdp__2024__{YESTERDAY}.csv", f"grdp__2023__{YESTERDAY}.csv"
HEADER = ("area_code", "sector_code", "period", "value_constant_bn")
FIRST_ROWS = csv_text(HEADER, ("94", "CON", "2021", "1800"), ("94", "CON", "2022", "1900"))
GOOD_ROWS = csv_text(HEADER, ("94", "CON", "2023", "2000"), ("94", "CON", "2024", "2600"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed here (Debian: apt-get install faketime)"),
]


class Left(NamedTuple):
    """What a night left in the home, and what the command says when it is asked for another one."""

    run: UiRun
    release_id: str | None
    night: dict[str, str]
    home: dict[str, str]
    day: str
    said_the_command: str


class Nights(NamedTuple):
    """What was seen from the start of the UI to its end."""

    house: House
    release_of_yesterday: str | None
    dead: UiRun
    of_the_schedule: Left
    first_tick_of_the_sensor: dict[str, Any]
    of_the_sensor: Left
    release_after_the_broken_file: dict[str, Any]
    errors_of_that_run: list[str]
    of_a_click: Left


def switch_on_a_day_ago(house: House, schedule: str) -> None:
    assert FAKETIME is not None
    command = subprocess.Popen(
        [FAKETIME, "-f", "-24h", sys.executable, "-m", "dagster", "schedule", "start", schedule],
        cwd=PROJECT_ROOT,
        env={**os.environ, "GROWTH_HOME": str(house.home.root), "DAGSTER_HOME": str(house.home.dagster)},
        start_new_session=True,
    )
    assert command.wait(timeout=PATIENCE_SECONDS) == 0
    # The code server that the command asked ends itself when it hears no more of it, but not by a false clock.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(command.pid, signal.SIGKILL)


def left_by(house: House, run: UiRun) -> Left:
    night = read_json(house.home.root / "night.json") or {}
    said = house.command("nightly", "--quiet").stdout if night.get("release_id") else ""
    return Left(run, house.releases.current_id(), night, house.home.note(), today().isoformat(), said)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, served_since_yesterday: Callable[[Path], House]) -> Nights:
    house = served_since_yesterday(tmp_path_factory.mktemp("daemon"))
    of_yesterday = house.releases.current_id()
    own_inbox = House(house.home.root)  # nobody names another one
    own_inbox.deliver(FIRST_FILE, FIRST_ROWS)
    killed = house.started("nightly", "--quiet")
    read_until(killed, "raw/grdp")
    killed.kill()
    killed.communicate()
    (dead,) = house.runs()
    switch_on_a_day_ago(house, "every_night")
    with ui_of(house) as ui:
        shown = ui.ended(lambda run: run.run_id == dead, "the end of the killed run")
        of_the_schedule = left_by(
            house, ui.ended(lambda run: run.started_by == "every_night", "the night of the schedule")
        )
        assert ui.switch_on("new_in_the_inbox") == "Sensor"
        first_tick = ui.first_tick("new_in_the_inbox")
        for name, content in ((GOOD_FILE, GOOD_ROWS), (BROKEN_FILE, "area_code,sector_code\n94,GRDP\n")):
            own_inbox.deliver(name, content, folder=".grdp")
        shutil.rmtree(own_inbox.inbox / "grdp")  # what it held has landed
        (own_inbox.inbox / ".grdp").rename(own_inbox.inbox / "grdp")  # both at once
        of_the_sensor = left_by(
            house, ui.ended(lambda run: run.started_by == "new_in_the_inbox", "the night of the sensor")
        )
        release, errors = ui.release(), ui.lines_of(of_the_sensor.run.run_id, "ERROR")
        (house.home.root / "night.json").unlink()
        clicked = ui.click("nightly")
        of_a_click = left_by(house, ui.ended(lambda run: run.run_id == clicked, "the night of the click"))
    return Nights(house, of_yesterday, shown, of_the_schedule, first_tick, of_the_sensor, release, errors, of_a_click)


def test_a_killed_command_is_shown_as_failed_and_keeps_no_night_waiting(nights: Nights) -> None:
    assert nights.dead.status == "FAILURE"
    assert nights.of_the_schedule.run.status == "SUCCESS"


def test_a_night_that_is_due_publishes(nights: Nights) -> None:
    assert nights.of_the_schedule.run.status == "SUCCESS"
    assert nights.of_the_schedule.release_id not in (None, nights.release_of_yesterday)


def test_a_sensor_that_is_switched_on_starts_nothing_when_nothing_is_new(nights: Nights) -> None:
    tick = nights.first_tick_of_the_sensor
    assert (tick["status"], tick["runIds"]) == ("SKIPPED", [])
    assert tick["skipReason"].startswith("Nothing new in ")


def test_a_good_and_a_broken_file_in_the_inbox_both_land_and_the_good_one_is_published(nights: Nights) -> None:
    assert nights.of_the_sensor.run.status == "SUCCESS"
    assert nights.of_the_sensor.release_id != nights.of_the_schedule.release_id
    assert nights.house.delivery(GOOD_FILE)["status"] == "accepted"
    assert nights.house.delivery(BROKEN_FILE)["status"] == "rejected"
    levels = [row for row in nights.house.mart("sector_growth_vs_target") if row["sector_code"] == "CON"]
    assert Decimal(2600) in {row["level_constant_bn"] for row in levels}


def test_a_refused_delivery_is_seen_on_the_release_on_the_run_and_as_a_failed_check(nights: Nights) -> None:
    (made,), checks = (
        nights.release_after_the_broken_file["assetMaterializations"],
        nights.release_after_the_broken_file["assetChecksOrError"]["checks"],
    )
    run_id = nights.of_the_sensor.run.run_id
    assert made["runId"] == run_id
    (table,) = [one["table"] for one in made["metadataEntries"] if one["label"] == "not_in_the_figures"]
    (row,) = [{head.strip(): cell for head, cell in json.loads(one).items()} for one in table["records"]]
    assert (row["status"], row["delivery"], row["feed"]) == ("rejected", BROKEN_FILE, "grdp")
    assert "2724-UBND-TH" in row["touches"]
    ((name, verdict),) = [(one["name"], one["executionForLatestMaterialization"]) for one in checks]
    assert name == "deliveries_are_in_the_figures"
    assert (verdict["status"], verdict["runId"], verdict["evaluation"]["severity"]) == ("FAILED", run_id, "ERROR")
    assert BROKEN_FILE in verdict["evaluation"]["description"]
    (line,) = nights.errors_of_that_run
    assert line.startswith(f"rejected: grdp, {BROKEN_FILE}: ")
    assert "Evidence of " in line
    assert "2724-UBND-TH GRDP" in line


@pytest.mark.parametrize("way", ["of_the_schedule", "of_the_sensor", "of_a_click"])
def test_every_night_is_remembered_as_one_of_the_command_is(nights: Nights, way: str) -> None:
    left: Left = getattr(nights, way)
    assert left.run.status == "SUCCESS"
    assert left.run.run_config.strip() == "{}", "no night needs a configuration"
    assert (left.night["release_id"], left.night["as_of"]) == (left.release_id, left.day)
    assert left.home["as_of"] == left.day
    assert left.home["holds"] == "deliveries"
    assert left.said_the_command.startswith("Nothing new: ")
