-- Each project that was started, and whether it had been approved by then.
select
    delivery_id,
    source_row,
    project_id,
    approved_on,
    started_on,
    coalesce(approved_on <= started_on, false) as is_approved
from {{ source('candidates', 'social_housing') }}
where started_on is not null
