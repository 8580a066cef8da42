-- Each row carries the part and the whole of its item's share, of its own year or of the year before.
select
    directive,
    item,
    'aquaculture' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    case when is_year_before then 'year_before' else 'value' end as evidence_role,
    is_simulated
from {{ ref('int_aquaculture_item_rows') }}
where is_in_share
