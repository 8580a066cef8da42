-- A row is one stratum in one delivery: the median value, or floor area, of its returns compared with that of an
-- earlier delivery. It fails when the two lie further apart than the seed allows: a unit is wrong. Single returns are
-- judged by their value per square metre (correct__value_per_m2_in_range), which cannot judge returns without an area.
with lines as (
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'value_mn' as figure_name,
        stratum as line_kind,
        cast(value_mn as decimal(38, 4)) as figure
    from {{ source('candidates', 'construction_survey') }}
    where value_mn > 0
    union all
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'floor_area_m2' as figure_name,
        stratum as line_kind,
        cast(floor_area_m2 as decimal(38, 4)) as figure
    from {{ source('candidates', 'construction_survey') }}
    where floor_area_m2 > 0
),

{{ median_against_first_delivery() }}
