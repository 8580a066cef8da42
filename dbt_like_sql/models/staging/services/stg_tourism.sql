-- Visitors and revenue of tourism as known on the day: the latest vintage of each month.
with ranked as (
    select
        delivery_id,
        month,
        visitors,
        overnight_visitors,
        revenue_bn,
        released_on,
        revision,
        is_simulated,
        source_file,
        source_sheet,
        source_row,
        row_number() over (
            partition by month
            order by is_simulated asc, released_on desc, revision desc, delivery_id desc
        ) as place
    from {{ source('validated', 'tourism') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    month,
    visitors,
    overnight_visitors,
    revenue_bn,
    cast(substr(month, 1, 4) as integer) as calendar_year,
    cast(substr(month, 6, 2) as integer) as month_of_year,
    cast(cast(substr(month, 1, 4) as integer) - 1 as varchar) || substr(month, 5) as month_year_before,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where place = 1
