-- A row is one kind of works in one delivery: the declared value, or the floor area, of its middle application beside
-- that of an earlier delivery. It fails when the two lie further apart than the seed allows: a unit is wrong.
-- Offices spell kinds in their own words, so that like is set beside like without a seed of kinds.
with lines as (
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'declared_value_mn' as figure_name,
        coalesce(kind, 'none') as line_kind,
        cast(declared_value_mn as decimal(38, 4)) as figure
    from {{ source('candidates', 'building_permits') }}
    where declared_value_mn > 0
    union all
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'floor_area_m2' as figure_name,
        coalesce(kind, 'none') as line_kind,
        cast(floor_area_m2 as decimal(38, 4)) as figure
    from {{ source('candidates', 'building_permits') }}
    where floor_area_m2 > 0
),

{{ median_against_first_delivery() }}
