"""Homes and servers for tests on Spark; a night is a process of `.venv-spark`, as a user's is."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.house import House
from tests.ports import free_port

PYTHON = PROJECT_ROOT / ".venv-spark" / "bin" / "python"
UNMADE = (
    ("staging", "stg_findings"),
    ("intermediate", "int_item_spans"),
    ("intermediate", "int_growth_evidence"),  # puts sentences together, which workers do in Python
    ("marts/built", "dim_agency"),
    ("marts/built", "dim_sector"),
)
"""Tables that a night on Spark has to make again: a whole one takes minutes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests of this folder out where Spark cannot run."""
    needed = {".venv-spark": PYTHON.exists(), "Java": java() is not None}
    missing = [what for what, is_there in needed.items() if not is_there]
    for item in items if missing else ():
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.skip(f"{missing[0]} is missing (docs/scale.md)"))


def java() -> str | None:
    """Where Java is."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None)


class SparkHouse(House):
    """A house whose nights run in Spark's environment, on Spark or, where it is said, on DuckDB."""

    def night_on(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a night to its end."""
        process = self.started_on(**environment)
        said, _ = process.communicate(timeout=1200)
        return subprocess.CompletedProcess(process.args, process.returncode, said)

    def started_on(self, **environment: str) -> subprocess.Popen[str]:
        """Start a night."""
        return subprocess.Popen(
            [PYTHON, "-u", "-m", "pipeline", "nightly", "--inbox", str(self.inbox), "--as-of", "2025-02-10", "--quiet"],
            cwd=PROJECT_ROOT,
            env={
                **os.environ,
                "GROWTH_HOME": str(self.home.root),
                "GROWTH_ENGINE": "spark",
                "COLUMNS": "200",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def unmake(self) -> None:
        """Let some tables count as unbuilt, so that the next night makes them."""
        for layer, name in UNMADE:
            (self.home.root / layer / f"{name}.json").unlink()
        (self.home.root / "night.json").unlink(missing_ok=True)

    def stands(self) -> dict[str, str]:
        """The hashes of the tables that `unmake` unmakes, those that are made."""
        found = {}
        for layer, name in UNMADE:
            if (self.home.root / layer / f"{name}.json").exists():
                found |= {path: digest for path, digest in self.digests(layer).items() if Path(path).stem == name}
        return found


@pytest.fixture(scope="session")
def made_on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> SparkHouse:
    """A house after one night of DuckDB's on the published figures. To be looked at."""
    house = SparkHouse(tmp_path_factory.mktemp("made"))
    house.deliver_published_figures()
    night = house.night_on(GROWTH_ENGINE="duckdb")
    assert night.returncode == 0, night.stdout
    return house


@pytest.fixture
def spark_house(made_on_duckdb: SparkHouse, tmp_path: Path) -> SparkHouse:
    """A copy of it in which some tables are to be made again."""
    shutil.copytree(made_on_duckdb.root, tmp_path, symlinks=True, dirs_exist_ok=True)
    house = SparkHouse(tmp_path)
    house.unmake()
    return house


class Servers:
    """Processes of Spark that listen on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []

    def connect(self) -> tuple[str, subprocess.Popen[bytes]]:
        """Start a server of Spark Connect; return its address and its process."""
        port = free_port()
        server = self._start(
            "spark-submit",
            *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--master", "local[2]"),
            *("--conf", f"spark.connect.grpc.binding.port={port}"),
            *("--conf", "spark.connect.grpc.binding.address=127.0.0.1"),
            *("--conf", "spark.ui.enabled=false", "--conf", "spark.driver.memory=1g"),
            "spark-internal",
        )
        self._await(port, server)
        return f"sc://127.0.0.1:{port}", server

    def master(self) -> str:
        """Start a master; return its address."""
        port = free_port()
        arguments = ("--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port()))
        self._await(port, self._start("spark-class", "org.apache.spark.deploy.master.Master", *arguments))
        return f"spark://127.0.0.1:{port}"

    def worker(self, master: str) -> subprocess.Popen[bytes]:
        """Start a worker of a master."""
        arguments = ("--host", "127.0.0.1", "--cores", "2", "--memory", "2g", "--webui-port", str(free_port()))
        folder = ("--work-dir", str(self._folder / "work"))
        return self._start("spark-class", "org.apache.spark.deploy.worker.Worker", *arguments, *folder, master)

    def stop(self) -> None:
        """End what was started, with what it started."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{len(self._started)}-{program}.log").open("wb")
        process = subprocess.Popen(
            [PYTHON.with_name(program), *arguments],
            cwd=self._folder,
            env={
                **os.environ,
                "PYSPARK_PYTHON": str(PYTHON),
                "PYTHONPATH": str(PROJECT_ROOT),
                "SPARK_LOCAL_IP": "127.0.0.1",
                "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def _await(self, port: int, process: subprocess.Popen[bytes]) -> None:
        for _ in range(1200):
            assert process.poll() is None, [path.read_text() for path in self._folder.glob("*.log")]
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(f"nobody listens at {port}")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """Servers of Spark, ended with the test."""
    folder = tmp_path / "servers"
    folder.mkdir()
    started = Servers(folder)
    yield started
    started.stop()


def descendants(process: subprocess.Popen[str], name: str) -> list[int]:
    """The processes of a name that a process has started, and those that these have."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True).stdout
    rows: Sequence[list[str]] = [line.split(None, 2) for line in listed.splitlines()]
    found, of = [], {str(process.pid)}
    while of:
        children = [row for row in rows if row[1] in of]
        found += [int(pid) for pid, _, command in children if command == name]
        of = {pid for pid, _, _ in children}
    return found


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds; return whether it does."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True
