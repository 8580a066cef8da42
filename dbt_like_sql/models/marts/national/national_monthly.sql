-- What the national office publishes every month about the country, and about provinces that its tables name: context
-- for the province's figures, and evidence for none of its targets.
select
    national_table,
    area_code,
    national_item_code,
    row_label,
    month,
    value_bn,
    ytd_bn,
    of_plan_pct,
    of_total_pct,
    international_visits,
    international_visits_ytd,
    cast(round(index_mom - 100, 4) as decimal(12, 4)) as national_mom_pct,
    cast(round(index_yoy - 100, 4) as decimal(12, 4)) as national_yoy_pct,
    cast(round(index_ytd - 100, 4) as decimal(12, 4)) as national_ytd_yoy_pct,
    released_on,
    is_simulated,
    delivery_id,
    source_file,
    source_sheet,
    source_row
from {{ ref('int_national_monthly') }}
order by national_table, area_code, national_item_code, month
