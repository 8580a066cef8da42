"""What of a night is measured apart from Dagster, and what the others are given to do the same.

`python -m benchmarks.night_models WHAT HOME …` is a process of its own, so that its cost can be measured:

- `forget`: all tables of models and the releases deleted, so that the next night makes them anew.
- `tables`: every model computed and written, nothing judged.
- `parts`: a first night without Dagster; prints what each part of it cost, as JSON.
- `bare`: writes the same SQL as one bare script (with `--python`: the Python models in their places).
- `dbt`: writes the same models and rules as a dbt project with its tests.
- `rules`: prints how many rules were judged and which of them do not hold, as JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from assets.build import build_model
from assets.graph import FEED_LAYERS, RELEASE, STRAYS, tables_of_feed
from assets.rules import rules_of_model
from assets.run import run, stores_of
from benchmarks.dbt_tests import dbt_test
from dbt_like_sql.project import HISTORY, Model, Project, compile_sql, load_project
from resources.home import Home
from resources.warehouse import Warehouse

AS_OF = dt.date(2025, 2, 10)


def models_of_the_step(project: Project) -> list[Model]:
    """Return the models that are computed after the intake, in order: all but the rules that judge deliveries."""
    return [model for model in project.models_in_order() if model.judged_feed is None]


# ── without Dagster ───────────────────────────────────────────────────────────────────────────────────────────


def forget_models(home: Path, keep_python: bool) -> None:
    """Delete every table that is computed after the intake, and the releases; the history stands, as a source."""
    project = load_project()
    warehouse = Warehouse(home, project)
    for model in models_of_the_step(project):
        if model.is_python and keep_python:
            continue
        path = warehouse.path(model.layer, model.name)
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
    shutil.rmtree(home / "marts")


def compute(home: Path) -> None:
    """Compute and write every SQL model as a night does, without its rules; Python models stand as they are."""
    project = load_project()
    warehouse = Warehouse(home, project)
    for model in models_of_the_step(project):
        if not model.is_python:
            build_model(project, warehouse, model, None, AS_OF)
    warehouse.close()


def parts(home: Path, inbox: Path) -> dict[str, float]:
    """Run a first night without Dagster; return the CPU-seconds of intake, models, history and release."""
    project = load_project()
    of_feeds = {table for feed in project.contracts for table in tables_of_feed(project, feed)}
    spent = dict.fromkeys(("intake", "models", "history", "release"), 0.0)
    before = os.times()
    with stores_of(Home(home), project, inbox) as stores:
        for result in run(project, stores, AS_OF):
            if not result.is_good:
                raise RuntimeError(result.sentence)
            table, now = result.table, os.times()
            if table == RELEASE:
                part = "release"
            elif table.layer == HISTORY:
                part = "history"
            elif table == STRAYS or table in of_feeds or table.layer in FEED_LAYERS:
                part = "intake"
            else:
                part = "models"
            spent[part] += now.user + now.system - before.user - before.system
            before = now
    # The process that reads files has ended only now.
    spent["intake"] += os.times().children_user + os.times().children_system
    return spent


# ── what the others are given ─────────────────────────────────────────────────────────────────────────────────


def bare_script(home: Path, out: Path, with_python: bool) -> str:
    """Return the models as one Python script that only runs SQL: tables in memory, each written to Parquet."""
    project = load_project()
    warehouse = Warehouse(home, project)

    def relation(layer: str, table: str) -> str:
        return table if layer == "ref" and table in project.models else warehouse.relation(layer, table)

    lines = ["import duckdb", "engine = duckdb.connect()", "engine.execute('set threads = 1')", *_PHRASES]
    lines.append("engine.execute(\"set timezone = 'Asia/Ho_Chi_Minh'\")")
    for name in sorted(_seeds_of_python_models(project)) if with_python else ():
        sql = f"create view {name} as select * from {warehouse.relation('ref', name)}"
        lines.append(f"engine.execute({sql!r})")
    for model in models_of_the_step(project):
        order = ", ".join(model.grain)
        if not model.is_python:
            rows = f"(\n{compile_sql(model, relation, AS_OF)}\n) order by {order}"
        elif with_python:
            columns = _typed_columns(project, warehouse, model)
            lines += [_python_model(model), f"made = model(dbt, None)  # {model.name}"]
            rows = f"(select {columns} from made) order by {order}"
        else:
            rows = warehouse.relation("ref", model.name)
        sql = f"create table {model.name} as select * from {rows}"
        copy = f"copy {model.name} to '{out / f'{model.name}.parquet'}' (format parquet)"
        lines += [f"engine.execute({sql!r})", f"engine.execute({copy!r})"]
    return "\n".join(lines) + "\n"


_PHRASES = (
    "from dbt_like_sql.project import load_project",
    "from resources.phrase_functions import give_phrases",
    "give_phrases(engine, load_project().phrases)",
)
_BARE_DBT = """class dbt:
    config = staticmethod(lambda **options: None)
    ref = staticmethod(lambda name: engine.table(name).to_arrow_table())
"""


def _python_model(model: Model) -> str:
    return f"{_BARE_DBT}exec(compile({model.source_text!r}, {model.file!r}, 'exec'))"


def _typed_columns(project: Project, warehouse: Warehouse, model: Model) -> str:
    names = warehouse.describe(f"select * from {warehouse.relation('ref', model.name)}")
    return ", ".join(f"cast({name} as {project.fields[name].type}) as {name}" for name in names)


def write_dbt_project(home: Path, folder: Path) -> None:
    """Write the models as a dbt project whose sources are Parquet files, with one test for each rule."""
    project = load_project()
    warehouse = Warehouse(home, project)
    folder.mkdir(parents=True)
    sources: dict[str, dict[str, Path]] = {}

    def reference(layer: str, table: str) -> str:
        if layer == "ref" and table in project.models:
            return f"{{{{ ref('{table}') }}}}"
        kind = "seeds" if layer == "ref" else layer
        if table not in sources.setdefault(kind, {}):
            sources[kind][table] = _parquet_of(warehouse, layer, table, home / "for_dbt")
        return f"{{{{ source('{kind}', '{table}') }}}}"

    for name in sorted(_seeds_of_python_models(project)):
        path = folder / "models" / "seeds" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"select * from {reference('ref', name)}\n", encoding="utf-8")
    for model in models_of_the_step(project):
        path = folder / "models" / model.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_dbt_model(model, reference), encoding="utf-8")
        suite = rules_of_model(project, model)
        for rule in suite.expectations if suite else ():
            test = folder / "tests" / f"{model.name}__{rule.check}.sql"
            test.parent.mkdir(exist_ok=True)
            test.write_text(dbt_test(model.name, rule), encoding="utf-8")
    warehouse.close()
    _write_yaml(folder / "models" / "sources.yml", _dbt_sources(sources))
    _write_yaml(folder / "dbt_project.yml", _DBT_PROJECT | {"vars": {"as_of": f"date '{AS_OF}'"}})
    _write_yaml(folder / "profiles.yml", _DBT_PROFILE)


_DBT_PROJECT = {
    "name": "peer",
    "version": "1.0",
    "config-version": 2,
    "profile": "peer",
    "flags": {"send_anonymous_usage_stats": False},
    "models": {"peer": {"+materialized": "table"}},
}
_DBT_PROFILE = {
    "peer": {
        "target": "file",
        "outputs": {
            "file": {
                "type": "duckdb",
                "path": "peer.duckdb",
                "threads": 1,
                "external_root": "marts",
                "plugins": [{"module": "pipeline.dbt_plugin"}],
                "settings": {"threads": 1, "timezone": "Asia/Ho_Chi_Minh"},
            }
        },
    }
}


def _dbt_model(model: Model, reference: Callable[[str, str], str]) -> str:
    if model.is_python:
        return model.source_text
    # What a release holds is written as Parquet; dbt keeps all else in its database.
    head = "{{ config(materialized='external') }}\n" if model.publish else ""
    return head + compile_sql(model, reference, "{{ var('as_of') }}")


def _seeds_of_python_models(project: Project) -> set[str]:
    """Seeds that a Python model names as it stands: dbt looks for a node of that name."""
    named = {name for model in models_of_the_step(project) if model.is_python for name in model.refs}
    return named & set(project.seeds)


def _parquet_of(warehouse: Warehouse, layer: str, table: str, folder: Path) -> Path:
    """Where a source lies as one Parquet file: in the home, or written beside it where it is more than one or none."""
    if layer not in ("ref", "ledger", "contracts"):
        return warehouse.path(layer, table)
    path = folder / f"{layer}__{table}.parquet"
    warehouse.write_query(path, f"select * from {warehouse.relation(layer, table)}")
    return path


def _dbt_sources(sources: dict[str, dict[str, Path]]) -> dict[str, object]:
    return {
        "version": 2,
        "sources": [
            {
                "name": layer,
                "tables": [
                    {"name": table, "config": {"meta": {"external_location": str(path)}}}
                    for table, path in sorted(tables.items())
                ],
            }
            for layer, tables in sorted(sources.items())
        ],
    }


def _write_yaml(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def judged_rules(home: Path) -> dict[str, object]:
    """Return how many rules of the models were judged in a home, and which of them do not hold."""
    project = load_project()
    warehouse = Warehouse(home, project)
    results = []
    for model in models_of_the_step(project):
        state = warehouse.state(model.layer, model.name)
        report = (state.report or {}) if state is not None else {}
        results += [(f"{model.name}__{one['check']}", one["outcome"]) for one in report.get("results", ())]
    return {"rules": len(results), "broken": sorted(name for name, outcome in results if outcome != "passed")}


def main(arguments: list[str]) -> None:
    """Do one of the things that the module's docstring names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.night_models", description=__doc__)
    parser.add_argument("what", choices=("forget", "tables", "parts", "bare", "dbt", "rules"))
    parser.add_argument("home", type=Path)
    parser.add_argument("--inbox", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--python", action="store_true")
    parser.add_argument("--keep-python", action="store_true")
    given = parser.parse_args(arguments)
    match given.what:
        case "forget":
            forget_models(given.home, given.keep_python)
        case "tables":
            compute(given.home)
        case "parts":
            print(json.dumps(parts(given.home, given.inbox)))
        case "bare":
            given.out.mkdir(parents=True, exist_ok=True)
            (given.out / "bare.py").write_text(bare_script(given.home, given.out, given.python), encoding="utf-8")
        case "dbt":
            write_dbt_project(given.home, given.out)
        case "rules":
            print(json.dumps(judged_rules(given.home)))


if __name__ == "__main__":
    main(sys.argv[1:])
