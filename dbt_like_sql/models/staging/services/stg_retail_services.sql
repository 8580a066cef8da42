-- Retail sales and consumer services as known on the day: the latest vintage of each value.
with ranked as (
    select
        delivery_id,
        area_code,
        service_group,
        month,
        value_bn,
        released_on,
        revision,
        is_simulated,
        source_file,
        source_sheet,
        source_row,
        row_number() over (
            partition by area_code, service_group, month
            order by is_simulated asc, released_on desc, revision desc, delivery_id desc
        ) as row_number
    from {{ source('validated', 'retail_services') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    area_code,
    service_group,
    month,
    value_bn,
    cast({{ year_of('month') }} as integer) as calendar_year,
    {{ month_number('month') }} as month_of_year,
    {{ year_before('month') }} as month_year_before,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1
