"""The UI of a home, started as a user starts it and asked as the browser asks."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.house import House
from tests.ports import free_port

PATIENCE_SECONDS = 600
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "provincial_growth"}
T = TypeVar("T")


class UiRun(NamedTuple):
    """A run as the UI shows it; `started_by` is the schedule or sensor that asked for it."""

    run_id: str
    status: str
    started_by: str
    run_config: str


class Ui:
    """The UI and daemon of a home, asked as the browser asks."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path, prefix: str = "") -> None:
        self.port, self.process, self.log, self.prefix = port, process, log, prefix

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{self.prefix}/graphql",
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

    def runs(self) -> list[UiRun]:
        query = "{ runsOrError { ... on Runs { results { runId status runConfigYaml tags { key value } } } } }"
        return [
            UiRun(
                run["runId"],
                run["status"],
                next((t["value"] for t in run["tags"] if t["key"].endswith(("/schedule_name", "/sensor_name"))), ""),
                run["runConfigYaml"],
            )
            for run in self.ask(query)["runsOrError"]["results"]
        ]

    def ended(self, wanted: Callable[[UiRun], bool], what: str) -> UiRun:
        def look() -> UiRun | None:
            return next((r for r in self.runs() if wanted(r) and r.status in ("SUCCESS", "FAILURE")), None)

        return self.wait_for(look, what)

    def switch_on(self, sensor: str) -> str:
        """Ask for a sensor to be switched on; return what the UI answers: `Sensor`, or why not."""
        mutation = """mutation($selector: SensorSelector!) {
            startSensor(sensorSelector: $selector) { __typename } }"""
        answer = self.ask(mutation, selector=REPOSITORY | {"sensorName": sensor})["startSensor"]
        said: str = answer["__typename"]
        return said

    def switch_off(self, sensor: str) -> None:
        """Switch a sensor off, once the UI knows it."""
        query = """query($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) {
            ... on Sensor { sensorState { id status } } } }"""

        def look() -> dict[str, str] | None:
            answer = self.ask(query, selector=REPOSITORY | {"sensorName": sensor})["sensorOrError"]
            state: dict[str, str] | None = answer.get("sensorState")
            return state

        state = self.wait_for(look, f"the sensor {sensor}")
        if state["status"] == "RUNNING":
            self.ask("mutation($id: String!) { stopSensor(id: $id) { __typename } }", id=state["id"])

    def first_tick(self, sensor: str, *statuses: str, since: float = 0.0) -> dict[str, Any]:
        """Wait for the first tick of a sensor, of those begun `since`, that has ended, or has in one of some ways."""
        query = """query($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) {
            ... on Sensor { sensorState { ticks { status skipReason runIds timestamp } } } } }"""

        def look() -> dict[str, Any] | None:
            answer = self.ask(query, selector=REPOSITORY | {"sensorName": sensor})["sensorOrError"]
            wanted = statuses or ("SUCCESS", "SKIPPED", "FAILURE")
            ticks = [tick for tick in answer["sensorState"]["ticks"] if tick["timestamp"] >= since]
            ended = [tick for tick in ticks if tick["status"] in wanted]
            return ended[-1] if ended else None

        return self.wait_for(look, f"a tick of {sensor}")

    def release(self) -> dict[str, Any]:
        """What the page of the release shows: the table of deliveries left out, and each check with its severity."""
        query = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
            assetMaterializations(limit: 1) { runId metadataEntries { label
                ... on TableMetadataEntry { table { records } } } }
            assetChecksOrError { ... on AssetChecks { checks { name
                executionForLatestMaterialization { status runId evaluation { severity description } } } } } } } }"""
        shown: dict[str, Any] = self.ask(query, key={"path": ["release"]})["assetNodeOrError"]
        return shown

    def lines_of(self, run_id: str, level: str) -> list[str]:
        """What the page of a run shows of one level."""
        query = """query($run: ID!, $after: String) { logsForRun(runId: $run, afterCursor: $after) {
            ... on EventConnection { cursor hasMore events { ... on MessageEvent { level message } } } } }"""
        lines, after = [], None
        while True:
            page = self.ask(query, run=run_id, after=after)["logsForRun"]
            lines += [one["message"] for one in page["events"] if one.get("level") == level]
            after = page["cursor"]
            if not page["hasMore"]:
                return lines

    def click(self, job: str) -> str:
        mutation = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
            __typename ... on LaunchRunSuccess { run { runId } } } }"""
        params = {"selector": REPOSITORY | {"pipelineName": job}, "runConfigData": {}}
        launched: str = self.ask(mutation, params=params)["launchRun"]["run"]["runId"]
        return launched


@contextlib.contextmanager
def ui_of(house: House, *command: str, prefix: str = "", **environment: str) -> Iterator[Ui]:
    """Start `python -m pipeline ui`, or another command that serves a UI, and stop it in the end."""
    port = free_port()
    log = house.root / f"ui-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *(command or ("ui",)), "--port", str(port)],
            cwd=PROJECT_ROOT,
            env={**os.environ, "GROWTH_HOME": str(house.home.root), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Ui(port, process, log, prefix)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # our own session: the server and what it started
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:  # on a busy machine; how it ends is not what is looked at here
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
