-- A row is one kind of site in one delivery: the median declared value, or floor area, of its applications compared
-- with that of an earlier delivery. It fails when the two lie further apart than the seed allows: a unit is wrong.
-- Offices name kinds in their own words, which compares like with like without a seed of kinds.
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
