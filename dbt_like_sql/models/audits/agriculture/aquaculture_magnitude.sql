-- A row is one figure of aquaculture compared with what an earlier delivery gave for the same month, else for the same
-- month a year before. It fails when the two differ by two orders of magnitude: a unit is wrong. No other month is used
-- as a reference: harvests are seasonal.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        district_code,
        species,
        'stocked_ha' as figure_name,
        'stocked_ha ' || district_code || ' ' || species as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(stocked_ha as decimal(20, 4)) as figure
    from {{ source('candidates', 'aquaculture') }}
    where stocked_ha > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        district_code,
        species,
        'of_which_high_tech_ha' as figure_name,
        'of_which_high_tech_ha ' || district_code || ' ' || species as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(of_which_high_tech_ha as decimal(20, 4)) as figure
    from {{ source('candidates', 'aquaculture') }}
    where of_which_high_tech_ha > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        district_code,
        species,
        'damaged_ha' as figure_name,
        'damaged_ha ' || district_code || ' ' || species as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(damaged_ha as decimal(20, 4)) as figure
    from {{ source('candidates', 'aquaculture') }}
    where damaged_ha > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        district_code,
        species,
        'harvest_t' as figure_name,
        'harvest_t ' || district_code || ' ' || species as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(harvest_t as decimal(20, 4)) as figure
    from {{ source('candidates', 'aquaculture') }}
    where harvest_t > 0
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    district_code,
    species,
    period as month,
    figure_name,
    figure,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
