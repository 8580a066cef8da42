"""A Superset of its own for a test, from `.venv-bi`: a folder, a free port, and whoever asks is signed in."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.settings import PROJECT_ROOT
from tests.ports import free_port

SUPERSET = PROJECT_ROOT / ".venv-bi" / "bin" / "superset"
CONFIG = Path(__file__).with_name("superset_config.txt")
"""What Superset reads as its `superset_config.py`; `{folder}` is where it keeps what it knows."""


@dataclass(frozen=True)
class Superset:
    """A server that runs."""

    address: str

    def get(self, path: str) -> Any:
        """Ask for something of the API."""
        return self._ask(urllib.request.Request(f"{self.address}{path}"))

    def post(self, path: str, content: Any) -> Any:
        """Send JSON to the API."""
        request = urllib.request.Request(f"{self.address}{path}", json.dumps(content).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        return self._ask(request)

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        """Send a file to the API, as a form does."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="formData"; filename="{file.name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/zip\r\n\r\n" + file.read_bytes() + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        request = urllib.request.Request(f"{self.address}{path}", body, method="POST")
        request.add_header("Content-Type", f"multipart/form-data; boundary={mark}")
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{request.full_url}: {error.code}: {error.read().decode()[:2000]}") from None


@contextmanager
def superset(folder: Path) -> Iterator[Superset]:
    """Start a server in an empty folder, and end it. Takes a minute or two."""
    config = folder / "superset_config.py"
    config.write_text(CONFIG.read_text(encoding="utf-8").replace("{folder}", str(folder)), encoding="utf-8")
    environment: Mapping[str, str] = {
        **os.environ,
        "SUPERSET_CONFIG_PATH": str(config),
        "FLASK_APP": "superset.app:create_app",
        "PYTHONUTF8": "1",
    }
    person = [
        "--username",
        "test",
        "--firstname",
        "a",
        "--lastname",
        "b",
        "--email",
        "a@example.org",
        "--password",
        "p",
    ]
    for command in (["db", "upgrade"], ["fab", "create-admin", *person], ["init"]):
        done = subprocess.run(
            [str(SUPERSET), *command], env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-4000:]
    port = free_port()
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(
        [str(SUPERSET), "run", "-p", str(port), "--with-threads"], env=environment, cwd=folder, stdout=log, stderr=log
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/health")
        yield Superset(address)
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait_for(address: str) -> None:
    for _ in range(180):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(1)
    raise AssertionError(f"nobody answers at {address}")
