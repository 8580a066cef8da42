-- The rows of the accounts that give the level of each activity. A level that was summed from quarters names its newest
-- row.
select
    directive,
    item,
    'grdp' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'value' as evidence_role,
    is_simulated
from {{ ref('int_service_activities') }}
