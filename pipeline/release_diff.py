"""What changed between two releases: mart by mart, item by item of the scorecard, sector by sector of growth.

A change is parted as in the mart `scorecard_history`. It belongs to this command and to no mart, because a mart follows
from deliveries, declarations, code and day alone, and which release came before is a matter of the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resources.releases import Release
from resources.warehouse import Warehouse


@dataclass(frozen=True)
class MartChange:
    """Rows of a mart that stand only in the earlier or only in the later of two releases."""

    mart: str
    gone: int
    new: int


def mart_changes(warehouse: Warehouse, before: Release, after: Release) -> Iterator[MartChange]:
    """Yield each mart whose rows differ; one that exists in one release only counts all its rows."""
    for mart in sorted({*before.manifest["marts"], *after.manifest["marts"]}):
        old, new = before.manifest["marts"].get(mart), after.manifest["marts"].get(mart)
        if old is None or new is None:
            yield MartChange(mart, (old or {"rows": 0})["rows"], (new or {"rows": 0})["rows"])
        elif old["sha256"] != new["sha256"]:
            first, second = before.path / f"{mart}.parquet", after.path / f"{mart}.parquet"
            yield MartChange(mart, _only_in(warehouse, first, second), _only_in(warehouse, second, first))


def _only_in(warehouse: Warehouse, one: object, other: object) -> int:
    sql = (
        f"select count(*) as n from (select * from read_parquet('{one}') "
        f"except all select * from read_parquet('{other}'))"
    )
    return int(warehouse.query(sql).column("n")[0].as_py())


def item_changes(warehouse: Warehouse, before: Release, after: Release) -> list[dict[str, object]]:
    """Return the items of the scorecard whose status or actual value differs, each with what the change comes from.

    `change_reason` is rule (the threshold is another), weights (only the plan is another), revision (another figure for
    the same period), new_data or data_withdrawn; `revision_change`, `new_data_change` and `weights_change` add up to
    `total_change`.
    """
    old, new = (_items(release) for release in (before, after))
    rows: list[dict[str, object]] = warehouse.query(
        f"""
        with joined as (
            select
                coalesce(after.directive, before.directive) as directive,
                coalesce(after.item, before.item) as item,
                before.status as status_before,
                after.status as status_after,
                before.actual as actual_before,
                after.actual as actual_after,
                cast(after.actual - before.actual as decimal(12, 4)) as total_change,
                before.threshold is distinct from after.threshold
                or before.comparator is distinct from after.comparator as is_other_rule,
                coalesce(
                    before.evidence_basis = after.evidence_basis and before.evidence_period = after.evidence_period,
                    false
                ) as is_same_evidence,
                case
                    when after.counted_vnd is null or coalesce(after.plan_vnd, 0) <= 0
                        or coalesce(before.plan_vnd, 0) <= 0 then cast(0 as decimal(12, 4))
                    else cast(round(100 * (
                        cast(after.counted_vnd as double) / cast(after.plan_vnd as double)
                        - cast(after.counted_vnd as double) / cast(before.plan_vnd as double)
                    ), 4) as decimal(12, 4))
                end as plan_effect
            from ({old}) as before
            full join ({new}) as after on before.directive = after.directive and before.item = after.item
        ),
        parted as (
            select *, case when total_change is not null then plan_effect end as weights_change from joined
        )
        select
            directive, item, status_before, status_after, actual_before, actual_after, total_change,
            cast(case when is_same_evidence then total_change - weights_change else 0 * total_change end
                as decimal(12, 4)) as revision_change,
            cast(case when is_same_evidence then 0 * total_change else total_change - weights_change end
                as decimal(12, 4)) as new_data_change,
            weights_change,
            case
                when is_other_rule then 'rule'
                when actual_before is null and actual_after is null then 'day_or_rule'
                when actual_after is null then 'data_withdrawn'
                when actual_before is null or not is_same_evidence then 'new_data'
                when total_change = 0 then 'day_or_rule'
                when total_change = weights_change then 'weights'
                else 'revision'
            end as change_reason
        from parted
        where
            status_before is distinct from status_after
            or actual_before is distinct from actual_after
            or is_other_rule
        order by directive, item
        """
    ).to_pylist()
    return rows


def _items(release: Release) -> str:
    """The scorecard of a release, with plan and money where it publishes a history."""
    scorecard = f"read_parquet('{release.path / 'directive_scorecard.parquet'}')"
    history = release.path / "scorecard_history.parquet"
    money = (
        f"(select * from read_parquet('{history}') where knowledge = 'as_then_known' "
        f"and on_date = (select max(on_date) from read_parquet('{history}')))"
        if history.exists()
        else f"(select directive, item, 0 as plan_vnd, cast(null as bigint) as counted_vnd from {scorecard})"
    )
    return (
        "select card.directive, card.item, card.status, card.actual, card.threshold, card.comparator, "
        "card.evidence_basis, card.evidence_period, money.plan_vnd, money.counted_vnd "
        f"from {scorecard} as card left join {money} as money "
        "on card.directive = money.directive and card.item = money.item"
    )


def growth_changes(warehouse: Warehouse, before: Release, after: Release) -> list[dict[str, object]]:
    """Return growth figures that both releases give and that differ: revisions, each of one area, sector and period."""
    old, new = (release.path / "sector_growth_vs_target.parquet" for release in (before, after))
    rows: list[dict[str, object]] = warehouse.query(
        f"""
        select
            after.area_code, after.sector_code, after.period,
            before.growth_yoy_pct as growth_before, after.growth_yoy_pct as growth_after,
            cast(after.growth_yoy_pct - before.growth_yoy_pct as decimal(12, 4)) as revision_pp
        from read_parquet('{old}') as before
        inner join read_parquet('{new}') as after
            on before.area_code = after.area_code
            and before.sector_code = after.sector_code
            and before.period = after.period
        where before.growth_yoy_pct <> after.growth_yoy_pct
        order by area_code, sector_code, period
        """
    ).to_pylist()
    return rows
