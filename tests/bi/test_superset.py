"""Apache Superset imports the bundle that `release export` writes, and shows what the release says.

Run by `make test-bi`: Superset lives in an environment of its own (`requirements-bi.lock`).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from assets.product.database import DATABASE, additive_views
from assets.product.superset import BUNDLE, labels_of
from dbt_like_sql.project import load_project
from tests.bi.superset_server import SUPERSET, Superset, superset
from tests.house import House

pytestmark = [
    pytest.mark.bi,
    pytest.mark.skipif(not SUPERSET.exists(), reason="Superset's environment is not made: make test-bi"),
]
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def exported(province: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "release"
    done = province.command("release", "export", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def server(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    with superset(tmp_path_factory.mktemp("superset")) as running:
        said = running.upload("/api/v1/dashboard/import/", exported / "bi" / BUNDLE, overwrite="true", passwords="{}")
        assert said == {"message": "OK"}
        yield running


def data_sets(server: Superset) -> dict[str, int]:
    found = server.get("/api/v1/dataset/?q=(page_size:100)")["result"]
    return {one["table_name"]: one["id"] for one in found}


def test_every_view_is_a_data_set_whose_columns_have_vietnamese_labels_with_units(server: Superset) -> None:
    known = data_sets(server)
    assert set(known) == {view.name for view in additive_views()}
    for view in additive_views():
        columns = server.get(f"/api/v1/dataset/{known[view.name]}")["result"]["columns"]
        labels = {column["column_name"]: column["verbose_name"] for column in columns}
        assert labels == labels_of(load_project(), view)
        assert not [label for label in labels.values() if "[text]" in label or "[code]" in label]
    plan = server.get(f"/api/v1/dataset/{known['disbursement_now']}")["result"]["columns"]
    assert "Kế hoạch vốn (đồng)" in {column["verbose_name"] for column in plan}


def test_a_metric_gives_the_sum_that_the_database_gives(server: Superset, exported: Path) -> None:
    known = data_sets(server)
    with duckdb.connect(str(exported / DATABASE), read_only=True) as engine:
        for view in additive_views():
            metrics = [f"sum_{column}" for column in view.sums]
            if not metrics:
                continue
            asked = {
                "datasource": {"id": known[view.name], "type": "table"},
                "queries": [{"metrics": metrics, "columns": [], "filters": [], "row_limit": 10}],
                "result_format": "json",
                "result_type": "full",
            }
            (row,) = server.post("/api/v1/chart/data", asked)["result"][0]["data"]
            sums = engine.execute(f"select {', '.join(f'sum({column})' for column in view.sums)} from {view.name}")
            expected = sums.fetchone()
            assert expected is not None
            for metric, value in zip(metrics, expected, strict=True):
                shown, exact = row[metric], value
                if exact is None:
                    assert shown is None, (view.name, metric)
                else:  # JSON carries doubles
                    assert abs(Decimal(str(shown)) - exact) <= abs(exact) * Decimal("1e-12"), (view.name, metric)


def test_the_dashboard_is_there_with_its_charts(server: Superset) -> None:
    charts = server.get("/api/v1/dashboard/growth/charts")["result"]
    assert len(charts) == 5
    dashboard = server.get("/api/v1/dashboard/growth")["result"]
    assert dashboard["published"]
    assert dashboard["dashboard_title"].startswith("Chỉ tiêu tăng trưởng của tỉnh")


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
def test_a_browser_shows_the_dashboard(server: Superset, tmp_path: Path) -> None:
    picture, page = tmp_path / "superset.png", f"{server.address}/superset/dashboard/growth/?standalone=1"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,1800", "--virtual-time-budget=60000"]
    dumped = subprocess.run(
        [str(CHROMIUM), *options, "--dump-dom", page], capture_output=True, text=True, timeout=300, check=True
    ).stdout
    assert "Tăng trưởng khu vực I (nông, lâm nghiệp và thủy sản)" in dumped
    assert "không đạt" in dumped
    subprocess.run([str(CHROMIUM), *options, f"--screenshot={picture}", page], timeout=300, check=True)
    assert picture.stat().st_size > 50_000
