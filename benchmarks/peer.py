"""The peer that a night is measured against: dagster-dbt with dbt-duckdb, in an environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Cost, measure

LOCK = ROOT / "requirements-peer.lock"
ENVIRONMENT = ROOT / ".venv-peer"
QUIETLY = {"DAGSTER_DISABLE_TELEMETRY": "yes", "DO_NOT_TRACK": "1"}


def make_environment() -> None:
    """Make the peer's environment from its lock, unless it is there."""
    stamp, wanted = ENVIRONMENT / "stamp", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([_program("python"), "-m", "pip", "install", *options, "-r", LOCK], check=True)
    stamp.write_text(wanted, encoding="utf-8")


class Peer:
    """The models of a home as a dbt project in a folder, run by dagster-dbt."""

    def __init__(self, home: Path, folder: Path) -> None:
        """Write the project and have dbt parse it once."""
        self._project = folder / "project"
        self._folder = folder
        command = [sys.executable, "-m", "benchmarks.night_models", "dbt", str(home), "--out", str(self._project)]
        measure(command, {})
        dbt = [_program("dbt"), "parse", "--project-dir", str(self._project), "--profiles-dir", str(self._project)]
        measure(dbt, self._environment)

    @property
    def _environment(self) -> Mapping[str, str]:
        # dagster-dbt looks for dbt on the path.
        programs = os.pathsep.join([str(ENVIRONMENT / "bin"), os.environ.get("PATH", "")])
        home = self._folder / "dagster"
        home.mkdir(parents=True, exist_ok=True)
        return {**QUIETLY, "DAGSTER_HOME": str(home), "PATH": programs, "PYTHONPATH": str(ROOT)}

    def night(self) -> Cost:
        """Build and test all models from nothing but dbt's parse."""
        for made in (self._project / "peer.duckdb", *(self._project / "marts").glob("*")):
            made.unlink(missing_ok=True)
        (self._project / "marts").mkdir(exist_ok=True)
        script = str(ROOT / "benchmarks" / "dbt_night.py")
        return measure([_program("python"), script, str(self._project)], self._environment)

    def tests(self) -> dict[str, Any]:
        """Return how many tests the last night ran, and which of them do not hold."""
        (newest,) = sorted(self._project.glob("target/**/run_results.json"), key=lambda p: p.stat().st_mtime)[-1:]
        results = json.loads(newest.read_text(encoding="utf-8"))["results"]
        tests = [(one["unique_id"].split(".")[2], one["status"]) for one in results if one["unique_id"][:5] == "test."]
        return {"rules": len(tests), "broken": sorted(name for name, status in tests if status != "pass")}


def _program(name: str) -> str:
    return str(ENVIRONMENT / "bin" / name)
