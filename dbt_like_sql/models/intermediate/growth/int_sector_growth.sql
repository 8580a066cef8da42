-- Growth on a year before and contribution to the growth of GRDP, out of levels at constant prices.
-- growth = level / level a year before - 1; contribution = (level - level a year before) / GRDP a year before.
with comparable as (
    select
        *,
        cast(value_constant_bn as double) as level_now,
        cast(case when value_year_before_constant_bn > 0 then value_year_before_constant_bn end as double)
            as level_before,
        cast(case when grdp_year_before_constant_bn > 0 then grdp_year_before_constant_bn end as double)
            as grdp_before
    from {{ ref('int_sector_levels') }}
)

select
    area_code,
    sector_code,
    period,
    period_type,
    calendar_year,
    last_month_of_year,
    level_basis,
    value_constant_bn,
    value_current_bn,
    value_year_before_constant_bn,
    grdp_year_before_constant_bn,
    try_cast(round(100 * (level_now / level_before - 1), 4) as decimal(12, 4)) as growth_yoy_pct,
    try_cast(
        round(100 * cast(value_constant_bn - value_year_before_constant_bn as double) / grdp_before, 4)
        as decimal(12, 4)
    ) as contribution_pp,
    is_base_break,
    is_one_vintage,
    estimate_stage,
    released_on,
    revision,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    base_year,
    base_code,
    is_simulated
from comparable
