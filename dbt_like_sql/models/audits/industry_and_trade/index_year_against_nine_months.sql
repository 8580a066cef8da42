-- A row is the cumulative index of a December beside that of the September of the same year. It fails when the two
-- leave the fourth quarter a growth far from that of the nine months before.
with cumulative as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        activity_code,
        month,
        {{ year_number('month') }} as calendar_year,
        {{ month_number('month') }} as month_number,
        index_ytd
    from {{ source('candidates', 'industrial_production_index') }}
    where index_ytd is not null
),

paired as (
    select
        december.delivery_id,
        december.source_row,
        december.area_code,
        december.activity_code,
        december.month,
        december.index_ytd - 100 as year_growth,
        september.index_ytd - 100 as months_growth,
        row_number() over (
            partition by december.delivery_id, december.area_code, december.activity_code, december.month
            order by september.released_on desc, september.revision desc, september.delivery_id asc
        ) as row_number
    from cumulative as december
    inner join cumulative as september
        on
            december.area_code = september.area_code
            and december.activity_code = september.activity_code
            and december.calendar_year = september.calendar_year
            and december.released_on >= september.released_on
    where december.month_number = 12 and september.month_number = 9
),

implied as (
    select
        *,
        cast(12 * year_growth - 9 * months_growth as double) / 3 as rest_growth
    from paired
    where row_number = 1
)

select
    delivery_id,
    source_row,
    area_code,
    activity_code,
    month,
    cast(year_growth as decimal(12, 4)) as growth_yoy_pct,
    cast(months_growth as decimal(12, 4)) as months_growth_pct,
    cast(round(rest_growth, 4) as decimal(38, 4)) as implied_rest_growth_pct,
    cast(round(rest_growth - cast(months_growth as double), 4) as decimal(38, 4)) as rest_minus_months_pp
from implied
