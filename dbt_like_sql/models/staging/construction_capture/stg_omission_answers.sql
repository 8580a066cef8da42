-- Answers about cases of the work list as known on the day: the latest of each case.
with ranked as (
    select
        *,
        row_number() over (
            partition by case_id
            order by answered_on desc, {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'omission_answers') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    case_id,
    answer,
    counted_as,
    officer,
    answered_on,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1
