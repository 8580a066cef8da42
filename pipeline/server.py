"""Serves a home as a server does: Dagster's web server and its daemon, schedule and sensors on, until told to stop.

Both ask one code server for the definitions; left to themselves each has one of its own, and the daemon starts another
every minute. All three are children of this process. If one ends by itself the others are stopped too and the exit code
says so, so that a service manager starts all anew: a web server without a daemon looks well and starts no night.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console

from pipeline.dagster_databases import make_databases
from pipeline.dagster_home import environment_of
from pipeline.dead_runs import show_dead_runs_as_failed
from pipeline.settings import SERVED
from resources.home import Home

STOPPED, ENDED_BY_ITSELF = 0, 1
LOCATION = "provincial_growth"
"""What the code location is called, here and in the project's own `workspace.yaml`."""
THRIFTY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""How the C library is to keep memory of servers that read definitions and events again and again, now in this thread
and now in that: in few places, and what is large apart, so that what is free can be given back. Else each thread keeps
the most that it ever held, and they grow for weeks. A night, which the code server starts, is no slower for it."""
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


def code_server_command(checkout: Path, place: Path) -> list[str]:
    """The command of the code server, which loads the definitions once and evaluates schedule and sensors."""
    # `dagster code-server` would keep a second process between, which does not notice when the first has ended.
    command = [sys.executable, "-m", "dagster", "api", "grpc", "--socket", str(place)]
    command += ["--python-file", str(checkout.resolve() / "pipeline" / "definitions.py")]
    return [*command, "--working-directory", str(checkout.resolve()), "--location-name", LOCATION]


def webserver_command(workspace: Path, address: Address, read_only: bool) -> list[str]:
    """The command of the web server, with the interpreter that runs us."""
    command = [sys.executable, "-m", "dagster_webserver", "-w", str(workspace)]
    command += ["-h", address.host, "-p", str(address.port)]
    command += ["-l", address.prefix] if address.prefix else []
    return command + (["--read-only"] if read_only else [])


def daemon_command(workspace: Path) -> list[str]:
    """The command of the daemon, which starts what the schedule and the sensors ask for."""
    return [sys.executable, "-m", "dagster._daemon", "run", "-w", str(workspace)]


def serve(growth_home: Path, checkout: Path, console: Console, address: Address, read_only: bool = False) -> int:
    """Serve until a signal asks to stop, or a server ends by itself; return the exit code.

    `read_only` is for viewers: a web server alone, in which nothing can be launched or switched, beside the one that
    has the daemon. Raises InstanceError if Dagster's database cannot be reached.
    """
    environment = {**THRIFTY, **os.environ, **environment_of(growth_home), SERVED: "1"}
    make_databases(Path(environment["DAGSTER_HOME"]))
    with _asked_to_stop() as asked, contextlib.ExitStack() as running:

        def start(name: str, command: list[str]) -> None:
            servers[name] = running.enter_context(_running(command, checkout, environment))

        servers: dict[str, subprocess.Popen[bytes]] = {}
        workspace = checkout.resolve() / "workspace.yaml"
        if not read_only:
            show_dead_runs_as_failed(Home(growth_home.resolve()))
            # Of this user alone, and short: a socket's name has at most 107 characters.
            folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="growth-")))
            start("code server", code_server_command(checkout, folder / "code"))
            if not _answers(folder / "code", lambda: bool(asked) or servers["code server"].poll() is not None):
                return _stopped(asked, servers, console)
            workspace = _workspace_of(folder / "code", folder / "workspace.yaml")
            start("daemon", daemon_command(workspace))
        start("web server", webserver_command(workspace, address, read_only))
        console.print(f"Dagster UI: {address.url}  (home: {growth_home.resolve()})", soft_wrap=True)
        while not asked and all(server.poll() is None for server in servers.values()):
            time.sleep(_LOOK_SECONDS)
        return _stopped(asked, servers, console)


def _answers(place: Path, is_over: Callable[[], bool]) -> bool:
    """Wait until somebody listens at a socket; return False where there will be nobody."""
    while not is_over():
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as one:
            one.connect(str(place))
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _workspace_of(place: Path, written: Path) -> Path:
    """Write a workspace whose only code location is served at a socket, and return it."""
    location = {"host": "localhost", "socket": str(place), "location_name": LOCATION}
    written.write_text(yaml.safe_dump({"load_from": [{"grpc_server": location}]}), encoding="utf-8")
    return written


def _stopped(asked: list[int], servers: Mapping[str, subprocess.Popen[bytes]], console: Console) -> int:
    """Say why everything is stopped now, and return the exit code."""
    for name, server in servers.items():
        if not asked and (code := server.poll()) is not None:
            console.print(f"The {name} ended by itself with exit code {code}; everything is stopped.")
            return ENDED_BY_ITSELF
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
