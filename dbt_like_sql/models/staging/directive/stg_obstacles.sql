-- Obstacles as known on the day: the latest state of each case.
with ranked as (
    select
        *,
        row_number() over (
            partition by case_id
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'obstacles') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    case_id,
    agency_code,
    raised_on,
    due_on,
    resolved_on,
    kind,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1
