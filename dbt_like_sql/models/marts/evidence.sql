-- A file without sheets has the empty sheet '', so that a row can always be named.
with evidence_rows as (
    select * from {{ ref('int_growth_evidence_rows') }}
    union all
    select * from {{ ref('int_disbursement_evidence_rows') }}
    union all
    select * from {{ ref('int_capture_evidence_rows') }}
    union all
    select * from {{ ref('int_aquaculture_evidence_rows') }}
    union all
    select * from {{ ref('int_seafood_evidence_rows') }}
    union all
    select * from {{ ref('int_wind_evidence_rows') }}
    union all
    select * from {{ ref('int_investment_evidence_rows') }}
    union all
    select * from {{ ref('int_obstacles_evidence_rows') }}
    union all
    select * from {{ ref('int_events_evidence_rows') }}
    union all
    select * from {{ ref('int_tourism_evidence_rows') }}
    union all
    select * from {{ ref('int_services_evidence_rows') }}
    union all
    select * from {{ ref('int_housing_evidence_rows') }}
    union all
    select * from {{ ref('int_planning_evidence_rows') }}
    union all
    select * from {{ ref('int_permits_evidence_rows') }}
)

select
    directive,
    item,
    feed,
    delivery_id,
    coalesce(source_sheet, '') as source_sheet,
    source_row,
    evidence_role,
    source_file,
    is_simulated
from evidence_rows
