-- A farm's last month says whether it operates; the months before it carry generation and support the detail. The same
-- month a year before is given beside the last one.
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
union all
select
    shown.directive,
    shown.item,
    'wind_power' as feed,
    {{ source_row_of('farms') }},
    'year_before' as evidence_role,
    farms.is_simulated
from {{ ref('int_wind_item_evidence') }} as shown
inner join {{ ref('stg_wind_power') }} as farms
    on farms.month = {{ year_before('shown.evidence_period') }}
