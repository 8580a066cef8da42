-- A row is one district, quarter and stratum with answers. It fails when value, commune or source of funding is left
-- blank more often than the threshold allows.
with threshold as (
    select {{ threshold('minimum_item_response_rate') }} as minimum_rate
    from {{ ref('capture_thresholds') }}
)

select
    rows_of_mart.area_code,
    rows_of_mart.quarter,
    rows_of_mart.district_code,
    rows_of_mart.stratum,
    rows_of_mart.item_response_rate,
    cast(threshold.minimum_rate as decimal(12, 4)) as minimum_rate
from {{ ref('int_capture_strata') }} as rows_of_mart
cross join threshold
where not rows_of_mart.is_total and rows_of_mart.item_response_rate is not null
