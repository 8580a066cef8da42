"""The release: all published marts of one state of the world, or none."""

import datetime as dt
import logging
from collections.abc import Sequence

import dagster as dg

from assets.code_version import code_version, declarations_version
from assets.intake import Intake
from assets.news import remember_night
from dbt_like_sql.project import Model, Project
from resources.home import Home
from resources.landing import LandingStore
from resources.releases import ReleaseError, ReleaseStore
from resources.warehouse import Warehouse

log = logging.getLogger("provincial_growth")

KEY = dg.AssetKey(["release"])


def release_asset(project: Project, made_before: Sequence[dg.AssetsDefinition]) -> dg.AssetsDefinition:
    """Return the asset that publishes; a run that makes all that is made before is remembered as a night."""
    published = [model for model in project.models_in_order() if model.publish]
    spec = dg.AssetSpec(
        key=KEY,
        deps=[dg.AssetKey([model.layer, model.name]) for model in (*published, *_rules_across_feeds(project))],
        description=(
            "A folder that never changes, with all published marts and a manifest of their hashes; `marts/current` "
            "points at it. Refused when a blocking rule of any mart failed or marts come from different states."
        ),
        group_name="release",
        kinds={"parquet"},
        owners=["team:data-engineering"],
        tags={"layer": "release"},
    )

    @dg.multi_asset(name="release", specs=[spec], required_resource_keys={"home", "warehouse", "releases", "day"})
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        warehouse, day = context.resources.warehouse.store, context.resources.day.day
        store: ReleaseStore = context.resources.releases.store
        try:
            release_id, is_new = publish_marts(project, warehouse, store, day)
        except ReleaseError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        if _makes(made_before, context.run):
            remember_night(context.resources.home.home, day, release_id)
        log.info("release: %s%s", release_id, "" if is_new else " (nothing new)")
        release = store.get(release_id)
        return dg.MaterializeResult(
            metadata={
                "release_id": release_id,
                "is_new": is_new,
                "path": dg.MetadataValue.path(str(release.path)),
                "marts": len(release.manifest["marts"]),
                "rows": sum(mart["rows"] for mart in release.manifest["marts"].values()),
            },
            data_version=dg.DataVersion(release_id),
        )

    return publish


def _makes(made: Sequence[dg.AssetsDefinition], run: dg.DagsterRun) -> bool:
    """Whether a run makes everything. After one of single assets, what has landed need not be in the marts.

    The daemon names neither assets nor steps, the UI and the command name all steps and no assets.
    """
    assets, steps = run.asset_selection, run.step_keys_to_execute
    return (not assets or all(definition.keys <= assets for definition in made)) and (
        not steps or {definition.op.name for definition in made} <= set(steps)
    )


def publish_marts(project: Project, warehouse: Warehouse, store: ReleaseStore, as_of: dt.date) -> tuple[str, bool]:
    """Publish all marts and return the release's id and whether it is new.

    Raises ReleaseError, and publishes nothing, if a mart or anything it is made from was blocked, is missing, or
    belongs to another day.
    """
    published = [model for model in project.models_in_order() if model.publish]
    # A broken rule is told first: that others were not built for the day may follow from it.
    models = sorted(_upstream(project, published), key=lambda model: not _is_blocked(warehouse, model))
    faults = [fault for model in models for fault in _faults(warehouse, model, as_of)]
    if faults:
        raise ReleaseError("No release was made and the current one stands: " + "; ".join(faults))
    facts = {
        "code_version": code_version(),
        "declarations_version": declarations_version(),
        "inputs": _inputs(warehouse),
        "standing_still": _standing_still(project, warehouse, as_of),
    }
    marts = {model.name: warehouse.path(model.layer, model.name) for model in published}
    return store.publish(marts, facts, as_of)


def _upstream(project: Project, published: list[Model]) -> list[Model]:
    wanted: dict[str, Model] = {}
    queue = list(published)
    while queue:
        model = queue.pop()
        if model.name not in wanted:
            wanted[model.name] = model
            queue += [project.models[name] for name in (*model.refs, *model.remembers) if name in project.models]
    return list({model.name: model for model in (*wanted.values(), *_rules_across_feeds(project))}.values())


def _rules_across_feeds(project: Project) -> list[Model]:
    return [model for model in project.models_in_order() if model.layer == "audits" and model.judged_feed is None]


def _is_blocked(warehouse: Warehouse, model: Model) -> bool:
    state = warehouse.state(model.layer, model.name)
    return state is not None and state.blocked


def _faults(warehouse: Warehouse, model: Model, as_of: dt.date) -> list[str]:
    state = warehouse.state(model.layer, model.name)
    name = f"{model.layer}/{model.name}"
    if state is None:
        return [f"{name} {warehouse.why_unbuilt(model.layer, model.name)}; run the nightly job, which builds it again"]
    if state.blocked:
        return [f"{name} broke a critical rule; see its checks"]
    if state.as_of != as_of.isoformat():
        return [f"{name} was built for {state.as_of}, the release is for {as_of}; run the nightly job for that day"]
    return []


def _standing_still(project: Project, warehouse: Warehouse, as_of: dt.date) -> dict[str, list[str]]:
    """Feeds that stand still, so that the release rests on their last good tables, with the landed files damaged."""
    intake = Intake(project, LandingStore(Home(warehouse.root).landing), warehouse, as_of)
    damaged = {feed: intake.damaged(feed).values() for feed in project.contracts}
    return {feed: [one.receipt.file_name for one in those] for feed, those in damaged.items() if those}


def _inputs(warehouse: Warehouse) -> list[dict[str, str]]:
    """The deliveries that the release rests on."""
    inputs = []
    for path in sorted((warehouse.root / "ledger").glob("*.parquet")):
        rows = warehouse.read("ledger", path.stem).select(["delivery_id", "feed", "source_file", "status"])
        inputs += [row for row in rows.to_pylist() if row["status"].startswith("accepted")]
    return inputs
