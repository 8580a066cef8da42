-- Projects on schedule are the numerator, all that were to begin the denominator.
select
    directive,
    item,
    'construction_schedules' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    case when is_late then 'denominator' else 'numerator' end as evidence_role,
    is_simulated
from {{ ref('int_item_schedules') }}
