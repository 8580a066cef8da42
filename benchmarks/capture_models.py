"""The linkage and capture of construction in a home of its own: as the night computes it, and as one bare script.

`python -m benchmarks.capture_models HOME` computes the models in a home that `prepare` made; it is a process of its
own so that its cost can be measured.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from assets.build import build_model
from assets.rules import rules_of_model
from assets.run import take_in
from dbt_like_sql.project import Model, Project, compile_sql, load_project
from resources.landing import LandingStore
from resources.warehouse import Warehouse
from simulator.areas import areas_of, districts_of
from simulator.delivery_folder import Folder
from simulator.office_files import write_csv
from simulator.simulate import simulate_capture
from simulator.works import Options

AS_OF = dt.date(2025, 2, 10)
RESULTS = ("nonstate_construction_capture", "int_construction_work_list", "int_coverage_item_evidence")


def prepare(root: Path, scale: int, seed: int, options: Options) -> Path:
    """Simulate the feeds of construction below `root`, take them in, and return the home that holds them."""
    simulate_capture(root, scale, seed, lambda _: None, options)
    _write_districts(root, scale)
    return take_in_all(root)


def take_in_all(root: Path) -> Path:
    """Take the deliveries of the inbox below `root` in, and return the home that holds them."""
    home = root / "home"
    project = load_project()
    landing, warehouse = LandingStore(home / "landing"), Warehouse(home, project)
    try:
        for feed, contract in project.contracts.items():
            landing.land(root / "inbox", feed, contract.forms)
            take_in(project, landing, warehouse, AS_OF, feed)
    finally:
        warehouse.close()
    return home


def _write_districts(root: Path, scale: int) -> None:
    """Write a delivery of output without figures: it tells in which area each simulated district lies."""
    header = ("area_code", "district_code", "period", "ownership", "work_type", "value_current_mn")
    path = Folder(root).delivery("construction_output", "2023-Q1", dt.date(2023, 4, 20), "csv")
    rows = [(a.code, code, "2023-Q1", "total", "total", None) for a in areas_of(scale) for code, _ in districts_of(a)]
    write_csv(path, header, rows)


def compute(home: Path) -> None:
    """Compute and judge all models behind the results, as the night does. Raises RuntimeError if a rule blocks one."""
    project = load_project()
    warehouse = Warehouse(home, project)
    try:
        for model in models_behind(project):
            built = build_model(project, warehouse, model, rules_of_model(project, model), AS_OF)
            if built.state.blocked:
                raise RuntimeError(f"{model.name} was computed but not promoted")
    finally:
        warehouse.close()


def script_of(home: Path) -> str:
    """Return the same models as one SQL script: tables in memory, the results written, nothing judged."""
    project = load_project()
    warehouse = Warehouse(home, project)

    def relation(layer: str, table: str) -> str:
        return table if layer == "ref" and table in project.models else warehouse.relation(layer, table)

    tables = (f"create temp table {m.name} as {compile_sql(m, relation, AS_OF)};" for m in models_behind(project))
    results = (f"copy {name} to '{home / f'{name}.parquet'}' (format parquet);" for name in RESULTS)
    return "\n".join(["set threads = 2;", "set timezone = 'Asia/Ho_Chi_Minh';", *tables, *results])


def models_behind(project: Project) -> list[Model]:
    """Return the models behind the results and themselves, each after what it refers to."""
    needed, queue = set[str](), list(RESULTS)
    while queue:
        name = queue.pop()
        if name in project.models and name not in needed:
            needed.add(name)
            queue += project.models[name].refs
    return [model for model in project.models_in_order() if model.name in needed]


if __name__ == "__main__":
    compute(Path(sys.argv[1]))
