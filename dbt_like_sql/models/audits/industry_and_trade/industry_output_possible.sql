-- A row is the monthly output of one enterprise and product beside its capacity. It fails when output exceeds what the
-- plant can make: a unit is wrong (a 72 MW wind farm makes 631 GWh in a year at most).
select
    delivery_id,
    source_row,
    enterprise_code,
    product_code,
    month,
    unit,
    quantity,
    capacity,
    cast(round(cast(quantity as double) / cast(capacity as double), 4) as decimal(38, 4)) as capacity_ratio
from {{ source('candidates', 'industry_output') }}
where capacity > 0
