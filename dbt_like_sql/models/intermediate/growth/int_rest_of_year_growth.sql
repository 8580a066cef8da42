-- How the rest of each year, and of each longer cumulative period, grew after each cumulative period: what the area's
-- own history says about catching up. rest = level of the whole - cumulative level, this year's over that of the year
-- before.
with cumulative as (
    select
        area_code,
        sector_code,
        calendar_year,
        last_month_of_year,
        value_constant_bn,
        value_year_before_constant_bn,
        base_code,
        is_simulated
    from {{ ref('int_sector_growth') }}
    where period_type = 'ytd'
),

wholes as (
    select
        area_code,
        sector_code,
        calendar_year,
        last_month_of_year,
        value_constant_bn,
        value_year_before_constant_bn,
        base_code,
        is_simulated
    from {{ ref('int_sector_growth') }}
    where period_type in ('year', 'ytd')
),

rests as (
    select
        wholes.area_code,
        wholes.sector_code,
        wholes.calendar_year,
        wholes.last_month_of_year as whole_last_month,
        cumulative.last_month_of_year,
        wholes.value_constant_bn - cumulative.value_constant_bn as rest_now,
        wholes.value_year_before_constant_bn - cumulative.value_year_before_constant_bn as rest_before,
        wholes.is_simulated or cumulative.is_simulated as is_simulated
    from wholes
    inner join cumulative
        on
            wholes.area_code = cumulative.area_code
            and wholes.sector_code = cumulative.sector_code
            and wholes.calendar_year = cumulative.calendar_year
            and wholes.last_month_of_year > cumulative.last_month_of_year
            and wholes.base_code = cumulative.base_code
)

select
    area_code,
    sector_code,
    calendar_year,
    whole_last_month,
    last_month_of_year,
    try_cast(round(100 * (cast(rest_now as double) / cast(rest_before as double) - 1), 4) as decimal(12, 4))
        as rest_of_year_growth_pct,
    is_simulated
from rests
where rest_before > 0
