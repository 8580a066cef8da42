-- A row is one row of the published growth table with its figures computed a second time: growth from the two levels
-- (where they are large enough for their four decimals to carry it), the gap from growth and target. It fails when
-- they differ by more than rounding, or when a target stands where no directive sets one (another area, another
-- year, a quarter).
with recomputed as (
    select
        figures.area_code,
        figures.sector_code,
        figures.period,
        figures.period_type,
        figures.calendar_year,
        figures.directive,
        figures.item,
        figures.growth_yoy_pct,
        figures.target_growth_pct,
        figures.gap_to_target_pp,
        case
            when figures.level_year_before_constant_bn >= 10
                then
                    100 * (
                        cast(figures.level_constant_bn as double)
                        / cast(figures.level_year_before_constant_bn as double)
                        - 1
                    )
        end as growth_again
    from {{ ref('sector_growth_vs_target') }} as figures
)

select
    recomputed.area_code,
    recomputed.sector_code,
    recomputed.period,
    cast(cast(recomputed.growth_yoy_pct as double) - recomputed.growth_again as decimal(12, 4))
        as growth_difference_pp,
    cast(
        coalesce(recomputed.gap_to_target_pp, 0)
        - coalesce(recomputed.growth_yoy_pct - recomputed.target_growth_pct, 0)
        as decimal(12, 4)
    ) as gap_difference_pp,
    recomputed.target_growth_pct is null
    or (
        targets.item is not null
        and (
            recomputed.period = targets.period
            or (targets.period_type = 'year' and recomputed.period_type in ('year', 'ytd'))
        )
    ) as is_target_of_directive
from recomputed
left join {{ ref('int_growth_targets') }} as targets
    on
        recomputed.directive = targets.directive
        and recomputed.item = targets.item
        and recomputed.area_code = targets.area_code
        and recomputed.sector_code = targets.sector_code
        and recomputed.calendar_year = targets.calendar_year
