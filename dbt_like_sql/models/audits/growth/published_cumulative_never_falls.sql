-- A row is one published cumulative level (months from January, or the year) beside the shorter one that the same
-- publisher stated for the same year. It fails when the longer one is smaller.
with cumulative as (
    select
        delivery_id,
        source_row,
        indicator,
        area_code,
        period,
        publisher,
        unit,
        said_on,
        value,
        {{ year_number('period') }} as calendar_year,
        {{ last_month_of('period') }} as last_month_of_year
    from {{ source('candidates', 'published_figures') }}
    where
        measure = 'level'
        and {{ period_type_of('period') }} in ('year', 'ytd')
),

latest as (
    select
        *,
        row_number() over (
            partition by delivery_id, indicator, area_code, publisher, unit, period
            order by said_on desc, source_row desc
        ) as row_number
    from cumulative
),

paired as (
    select
        *,
        lag(value) over (
            partition by delivery_id, indicator, area_code, publisher, unit, calendar_year
            order by last_month_of_year asc
        ) as value_before
    from latest
    where row_number = 1
)

select
    delivery_id,
    source_row,
    indicator,
    area_code,
    period,
    publisher,
    unit,
    value,
    cast(value - value_before as decimal(20, 6)) as increase
from paired
where value_before is not null
