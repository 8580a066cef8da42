-- How the rest of each year grew after each cumulative period: what the area's own history says about catching up.
-- rest = level of the year - cumulative level, this year's against that of the year before.
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
    from {{ ref('int_sector_levels') }}
    where period_type = 'ytd'
),

years as (
    select
        area_code,
        sector_code,
        calendar_year,
        value_constant_bn,
        value_year_before_constant_bn,
        base_code,
        is_simulated
    from {{ ref('int_sector_levels') }}
    where period_type = 'year'
),

rests as (
    select
        years.area_code,
        years.sector_code,
        years.calendar_year,
        cumulative.last_month_of_year,
        years.value_constant_bn - cumulative.value_constant_bn as rest_now,
        years.value_year_before_constant_bn - cumulative.value_year_before_constant_bn as rest_before,
        years.is_simulated or cumulative.is_simulated as is_simulated
    from years
    inner join cumulative
        on
            years.area_code = cumulative.area_code
            and years.sector_code = cumulative.sector_code
            and years.calendar_year = cumulative.calendar_year
            and years.base_code = cumulative.base_code
)

select
    area_code,
    sector_code,
    calendar_year,
    last_month_of_year,
    try_cast(round(100 * (cast(rest_now as double) / cast(rest_before as double) - 1), 4) as decimal(12, 4))
        as rest_of_year_growth_pct,
    is_simulated
from rests
where rest_before > 0
