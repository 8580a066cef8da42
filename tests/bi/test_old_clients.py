"""Older clients of DuckDB open `growth.duckdb` and find in every view what the client of the project finds.

Run by `make test-bi`: each client is installed into an environment of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import duckdb
import pytest

from assets.product.database import DATABASE, additive_views
from tests.house import House

pytestmark = pytest.mark.bi
OLD = ("1.0.0", "1.4.4")
ASK = """
import duckdb, json, sys
client = duckdb.connect(sys.argv[1], read_only=True)
views = sys.argv[2].split(",")
found = {view: str(client.execute(f"from {view} order by all").fetchall()) for view in views}
print(json.dumps([duckdb.__version__, found]))
"""


@pytest.fixture(scope="module", params=OLD)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A version of DuckDB and the Python that has it."""
    folder = tmp_path_factory.mktemp("client")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    wanted = [f"duckdb=={request.param}", "--only-binary", ":all:"]
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *wanted], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"duckdb {request.param} cannot be installed for Python {sys.version_info.minor}: {done.stderr}")
    return request.param, python


def test_an_old_client_finds_in_every_view_what_the_project_finds(province: House, client: tuple[str, Path]) -> None:
    version, python = client
    database = province.home.marts / "current" / DATABASE
    views = [view.name for view in additive_views()]
    done = subprocess.run([python, "-c", ASK, database, ",".join(views)], capture_output=True, text=True, check=True)
    with duckdb.connect(str(database), read_only=True) as own:
        expected = {view: str(own.execute(f"from {view} order by all").fetchall()) for view in views}
    assert json.loads(done.stdout) == [version, expected]
