-- A farm's last month says whether it operates; the months before it carry generation and support the detail.
select
    directive,
    item,
    'wind_power' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    case when is_last_month_of_plant then 'value' else 'generation' end as evidence_role,
    is_simulated
from {{ ref('int_wind_item_rows') }}
