"""Every model becomes one asset; every register (seed) is shown as what it is: an input kept by hand."""

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import dagster as dg

from assets.build import build_model
from assets.checks import check_results, check_specs
from assets.heat_map import capture_heat_map
from assets.history import build_history
from assets.metadata import asset_key_of, column_lineage, evidence_links, growth_chart, table_metadata
from assets.rules import rules_of_model
from assets.s_curve import s_curves
from dbt_like_sql.project import FEED_SOURCES, Model, Project
from expectations.report import SuiteReport
from expectations.suites import Suite
from resources.landing import UNRECOGNISED
from resources.warehouse import Warehouse

log = logging.getLogger("provincial_growth")

_PARAGRAPH = "\n\n"
RESOURCES = {"home", "warehouse", "day"}
CHARTS: Mapping[str, tuple[str, Callable[[Path], dg.MetadataValue | None]]] = {
    "directive_scorecard": ("growth_against_targets", growth_chart),
    "disbursement_s_curve": ("course_of_disbursement", s_curves),
    "evidence": ("deliveries_by_item", evidence_links),
    "nonstate_construction_capture": ("capture_by_district_and_quarter", capture_heat_map),
}
"""Marts that are shown in another form too, a picture or links: under which name, and who makes it."""
FAMILIES: Mapping[str, str] = {
    "complete": "Tính đủ (complete)",
    "correct": "Tính đúng (correct)",
    "nothing_left_out": "Không bỏ sót (nothing left out)",
}
"""Families of rules whose audits stand in a group of their own: what comes before the double underscore in a name."""
_LAYER_MEANS: Mapping[str, str] = {
    "staging": "Canonical units and codes, as known on the day of the run.",
    "intermediate": "A step between staging and marts; not published.",
    "audits": "A rule across rows, as SQL: its rows are judged by the suite of the same name.",
    "marts": "Published.",
}


def model_assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return one asset for each model."""
    return [_model_asset(project, model, rules_of_model(project, model)) for model in project.models_in_order()]


def seed_specs(project: Project) -> list[dg.AssetSpec]:
    """Return the registers as external assets: versioned with the code, not made by a run."""
    return [
        dg.AssetSpec(
            key=dg.AssetKey(["seeds", seed.name]),
            group_name="seeds",
            kinds={"csv"},
            owners=["team:data-engineering"],
            description=f"Register kept in the project: {', '.join(seed.columns)}.",
            code_version=seed.digest[:12],
        )
        for seed in project.seeds.values()
    ]


def dependencies(project: Project, model: Model) -> list[dg.AssetKey]:
    """Return the assets that a model is made from."""
    keys = [asset_key_of(project, "ref", name) for name in (*model.refs, *model.remembers)]
    for layer, table in model.sources:
        if layer in FEED_SOURCES:
            keys.append(dg.AssetKey([layer, table]))
        elif layer == "ledger":
            keys += [dg.AssetKey(["validated", feed]) for feed in project.contracts]
            keys.append(dg.AssetKey(["landing", UNRECOGNISED]))
    return list(dict.fromkeys(keys))


def _model_asset(project: Project, model: Model, suite: Suite | None) -> dg.AssetsDefinition:
    key = dg.AssetKey([model.layer, model.name])
    dimensions = suite.dimensions if suite else ()
    family = _family_of(model)
    kinds = ({"python"} if model.is_python else {"duckdb", "sql"}) | ({"greatexpectations"} if suite else set())
    spec = dg.AssetSpec(
        key=key,
        deps=dependencies(project, model),
        description=(
            f"{f'**{FAMILIES[family]}**{_PARAGRAPH}' if family else ''}"
            f"{model.description_en}\n\n{model.description_vi}\n\n_{_LAYER_MEANS[model.layer]} "
            f"One row for each {', '.join(model.grain)}._\n\n```{model.language}\n{model.source_text.strip()}\n```"
        ),
        group_name=family or ("candidates" if model.judged_feed else model.layer),
        kinds=kinds,
        owners=[model.owner],
        tags={"layer": model.layer, **({"publish": "true"} if model.publish else {})},
        metadata={"grain": ", ".join(model.grain)},
        code_version=model.digest[:12],
    )

    @dg.multi_asset(
        name=f"{model.layer}__{model.name}",
        specs=[spec],
        check_specs=check_specs(key, dimensions, suite, blocks=model.judged_feed is None),
        required_resource_keys=RESOURCES,
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        warehouse: Warehouse = context.resources.warehouse.store
        for remembered in model.remembers:
            build_history(project, warehouse, remembered, context.resources.day.day)
        built = build_model(project, warehouse, model, suite, context.resources.day.day)
        results = list(built.report.results) if built.report else []
        checks = check_results(key, dimensions, results)
        if built.state.blocked:
            yield from checks
            raise dg.Failure(
                description=_refusal(model, built.report),
                metadata={"table": dg.MetadataValue.path(str(warehouse.path(model.layer, model.name)))},
                allow_retries=False,
            )
        log.info("%s/%s: %d rows%s", model.layer, model.name, built.state.rows, " (unchanged)" if built.reused else "")
        path = warehouse.path(model.layer, model.name)
        metadata = table_metadata(path, project.fields)
        lineage = column_lineage(project, model)
        if lineage is not None:
            metadata["dagster/column_lineage"] = lineage
        if model.name in CHARTS:
            name, drawn_by = CHARTS[model.name]
            if (chart := drawn_by(path)) is not None:
                metadata[name] = chart
        yield dg.MaterializeResult(
            metadata=metadata, check_results=checks, data_version=dg.DataVersion(built.state.content or "")
        )

    return build


def _family_of(model: Model) -> str | None:
    """The family of rules that an audit belongs to, if it belongs to one."""
    family = model.name.split("__")[0]
    return family if model.layer == "audits" and family in FAMILIES else None


def _refusal(model: Model, report: SuiteReport | None) -> str:
    broken = [r for r in report.results if r.blocks] if report else []
    rules = "; ".join(f"{r.check}: {r.error or r.observed or ''} {r.description}".strip() for r in broken)
    return (
        f"{model.layer}/{model.name} was computed but not promoted, the last good table stands: {rules} "
        "Look at the failing rows in the check, mend the cause and run the night again."
    )
