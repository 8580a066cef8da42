"""Serves a home as a server does: Dagster's web server and its daemon, schedule and sensors on, until told to stop.

Both are children of this process. If one ends by itself the other is stopped too and the exit code says so, so that a
service manager starts both anew: a web server without a daemon looks well and starts no night.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from pipeline.dagster_databases import make_databases
from pipeline.dagster_home import environment_of
from pipeline.dead_runs import show_dead_runs_as_failed
from pipeline.settings import SERVED
from resources.home import Home

STOPPED, ENDED_BY_ITSELF = 0, 1
_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0
"""How long a server may take to stop before it is killed; a night that it runs is then shown as failed by the next."""


@dataclass(frozen=True)
class Address:
    """Where the web server listens; `prefix` is what a reverse proxy leaves before each path, such as `/growth`."""

    host: str = "127.0.0.1"
    port: int = 3000
    prefix: str = ""

    @property
    def url(self) -> str:
        """As a browser on this machine asks for it."""
        return f"http://{self.host}:{self.port}{self.prefix}"


def webserver_command(checkout: Path, address: Address, read_only: bool) -> list[str]:
    """The command of the web server, with the interpreter that runs us."""
    command = [sys.executable, "-m", "dagster_webserver", "-w", _workspace(checkout)]
    command += ["-h", address.host, "-p", str(address.port)]
    command += ["-l", address.prefix] if address.prefix else []
    return command + (["--read-only"] if read_only else [])


def daemon_command(checkout: Path) -> list[str]:
    """The command of the daemon, which starts what the schedule and the sensors ask for."""
    return [sys.executable, "-m", "dagster._daemon", "run", "-w", _workspace(checkout)]


def _workspace(checkout: Path) -> str:
    return str(checkout.resolve() / "workspace.yaml")


def serve(growth_home: Path, checkout: Path, console: Console, address: Address, read_only: bool = False) -> int:
    """Serve until a signal asks to stop, or a server ends by itself; return the exit code.

    `read_only` is for viewers: a web server alone, in which nothing can be launched or switched, beside the one that
    has the daemon. Raises InstanceError if Dagster's database cannot be reached.
    """
    environment = {**os.environ, **environment_of(growth_home), SERVED: "1"}
    make_databases(Path(environment["DAGSTER_HOME"]))
    if not read_only:
        show_dead_runs_as_failed(Home(growth_home.resolve()))
    commands = {"web server": webserver_command(checkout, address, read_only)}
    if not read_only:
        commands["daemon"] = daemon_command(checkout)
    with _asked_to_stop() as asked, contextlib.ExitStack() as running:
        servers = {
            name: running.enter_context(_running(command, checkout, environment)) for name, command in commands.items()
        }
        console.print(f"Dagster UI: {address.url}  (home: {growth_home.resolve()})", soft_wrap=True)
        while not asked:
            for name, server in servers.items():
                if (code := server.poll()) is not None:
                    console.print(f"The {name} ended by itself with exit code {code}; everything is stopped.")
                    return ENDED_BY_ITSELF
            time.sleep(_LOOK_SECONDS)
        console.print("Stopping.")
    return STOPPED


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """Collect the signals that ask to stop in the list that is given."""
    asked: list[int] = []
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {one: signal.signal(one, lambda number, _: asked.append(number)) for one in signals}
    try:
        yield asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextlib.contextmanager
def _running(command: list[str], checkout: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server in a session of its own, and leave nothing of it, nor of what it started."""
    # In its own session Ctrl+C in a terminal reaches us alone, and we stop the servers one by one.
    server = subprocess.Popen(command, cwd=checkout, env=environment, start_new_session=True)
    try:
        yield server
    finally:
        if server.poll() is None:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(_PATIENCE_SECONDS)
        with contextlib.suppress(ProcessLookupError):  # its code server, and a run that it started
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
