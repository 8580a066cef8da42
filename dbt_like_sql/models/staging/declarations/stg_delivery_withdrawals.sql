-- The latest row on a withdrawal decides; all are kept in the validated table.
with released as (
    select
        *,
        row_number() over (
            partition by delivery_file
            order by released_on desc, revision desc, delivery_id desc
        ) as row_number
    from {{ source('validated', 'delivery_withdrawals') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    delivery_file,
    withdrawn_on,
    officer,
    reason,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from released
where row_number = 1
