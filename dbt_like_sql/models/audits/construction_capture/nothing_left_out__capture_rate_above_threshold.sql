-- A row is one district, quarter and take-all stratum with running permits. It fails when fewer of them are found in
-- the survey than the threshold asks for. Where nothing was returned no share is known, and complete__districts_return
-- fails.
with threshold as (
    select {{ threshold('minimum_capture_rate') }} as minimum_rate
    from {{ ref('capture_thresholds') }}
)

select
    rows_of_mart.area_code,
    rows_of_mart.quarter,
    rows_of_mart.district_code,
    rows_of_mart.stratum,
    rows_of_mart.n_permits,
    rows_of_mart.n_matched,
    rows_of_mart.capture_rate,
    cast(threshold.minimum_rate as decimal(12, 4)) as minimum_rate
from {{ ref('int_capture_strata') }} as rows_of_mart
cross join threshold
where
    not rows_of_mart.is_total
    and rows_of_mart.selection = 'take_all'
    and rows_of_mart.n_permits > 0
    and not rows_of_mart.is_silent
