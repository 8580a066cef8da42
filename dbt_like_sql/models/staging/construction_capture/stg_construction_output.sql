-- Output of construction as known on the day: the latest vintage of each value, of two price bases in one the newest.
with ranked as (
    select
        *,
        row_number() over (
            partition by area_code, district_code, period, ownership, work_type
            order by
                {{ newest_first() }}, coalesce(base_year, 0) desc
        ) as row_number
    from {{ source('validated', 'construction_output') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    area_code,
    district_code,
    period,
    ownership,
    work_type,
    value_current_mn,
    value_constant_mn,
    base_year,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1
