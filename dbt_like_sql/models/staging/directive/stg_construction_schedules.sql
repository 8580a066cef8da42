-- The schedule of each project as last delivered by the day of the run; a simulated one never displaces a real one.
with released as (
    select
        *,
        row_number() over (
            partition by schedule_no
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'construction_schedules') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row,
    schedule_no,
    name,
    district_code,
    industrial_zone,
    planned_start_on,
    planned_finish_on,
    started_on,
    completed_on
from released
where row_number = 1
