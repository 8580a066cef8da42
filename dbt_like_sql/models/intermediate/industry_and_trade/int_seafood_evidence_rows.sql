-- Rows of both feeds, of the months compared and of the same months a year before.
select
    directive,
    item,
    feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    evidence_role,
    is_simulated
from {{ ref('int_seafood_item_rows') }}
where not is_year_before
