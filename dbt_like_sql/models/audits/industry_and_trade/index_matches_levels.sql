-- A row is one month of the index of production with the rate on a year before as the supplier states it and as the
-- supplier's own levels of one base year give it. It fails when the two differ.
with months as (
    select
        delivery_id,
        source_row,
        area_code,
        activity_code,
        month,
        {{ year_before('month') }} as month_year_before,
        base_year,
        index_level,
        index_yoy
    from {{ source('candidates', 'industrial_production_index') }}
),

compared as (
    select
        months.delivery_id,
        months.source_row,
        months.area_code,
        months.activity_code,
        months.month,
        months.index_yoy,
        100 * cast(months.index_level as double) / cast(before.index_level as double) as from_levels
    from months
    inner join months as before
        on
            months.delivery_id = before.delivery_id
            and months.area_code = before.area_code
            and months.activity_code = before.activity_code
            and months.month_year_before = before.month
            and months.base_year = before.base_year
    where months.index_yoy is not null and months.index_level is not null and before.index_level > 0
)

select
    delivery_id,
    source_row,
    area_code,
    activity_code,
    month,
    index_yoy,
    cast(round(from_levels, 4) as decimal(38, 4)) as index_yoy_from_levels,
    cast(round(cast(index_yoy as double) - from_levels, 4) as decimal(38, 4)) as index_difference
from compared
