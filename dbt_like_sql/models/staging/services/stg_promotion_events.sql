-- Events of promotion as known on the day: the latest state of each.
with ranked as (
    select
        *,
        row_number() over (
            partition by event_id
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'promotion_events') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    event_id,
    item,
    kind,
    planned_on,
    held_on,
    district_code,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1
