-- What the offices' own figures say of each task, from the models of the subjects. A task without evidence has no row.
with subjects as (
    select * from {{ ref('int_aquaculture_item_evidence') }}
    union all
    select * from {{ ref('int_seafood_item_evidence') }}
    union all
    select * from {{ ref('int_wind_item_evidence') }}
    union all
    select * from {{ ref('int_investment_item_evidence') }}
    union all
    select * from {{ ref('int_obstacles_item_evidence') }}
    union all
    select * from {{ ref('int_events_item_evidence') }}
    union all
    select * from {{ ref('int_tourism_item_evidence') }}
    union all
    select * from {{ ref('int_services_item_evidence') }}
    union all
    select * from {{ ref('int_housing_item_evidence') }}
    union all
    select * from {{ ref('int_duties_item_evidence') }}
)

select
    directive,
    item,
    evidence_basis,
    evidence_period,
    covers_target_period,
    actual,
    progress_ratio,
    exact_difference,
    detail_en,
    detail_vi,
    released_on,
    publisher,
    delivery_id,
    is_simulated
from subjects
