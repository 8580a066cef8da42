"""Starts what `make ui` starts, and asks it whether it is there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port

CHECKOUT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120
QUERY = {
    "query": "{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { __typename } } } } }"
}


def locations(port: int) -> list[dict[str, object]]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps(QUERY).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        entries: list[dict[str, object]] = json.load(answer)["data"]["workspaceOrError"]["locationEntries"]
        return entries


def ignore_interrupts() -> None:
    """As a script does that starts the UI in the background: it must still end when it is told to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.slow
def test_make_ui_serves_our_definitions_on_this_machine(tmp_path):
    port = free_port()
    log = tmp_path / "ui.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "ui", "--port", str(port)],
            cwd=CHECKOUT,
            env=os.environ | {"GROWTH_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ignore_interrupts,
        )
    try:
        entries: list[dict[str, object]] = []
        until = time.monotonic() + PATIENCE_SECONDS
        while not entries and time.monotonic() < until:
            assert process.poll() is None, log.read_text()
            time.sleep(1)
            try:
                entries = locations(port)
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                continue
        assert [(entry["name"], entry["locationOrLoadError"]) for entry in entries] == [
            ("provincial_growth", {"__typename": "RepositoryLocation"})
        ], log.read_text()
        assert (tmp_path / "home" / "dagster" / "dagster.yaml").is_file()
        assert not list(tmp_path.glob(".dagster/.telemetry"))
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # our own session: the server and what it started
        process.wait(timeout=60)
