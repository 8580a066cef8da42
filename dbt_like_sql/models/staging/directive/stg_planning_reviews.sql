-- Reviews of planning schemes as known on the day: the latest state of each.
with ranked as (
    select
        *,
        row_number() over (
            partition by review_id
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'planning_reviews') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    review_id,
    district_code,
    kind,
    due_on,
    reviewed_on,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1
