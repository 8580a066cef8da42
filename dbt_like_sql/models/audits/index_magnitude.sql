-- A row is one month of the index beside an earlier delivery's level on the same base year: of the same month, else of
-- the same month a year before, else of the activity's first delivery. It fails when the two differ by an order of
-- magnitude. A level far from the first delivery is no yardstick for others.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        activity_code,
        month,
        cast(cast(substr(month, 1, 4) as integer) - 1 as varchar) || substr(month, 5) as month_year_before,
        base_year,
        index_level
    from {{ source('candidates', 'industrial_production_index') }}
    where index_level > 0 and base_year is not null
),

in_order as (
    select
        *,
        row_number() over (
            partition by area_code, activity_code, base_year
            order by released_on asc, revision asc, delivery_id asc, month desc
        ) as place
    from figures
),

measured as (
    select
        figures.*,
        yardsticks.delivery_id as first_delivery_id,
        yardsticks.month as first_month_known,
        yardsticks.index_level as first_level
    from figures
    inner join in_order as yardsticks
        on
            figures.area_code = yardsticks.area_code
            and figures.activity_code = yardsticks.activity_code
            and figures.base_year = yardsticks.base_year
            and yardsticks.place = 1
),

trusted as (
    select
        *,
        row_number() over (
            partition by area_code, activity_code, month, base_year
            order by released_on asc, revision asc, delivery_id asc
        ) as place
    from measured
    where index_level between first_level / 10 and first_level * 10
),

referred as (
    select
        measured.*,
        coalesce(same_month.index_level, year_before.index_level, measured.first_level) as reference_level,
        coalesce(same_month.delivery_id, year_before.delivery_id, measured.first_delivery_id)
            as reference_delivery_id,
        coalesce(same_month.month, year_before.month, measured.first_month_known) as reference_period
    from measured
    left join trusted as same_month
        on
            measured.area_code = same_month.area_code
            and measured.activity_code = same_month.activity_code
            and measured.month = same_month.month
            and measured.base_year = same_month.base_year
            and measured.delivery_id <> same_month.delivery_id
            and measured.released_on >= same_month.released_on
            and same_month.place = 1
    left join trusted as year_before
        on
            measured.area_code = year_before.area_code
            and measured.activity_code = year_before.activity_code
            and measured.month_year_before = year_before.month
            and measured.base_year = year_before.base_year
            and measured.delivery_id <> year_before.delivery_id
            and measured.released_on >= year_before.released_on
            and year_before.place = 1
)

select
    delivery_id,
    source_row,
    area_code,
    activity_code,
    month,
    index_level,
    reference_delivery_id,
    reference_period,
    cast(round(cast(index_level as double) / cast(reference_level as double), 6) as decimal(38, 6)) as magnitude_ratio
from referred
where delivery_id <> reference_delivery_id
