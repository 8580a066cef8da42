"""The release as an asset: the last step of a night, and where it is seen what is not in the figures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.dagster.metadata import description_of, headline_of
from assets.dagster.pictures import wide_table
from assets.dagster.steps import RESOURCES, Emitted, emit, key_of, not_judged, raise_for, results_of, source_keys
from assets.graph import RELEASE
from dbt_like_sql.project import Project
from resources.unreported_assets import forget_unreported, unreported

if TYPE_CHECKING:
    from assets.affected_targets import Affected
    from assets.run import Published
    from resources.home import Home
    from resources.releases import ReleaseStore

WHOLE = "deliveries_are_in_the_figures"
"""The check that fails for as long as a delivery that was refused, or not taken whole, has not been replaced."""


def release_asset(project: Project) -> dg.AssetsDefinition:
    """Return the asset that publishes."""
    spec = dg.AssetSpec(
        key=key_of(RELEASE),
        deps=source_keys(project, RELEASE),
        description=description_of(
            "A folder that never changes, with all published marts and a manifest of their hashes. marts/current "
            "points at it. Refused when a blocking rule of any mart failed or marts come from different states.",
            "Thư mục không bao giờ thay đổi, gồm mọi bảng công bố và bản kê mã băm; marts/current trỏ tới bản mới "
            "nhất. Không phát hành khi một quy tắc bắt buộc của bảng nào đó không đạt, hoặc khi các bảng không cùng "
            "một lần tính.",
        ),
        group_name="release",
        kinds={"release", "parquet"},
        owners=["team:data-engineering"],
        tags={"layer": "release"},
    )

    check = dg.AssetCheckSpec(
        WHOLE,
        asset=key_of(RELEASE),
        description="Every delivery is in the figures, whole, or was replaced or withdrawn; an error where one that is "
        "not touches a target. Mọi tệp đã gửi đều được tính đủ vào số liệu, hoặc đã được thay thế, rút lại.",
    )

    @dg.multi_asset(
        name="release", specs=[spec], check_specs=[check], can_subset=True, required_resource_keys=RESOURCES
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[Emitted]:
        from assets.affected_targets import affected_deliveries
        from assets.product.page import PAGE
        from assets.run import Published

        store: ReleaseStore = context.resources.releases.store
        for result in results_of(context, project, [RELEASE], [check]):
            missing = affected_deliveries(context.resources.home.home, project, context.resources.day.day)
            for one in missing:  # on the page of the run, beside the failed check
                (context.log.error if one.targets else context.log.warning)(f"{one.status}: {one.sentence}")
            if isinstance(result.made, Published):
                _remember(context, project, result.made)
                release = store.get(result.made.release_id)
                metadata = {
                    **_missing_table(missing),
                    "published": _marts_table(project, release.manifest["marts"]),
                    "release_id": release.release_id,
                    "is_new": result.made.is_new,
                    "stands": _stands(store, release.release_id),
                    "path": dg.MetadataValue.path(str(release.path)),
                    "page": dg.MetadataValue.path(str(release.path / PAGE)),  # a browser opens no file of the machine
                    "marts": len(release.manifest["marts"]),
                    "rows": sum(mart["rows"] for mart in release.manifest["marts"].values()),
                }
                yield from emit(context, result, (metadata, [_whole(missing)], release.release_id))
            else:
                yield from not_judged(context, result)
                raise_for([result])

    return publish


def _whole(missing: "Sequence[Affected]") -> dg.AssetCheckResult:
    touches = any(one.targets for one in missing)
    return dg.AssetCheckResult(
        check_name=WHOLE,
        asset_key=key_of(RELEASE),
        passed=not missing,
        severity=dg.AssetCheckSeverity.ERROR if touches else dg.AssetCheckSeverity.WARN,
        description="\n".join(f"{one.status}: {one.sentence}" for one in missing)
        or "Every delivery is in the figures, whole.",
        metadata=_missing_table(missing),
    )


def _missing_table(missing: "Sequence[Affected]") -> dict[str, Any]:
    """Deliveries that are not, or not whole, in the figures, those first that touch a target."""
    rows = [
        {
            "status": one.status,
            "delivery": one.file_name,
            "feed": one.feed,
            "touches": one.named_targets,
            "reason": one.reason,
        }
        for one in sorted(missing, key=lambda one: not one.targets)
    ]
    return {"not_in_the_figures": wide_table(rows)} if rows else {}


def _stands(store: "ReleaseStore", release_id: str) -> str:
    """Whether readers see a release, and who decided so."""
    if release_id == store.candidate_id():
        return f"candidate: waits for `python -m pipeline release approve {release_id}`"
    if release_id in store.looked_back_on():
        return "looked at: of a day before that of the current release"
    word = store.decision(release_id)
    if word is None:
        return "current"
    return f"{word['action']}: {word['by']}, {word['at']}: {word['reason']}"


def _marts_table(project: Project, marts: Mapping[str, Mapping[str, Any]]) -> dg.MetadataValue:
    """What a release holds, as its manifest says it."""
    return wide_table(
        [
            {
                "mart": name,
                "rows": entry["rows"],
                "bytes": entry["bytes"],
                "says": headline_of(project.models[name].description_en) if name in project.models else "",
            }
            for name, entry in sorted(marts.items())
        ]
    )


def _remember(context: dg.AssetExecutionContext, project: Project, published: "Published") -> None:
    """Record a night that leaves nothing to do, whoever started it; the run still holds the home."""
    from assets.change_detection import forget_night, remember_night
    from assets.staleness import stale

    home: Home = context.resources.home.home
    day = context.resources.day.day
    owed = unreported(home)
    if stale(project, home, context.resources.inbox.folder, day) <= {RELEASE}:  # which is about to be reported
        forget_unreported(home, owed - {str(RELEASE)})  # what is left is no asset any more
        if context.resources.releases.store.is_of_an_earlier_day(day):  # the next night has all its tables to make
            forget_night(home)
        else:
            remember_night(home, day, published.release_id)
