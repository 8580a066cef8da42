-- Each row bears the part and the whole of its item's share, so it has one role: the value.
select
    directive,
    item,
    'aquaculture' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'value' as evidence_role,
    is_simulated
from {{ ref('int_aquaculture_item_rows') }}
where is_in_share
