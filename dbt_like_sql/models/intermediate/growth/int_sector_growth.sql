-- Each level of value added as known on the day, with its year-on-year growth and its contribution to the growth of
-- GRDP: growth = level / level a year before - 1; contribution = (level - level a year before) / GRDP a year before.
-- Levels and contributions are always in one price base. Where a period is known in several bases, the base with a
-- level a year before is taken; of several such bases, the one released last. Where no base has both levels, the year
-- before is that of the older base, linked to the newer one by the factor of the series (`is_linked`): a growth without
-- a contribution, since linked parts do not add up.
with linked as (
    select
        levels.*,
        before.linked_value_bn as linked_year_before_bn,
        before.link_year as year_before_link_year,
        before.exact_linking_factor as year_before_linking_factor
    from {{ ref('int_base_levels') }} as levels
    left join {{ ref('int_linked_levels') }} as before
        on
            levels.area_code = before.area_code
            and levels.sector_code = before.sector_code
            and before.period = {{ year_before('levels.period') }}
            and levels.base_code = before.linked_base_code
            and levels.value_year_before_constant_bn is null
            and not levels.is_base_break
            and {{ simulated_only_beside_simulated('levels', 'before') }}
),

in_each_base as (
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
        coalesce(value_year_before_constant_bn, linked_year_before_bn) as value_year_before_constant_bn,
        grdp_year_before_constant_bn,
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
        is_simulated,
        linked_year_before_bn is not null as is_linked,
        year_before_link_year as link_year,
        year_before_linking_factor as exact_linking_factor
    from linked
),

ranked as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, period
            order by
                is_simulated asc,
                case
                    when is_linked then 1
                    when value_year_before_constant_bn is null then 2
                    else 0
                end asc,
                released_on desc,
                revision desc,
                delivery_id desc,
                base_code desc
        ) as row_number
    from in_each_base
),

comparable as (
    select
        *,
        cast(value_constant_bn as double) as level,
        cast(case when value_year_before_constant_bn > 0 then value_year_before_constant_bn end as double)
            as level_year_before,
        cast(case when grdp_year_before_constant_bn > 0 then grdp_year_before_constant_bn end as double)
            as grdp_year_before
    from ranked
    where row_number = 1
)

select
    {{ columns_of_levels() }},
    is_linked,
    link_year,
    exact_linking_factor,
    try_cast(round(100 * (level / level_year_before - 1), 4) as decimal(12, 4)) as growth_yoy_pct,
    case
        when not is_linked
            then
                try_cast(
                    round(100 * cast(value_constant_bn - value_year_before_constant_bn as double) / grdp_year_before, 4)
                    as decimal(12, 4)
                )
    end as contribution_pp
from comparable
