-- The latest row on a waiver decides; all are kept in the validated table.
with released as (
    select
        *,
        row_number() over (
            partition by delivery_file, rule
            order by released_on desc, revision desc, delivery_id desc
        ) as row_number
    from {{ source('validated', 'finding_waivers') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    delivery_file,
    rule,
    officer,
    waived_on,
    reason,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from released
where row_number = 1
