-- A row is one figure of a wind farm compared with what an earlier delivery gave for the same month, else for the same
-- month a year before. It fails when the two differ by two orders of magnitude: a unit is wrong. What exceeds a month
-- of full load (744 hours) is judged by wind_power_possible alone.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        plant_code,
        'generation_mwh' as figure_name,
        'generation_mwh ' || plant_code as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(generation_mwh as decimal(20, 4)) as figure
    from {{ source('candidates', 'wind_power') }}
    where generation_mwh > 0 and generation_mwh <= capacity_mw * 744
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        plant_code,
        'capacity_mw' as figure_name,
        'capacity_mw ' || plant_code as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(capacity_mw as decimal(20, 4)) as figure
    from {{ source('candidates', 'wind_power') }}
    where capacity_mw > 0
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    plant_code,
    period as month,
    figure_name,
    figure,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
