"""Opens the Dagster UI on this checkout."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from pipeline.dagster_home import environment_of
from pipeline.dead_runs import show_dead_runs_as_failed
from resources.home import Home


def dagster_dev_command(checkout: Path, port: int) -> list[str]:
    """The command that serves the UI on 127.0.0.1, with the interpreter that runs us."""
    workspace = str(checkout.resolve() / "workspace.yaml")
    return [sys.executable, "-m", "dagster", "dev", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)]


def open_ui(growth_home: Path, checkout: Path, console: Console, port: int = 3000) -> NoReturn:
    """Replace this process by `dagster dev`, which runs until it is stopped with Ctrl+C.

    The web server, the daemon with its schedule and sensors, and the code server share the instance under
    GROWTH_HOME/dagster and the stores of GROWTH_HOME. Raises InstanceError if Dagster's database cannot be reached.
    """
    environment = environment_of(growth_home)
    show_dead_runs_as_failed(Home(growth_home.resolve()))
    console.print(
        f"Dagster UI: http://127.0.0.1:{port}  (stop with Ctrl+C; instance: {environment['DAGSTER_HOME']})",
        soft_wrap=True,
    )
    os.chdir(checkout)  # Dagster keeps scratch folders in the working directory
    command = dagster_dev_command(checkout, port)
    # Dagster stops its servers with this signal (dagster_shared/ipc.py, 1.13.27). A shell script starts what it puts
    # in the background with the signal ignored, and children inherit that: the servers would outlive this process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execve(command[0], command, {**os.environ, **environment})
