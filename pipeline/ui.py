"""Opens the Dagster UI on this checkout, with an instance whose settings are committed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from resources.files import replacing
from resources.home import Home
from resources.runs import report_dead_runs, some_may_be_dead

TEMPLATE = Path(__file__).with_name("dagster_template.yaml")


def write_dagster_home(growth_home: Path) -> Path:
    """Make GROWTH_HOME/dagster, write its `dagster.yaml` from the committed template and return the folder.

    Runs and events that lie there stay. Raises OSError if the folder cannot be written.
    """
    folder = growth_home.resolve() / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "dagster.yaml") as unfinished:
        shutil.copyfile(TEMPLATE, unfinished)
    return folder


def show_dead_runs_as_failed(home: Home) -> None:
    """Mark runs whose processes are gone as failed. Imports Dagster only if there may be some."""
    if not some_may_be_dead(home):
        return
    import dagster as dg

    with dg.DagsterInstance.from_config(str(write_dagster_home(home.root))) as instance:
        report_dead_runs(instance, home)


def dagster_dev_command(checkout: Path, port: int) -> list[str]:
    """The command that serves the UI on 127.0.0.1, with the interpreter that runs us."""
    workspace = str(checkout.resolve() / "workspace.yaml")
    return [sys.executable, "-m", "dagster", "dev", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)]


def open_ui(growth_home: Path, checkout: Path, console: Console, port: int = 3000) -> NoReturn:
    """Replace this process by `dagster dev`, which runs until it is stopped with Ctrl+C.

    The web server, the daemon with its schedule and sensors, and the code server share the instance under
    GROWTH_HOME/dagster and the stores of GROWTH_HOME.
    """
    dagster_home = write_dagster_home(growth_home)
    show_dead_runs_as_failed(Home(growth_home.resolve()))
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(dagster_home),
        "GROWTH_HOME": str(growth_home.resolve()),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    console.print(f"Dagster UI: http://127.0.0.1:{port}  (stop with Ctrl+C; instance: {dagster_home})", soft_wrap=True)
    os.chdir(checkout)  # Dagster keeps scratch folders in the working directory
    command = dagster_dev_command(checkout, port)
    # Dagster stops its servers by this signal. A script that starts us in the background has it ignored, and what is
    # ignored stays so: they would outlive us.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execve(command[0], command, environment)
