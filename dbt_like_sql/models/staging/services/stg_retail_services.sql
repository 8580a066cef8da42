-- Retail sales and consumer services as known on the day: the latest vintage of each value.
with ranked as (
    select
        *,
        row_number() over (
            partition by area_code, service_group, month
            order by {{ newest_first() }}
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
    {{ year_number('month') }} as calendar_year,
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
