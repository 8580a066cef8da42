"""The nightly graph with empty bodies: as many assets, dependencies and checks, and nothing to do in them.

`python -m benchmarks.empty_graph HOME` runs it once as Dagster comes: on its own storage in SQLite. With `--as-a-night`
it runs as a night does, on connections that stay open (`pipeline.instance`).
"""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.definitions import defs
from pipeline.garbage import collected_seldom
from pipeline.instance import open_instance
from pipeline.ui import write_dagster_home


def empty_assets(definitions: dg.Definitions) -> list[dg.AssetsDefinition]:
    """Return assets with the keys, dependencies and checks of the given ones, and empty bodies."""
    graph = definitions.resolve_asset_graph()
    return [_empty(graph, key) for key in graph.materializable_asset_keys]


def _empty(graph: Any, key: dg.AssetKey) -> dg.AssetsDefinition:
    checks = [check.name for check in graph.asset_check_keys if check.asset_key == key]

    @dg.multi_asset(
        name="__".join(key.path),
        specs=[dg.AssetSpec(key, deps=sorted(graph.get(key).parent_keys))],
        check_specs=[dg.AssetCheckSpec(name, asset=key) for name in checks],
    )
    def body() -> dg.MaterializeResult:
        return dg.MaterializeResult(
            check_results=[dg.AssetCheckResult(check_name=name, asset_key=key, passed=True) for name in checks]
        )

    return body


def main(home: Path, as_a_night: bool) -> None:
    """Run the empty graph once."""
    home.mkdir(parents=True, exist_ok=True)
    dagster_home = write_dagster_home(home)
    job = dg.define_asset_job("empty", selection="*", executor_def=dg.in_process_executor)
    built = dg.Definitions(assets=empty_assets(defs), jobs=[job])
    with ExitStack() as opened:
        if as_a_night:
            opened.enter_context(collected_seldom())
        instance = opened.enter_context(
            open_instance(dagster_home) if as_a_night else dg.DagsterInstance.from_config(str(dagster_home))
        )
        built.resolve_job_def("empty").execute_in_process(
            instance=instance, run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), as_a_night="--as-a-night" in sys.argv[2:])
