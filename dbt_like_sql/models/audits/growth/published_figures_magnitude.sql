-- A row is one published level beside the first statement of the same indicator, area and unit, whatever its period. It
-- fails when the two lie further apart than a year and a month can: the figure was copied in another unit than it says.
with levels as (
    select
        *,
        row_number() over (
            partition by indicator, area_code, unit, is_simulated
            order by said_on asc, released_on asc, revision asc, delivery_id asc, source_row asc
        ) as row_number
    from {{ source('candidates', 'published_figures') }}
    where measure = 'level' and value > 0
)

select
    levels.delivery_id,
    levels.source_row,
    levels.indicator,
    levels.area_code,
    levels.period,
    levels.unit,
    levels.said_on,
    levels.value,
    firsts.delivery_id as reference_delivery_id,
    firsts.period as reference_period,
    cast(round(cast(levels.value as double) / cast(firsts.value as double), 6) as decimal(38, 6)) as magnitude_ratio
from levels
inner join levels as firsts
    on
        levels.indicator = firsts.indicator
        and levels.area_code = firsts.area_code
        and levels.unit = firsts.unit
        and levels.is_simulated = firsts.is_simulated
        and levels.row_number > 1
        and firsts.row_number = 1
