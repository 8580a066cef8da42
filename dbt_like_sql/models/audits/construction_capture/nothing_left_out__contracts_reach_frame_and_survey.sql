-- A row is one contract on which turnover from construction was declared in a quarter and whose site is on no other
-- list. It fails when its firm is in no frame, or belongs to a take-all stratum without a return.
select
    quarter,
    listed_id,
    list_kind,
    district_code,
    commune_code,
    stratum,
    selection,
    frame_unit_id,
    capture_status,
    omission_reason,
    quarter_value_mn
from {{ ref('int_listed_status') }}
where list_kind = 'contract'
