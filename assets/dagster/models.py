"""Every model becomes an asset, and all of them one step; every seed is shown as what it is: an input kept by hand."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from assets.dagster.checks import REFUSES, STOPS, check_results, check_specs
from assets.dagster.metadata import (
    column_lineage,
    description_of,
    evidence_deliveries,
    seed_metadata,
    table_metadata,
)
from assets.dagster.steps import (
    RESOURCES,
    Described,
    Emitted,
    emit,
    emit_checks,
    key_of,
    not_judged,
    raise_for,
    results_of,
    source_keys,
)
from assets.graph import Table, graph, table_of
from assets.rules import rules_of_model
from dbt_like_sql.project import HISTORY, Model, Project
from expectations.suites import Suite

if TYPE_CHECKING:
    from assets.build import Built
    from assets.run import Result
    from resources.warehouse import Warehouse

FAMILIES: Mapping[str, str] = {
    "complete": "Tính đủ (complete)",
    "correct": "Tính đúng (correct)",
    "nothing_left_out": "Không bỏ sót (nothing left out)",
}
"""Families of rules, which audits are tagged with: what comes before the double underscore in a name."""
_LAYER_MEANS: Mapping[str, str] = {
    "staging": "Canonical units and codes, as known on the day of the run.",
    "intermediate": "A step between staging and marts; not published.",
    "audits": "A rule across rows, as SQL: its rows are judged by the suite of the same name.",
    "marts": "Published.",
}


def seed_specs(project: Project) -> list[dg.AssetSpec]:
    """Return the seeds as external assets: versioned with the code, not made by a run."""
    return [
        dg.AssetSpec(
            key=dg.AssetKey(["seeds", seed.name]),
            group_name="seeds",
            kinds={"seeds", "csv"},
            owners=["team:data-engineering"],
            description=description_of(
                seed.description_en, "A seed, kept in the project by hand.", seed.description_vi
            ),
            tags={"layer": "seeds"},
            metadata=seed_metadata(seed, project.fields),
            code_version=seed.digest[:12],
        )
        for seed in project.seeds.values()
    ]


def model_spec(project: Project, model: Model) -> dg.AssetSpec:
    """Return the asset of a model."""
    suite = rules_of_model(project, model)
    family = _family_of(model)
    kinds = {model.layer, "python" if model.is_python else "duckdb", *(["greatexpectations"] if suite else [])}
    return dg.AssetSpec(
        key=key_of(table_of(model)),
        deps=source_keys(project, table_of(model)),
        description=description_of(
            model.description_en,
            model.description_vi,
            f"{FAMILIES[family]}." if family else "",
            f"{_LAYER_MEANS[model.layer]} One row for each {', '.join(model.grain)}.",
        ),
        group_name=model.subject,
        kinds=kinds,
        owners=[model.owner],
        tags={
            "layer": model.layer,
            **({"publish": "true"} if model.publish else {}),
            **({"family": family} if family else {}),
        },
        metadata={
            "grain": ", ".join(model.grain),
            model.language: dg.MetadataValue.md(f"```{model.language}\n{model.source_text.strip()}\n```"),
        },
        code_version=model.digest[:12],
    )


def model_checks(model: Model, suite: Suite | None) -> list[dg.AssetCheckSpec]:
    """Return the checks of a model's asset."""
    when_critical = REFUSES if model.judged_feed else STOPS
    return check_specs(key_of(table_of(model)), suite.dimensions if suite else (), suite, when_critical)


def describe_model(project: Project, warehouse: "Warehouse", model: Model, result: "Result") -> Described:
    """Return what Dagster shows of a model's table, and what became of its rules."""
    built: Built = result.made
    suite = rules_of_model(project, model)
    path = warehouse.path(model.layer, model.name)
    metadata = {**views_of(model.name, path), **table_metadata(path, project.fields)}
    lineage = column_lineage(project, model)
    if lineage is not None:
        metadata["dagster/column_lineage"] = lineage
    return metadata, _judged(model, suite, built), built.state.content or ""


def views_of(mart: str, path: Path) -> Mapping[str, dg.MetadataValue]:
    """Return a mart in the other forms in which it is shown too, as pictures or tables, each under its name."""
    match mart:  # whoever draws is imported when something is drawn: Dagster loads the definitions often
        case "directive_scorecard":
            from assets.dagster.scorecard_views import scorecard_views

            return scorecard_views(path)
        case "disbursement_s_curve":
            from assets.dagster.s_curve import s_curves

            return s_curves(path)
        case "evidence":
            return evidence_deliveries(path)
        case "nonstate_construction_capture":
            from assets.dagster.heat_map import capture_views

            return capture_views(path)
    return {}


def model_step(project: Project) -> dg.AssetsDefinition:
    """Return the one step of all models and of the history that some of them read.

    It is one step because Dagster skips all steps after one that fails, or that does not yield every planned table, and
    in the second case leaves the run green (since 1.11.12: https://github.com/dagster-io/dagster/issues/33351). A table
    that is blocked here stops what is made from it, as `assets.run` decides, and nothing else.
    """
    tables = {table: project.models[table.name] for table in graph(project) if _is_of_a_model(project, table)}
    specs = [
        _history_spec(project, table) if table.layer == HISTORY else model_spec(project, model)
        for table, model in tables.items()
    ]
    checks = [
        check
        for table, model in tables.items()
        if table.layer != HISTORY
        for check in model_checks(model, rules_of_model(project, model))
    ]

    @dg.multi_asset(name="models", specs=specs, check_specs=checks, can_subset=True, required_resource_keys=RESOURCES)
    def build(context: dg.AssetExecutionContext) -> Iterator[Emitted]:
        warehouse: Warehouse = context.resources.warehouse.store
        troubled: list[Result] = []
        for result in results_of(context, project, tables, checks):
            model = tables[result.table]
            if result.is_good:
                describe = describe_history if result.table.layer == HISTORY else describe_model
                yield from emit(context, result, describe(project, warehouse, model, result))
                continue
            troubled.append(result)
            if result.outcome == "blocked":
                suite = rules_of_model(project, model)
                yield from emit_checks(context, _judged(model, suite, result.made))
            else:
                yield from not_judged(context, result)
        raise_for(troubled)

    return build


def _is_of_a_model(project: Project, table: Table) -> bool:
    """Whether a table is made by a model, or by its history, and not with a feed."""
    model = project.models.get(table.name)
    if model is None:
        return False
    return table.layer == HISTORY or (table == table_of(model) and model.judged_feed is None)


def describe_history(project: Project, warehouse: "Warehouse", model: Model, result: "Result") -> Described:
    """Return what Dagster shows of a model's history, which is judged by the model that reads it."""
    metadata = table_metadata(warehouse.path(*result.table), project.fields)
    return metadata, [], warehouse.content_of(*result.table)


def _history_spec(project: Project, table: Table) -> dg.AssetSpec:
    model = project.models[table.name]
    return dg.AssetSpec(
        key=key_of(table),
        deps=source_keys(project, table),
        description=description_of(
            "At every month end before the day, as it was then known and with what is known now: "
            f"{model.description_en}",
            "Cuối mỗi tháng trước ngày tính, theo số liệu biết khi đó và theo số liệu biết hiện nay: "
            f"{model.description_vi}",
        ),
        group_name=model.subject,
        kinds={HISTORY, "duckdb"},
        owners=[model.owner],
        tags={"layer": HISTORY},
    )


def _judged(model: Model, suite: Suite | None, built: "Built") -> list[dg.AssetCheckResult]:
    results = list(built.report.results) if built.report else []
    return check_results(key_of(table_of(model)), suite.dimensions if suite else (), results)


def _family_of(model: Model) -> str | None:
    """The family of rules that an audit belongs to, if it belongs to one."""
    family = model.name.split("__")[0]
    return family if model.layer == "audits" and family in FAMILIES else None
