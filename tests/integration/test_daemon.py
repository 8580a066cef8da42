"""Nights that nobody types: started by the schedule, by the sensor and by a click, all through one real UI and daemon.

The schedule is switched on with a clock that is a day late. So 02:30 has gone by when the daemon starts, and the
night is due by the daemon's own, true clock: it is made up for at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from pipeline.settings import PROJECT_ROOT
from resources.files import read_json
from resources.home import today
from tests.house import PUBLISHED, House, csv_text, read_until
from tests.integration.test_ui import free_port

FAKETIME = shutil.which("faketime")
PATIENCE_SECONDS = 600
GOOD_FILE, BROKEN_FILE = "grdp__2024__2025-02-01.csv", "grdp__2023__2025-02-01.csv"
GOOD_ROWS = csv_text(
    ("area_code", "sector_code", "period", "value_constant_bn"),
    ("94", "CON", "2023", "2000"),
    ("94", "CON", "2024", "2600"),
)
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "provincial_growth"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed here (Debian: apt-get install faketime)"),
]
T = TypeVar("T")


class Run(NamedTuple):
    """A run as the UI shows it; `started_by` is the schedule or sensor that asked for it."""

    run_id: str
    status: str
    started_by: str
    run_config: str


class Left(NamedTuple):
    """What a night left in the home, and what the command says when it is asked for another one."""

    run: Run
    release_id: str | None
    night: dict[str, str]
    home: dict[str, str]
    day: str
    said_the_command: str


class Nights(NamedTuple):
    """What was seen from the start of the UI to its end."""

    house: House
    dead: Run
    of_the_schedule: Left
    first_tick_of_the_sensor: dict[str, Any]
    of_the_sensor: Left
    of_a_click: Left


class Ui:
    """The UI and daemon of a home, asked as the browser asks."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port, self.process, self.log = port, process, log

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            content: dict[str, Any] = json.load(answer)
        assert "errors" not in content, content
        return content["data"]  # type: ignore[no-any-return]  # JSON as the server sent it

    def wait_for(self, look: Callable[[], T | None], what: str) -> T:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()[-5000:]
            try:
                if (found := look()) is not None:
                    return found
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.5)
        pytest.fail(f"{what}: not seen in {PATIENCE_SECONDS} s\n{self.log.read_text()[-5000:]}")

    def runs(self) -> list[Run]:
        query = "{ runsOrError { ... on Runs { results { runId status runConfigYaml tags { key value } } } } }"
        return [
            Run(
                run["runId"],
                run["status"],
                next((t["value"] for t in run["tags"] if t["key"].endswith(("/schedule_name", "/sensor_name"))), ""),
                run["runConfigYaml"],
            )
            for run in self.ask(query)["runsOrError"]["results"]
        ]

    def ended(self, wanted: Callable[[Run], bool], what: str) -> Run:
        def look() -> Run | None:
            return next((r for r in self.runs() if wanted(r) and r.status in ("SUCCESS", "FAILURE")), None)

        return self.wait_for(look, what)

    def switch_on(self, sensor: str) -> None:
        mutation = """mutation($selector: SensorSelector!) {
            startSensor(sensorSelector: $selector) { __typename } }"""
        assert self.ask(mutation, selector=REPOSITORY | {"sensorName": sensor})["startSensor"] == {
            "__typename": "Sensor"
        }

    def first_tick(self, sensor: str) -> dict[str, Any]:
        query = """query($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) {
            ... on Sensor { sensorState { ticks { status skipReason runIds } } } } }"""

        def look() -> dict[str, Any] | None:
            answer = self.ask(query, selector=REPOSITORY | {"sensorName": sensor})["sensorOrError"]
            ended = [tick for tick in answer["sensorState"]["ticks"] if tick["status"] != "STARTED"]
            return ended[-1] if ended else None

        return self.wait_for(look, f"a tick of {sensor}")

    def click(self, job: str) -> str:
        mutation = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
            __typename ... on LaunchRunSuccess { run { runId } } } }"""
        params = {"selector": REPOSITORY | {"pipelineName": job}, "runConfigData": {}}
        launched: str = self.ask(mutation, params=params)["launchRun"]["run"]["runId"]
        return launched


@contextlib.contextmanager
def ui_of(house: House) -> Iterator[Ui]:
    port, log = free_port(), house.root / "ui.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "ui", "--port", str(port)],
            cwd=PROJECT_ROOT,
            env={**os.environ, "GROWTH_HOME": str(house.home.root)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Ui(port, process, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # our own session: the server and what it started
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:  # on a busy machine; how it ends is not what is looked at here
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


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


def left_by(house: House, run: Run) -> Left:
    night = read_json(house.home.root / "night.json") or {}
    said = house.command("nightly", "--quiet").stdout if night.get("release_id") else ""
    return Left(run, house.releases.current_id(), night, house.home.note(), today().isoformat(), said)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    house = House(tmp_path_factory.mktemp("daemon"))
    own_inbox = House(house.home.root)  # nobody names another one
    own_inbox.deliver(PUBLISHED.name, PUBLISHED.read_bytes())
    killed = house.started("nightly", "--quiet")
    read_until(killed, "raw/published_figures")
    killed.kill()
    killed.communicate()
    (dead,) = house.runs()
    switch_on_a_day_ago(house, "every_night")
    with ui_of(house) as ui:
        shown = ui.ended(lambda run: run.run_id == dead, "the end of the killed run")
        of_the_schedule = left_by(
            house, ui.ended(lambda run: run.started_by == "every_night", "the night of the schedule")
        )
        ui.switch_on("new_in_the_inbox")
        first_tick = ui.first_tick("new_in_the_inbox")
        for name, content in ((GOOD_FILE, GOOD_ROWS), (BROKEN_FILE, "area_code,sector_code\n94,GRDP\n")):
            own_inbox.deliver(name, content, folder=".grdp")
        (own_inbox.inbox / ".grdp").rename(own_inbox.inbox / "grdp")  # both at once
        of_the_sensor = left_by(
            house, ui.ended(lambda run: run.started_by == "new_in_the_inbox", "the night of the sensor")
        )
        (house.home.root / "night.json").unlink()
        clicked = ui.click("nightly")
        of_a_click = left_by(house, ui.ended(lambda run: run.run_id == clicked, "the night of the click"))
    return Nights(house, shown, of_the_schedule, first_tick, of_the_sensor, of_a_click)


def test_a_killed_command_is_shown_as_failed_and_keeps_no_night_waiting(nights: Nights) -> None:
    assert nights.dead.status == "FAILURE"
    assert nights.of_the_schedule.run.status == "SUCCESS"


def test_a_night_that_is_due_publishes(nights: Nights) -> None:
    assert nights.of_the_schedule.run.status == "SUCCESS"
    assert nights.of_the_schedule.release_id is not None


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


@pytest.mark.parametrize("way", ["of_the_schedule", "of_the_sensor", "of_a_click"])
def test_every_night_is_remembered_as_one_of_the_command_is(nights: Nights, way: str) -> None:
    left: Left = getattr(nights, way)
    assert left.run.status == "SUCCESS"
    assert left.run.run_config.strip() == "{}", "no night needs a configuration"
    assert (left.night["release_id"], left.night["as_of"]) == (left.release_id, left.day)
    assert left.home["as_of"] == left.day
    assert left.home["holds"] == "deliveries"
    assert left.said_the_command.startswith("No news: ")
