-- A row is one month of the index beside an earlier delivery's level on the same base year. It fails when the two
-- differ by an order of magnitude.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        activity_code,
        area_code || ' ' || activity_code || ' ' || cast(base_year as varchar) as series_key,
        month as period,
        10 as first_delivery_tolerance,
        index_level as figure
    from {{ source('candidates', 'industrial_production_index') }}
    where index_level > 0 and base_year is not null
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    area_code,
    activity_code,
    period as month,
    figure as index_level,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
