-- A row is one row of the published growth table with its figures computed a second time: growth from the two levels,
-- the gap from growth and target. It fails when they differ by more than rounding, or when a target stands where the
-- register sets none (another area, another year, a quarter).
select
    figures.area_code,
    figures.sector_code,
    figures.period,
    cast(
        figures.growth_yoy_pct
        - round(
            100 * (
                cast(figures.level_constant_2010_bn as double)
                / cast(nullif(figures.level_year_before_constant_2010_bn, 0) as double)
                - 1
            ),
            4
        )
        as decimal(12, 4)
    ) as growth_difference_pp,
    cast(
        coalesce(figures.gap_to_target_pp, 0) - coalesce(figures.growth_yoy_pct - figures.target_growth_pct, 0)
        as decimal(12, 4)
    ) as gap_difference_pp,
    figures.target_growth_pct is null
    or (targets.item is not null and figures.period_type in ('year', 'ytd')) as is_target_of_register
from {{ ref('sector_growth_vs_target') }} as figures
left join {{ ref('int_growth_targets') }} as targets
    on
        figures.directive = targets.directive
        and figures.item = targets.item
        and figures.area_code = targets.area_code
        and figures.sector_code = targets.sector_code
        and figures.calendar_year = targets.calendar_year
