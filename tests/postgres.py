"""A real PostgreSQL server for tests: started on a free port of this machine, gone when the test ends."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

_DEBIAN = Path("/usr/lib/postgresql")
USER = PASSWORD = "growth"  # of a server that lives for one test


def binaries() -> Path | None:
    """Where PostgreSQL's own commands lie, or None where it is not installed."""
    found = sorted(_DEBIAN.glob("*/bin/initdb")) or [Path(name) for name in (shutil.which("initdb"),) if name]
    return found[-1].parent if found else None


@dataclass(frozen=True)
class Server:
    """A running server; `stop` and `start` are for what happens when it goes away."""

    folder: Path
    port: int

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        _run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once."""
        _run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """Start a server with one user and one database, both called `USER`."""
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # a short path: a socket's name has at most 107 characters
        folder = Path(name)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        (folder / "password").write_text(PASSWORD, encoding="ascii")
        (folder / "password").chmod(0o644)
        secret = ("--pwfile", str(folder / "password"), "-A", "scram-sha-256")
        _run("initdb", "-D", str(folder / "data"), "-U", USER, *secret, "--no-sync")
        server = Server(folder, free_port())
        server.start()
        _run("createdb", "-h", str(folder), "-p", str(server.port), "-U", USER, USER)
        try:
            yield server
        finally:
            server.stop()


def _run(command: str, *arguments: str) -> None:
    place = binaries()
    assert place is not None
    words: Sequence[str] = [str(place / command), *arguments]
    if os.geteuid() == 0:  # PostgreSQL refuses to be run by root
        words = ["runuser", "-u", "postgres", "--", *words]
    environment = {**os.environ, "PGPASSWORD": PASSWORD}
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, timeout=120, cwd="/", env=environment)
