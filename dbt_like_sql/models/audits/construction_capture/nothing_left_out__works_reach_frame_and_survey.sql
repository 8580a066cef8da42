-- A row is one permit or appraisal whose site is under construction in a quarter outside the budget. It fails when it
-- is omitted: it links to no unit of the frame, its unit of a take-all stratum gave no return, or a unit that answered
-- did not name it. A unit that was not sampled, or did not answer, is not an omission.
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
where list_kind <> 'contract'
