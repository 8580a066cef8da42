-- A row is one month of the index beside the first delivery's level of the same month and base year, or else of the
-- same month a year before. It fails when the two differ by an order of magnitude.
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

first_of_month as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by area_code, activity_code, month, base_year
                order by released_on asc, revision asc, delivery_id asc
            ) as place
        from figures
    ) as ranked
    where place = 1
),

referred as (
    select
        figures.*,
        coalesce(same_month.index_level, year_before.index_level) as reference_level,
        coalesce(same_month.delivery_id, year_before.delivery_id) as reference_delivery_id,
        coalesce(same_month.month, year_before.month) as reference_period
    from figures
    left join first_of_month as same_month
        on
            figures.area_code = same_month.area_code
            and figures.activity_code = same_month.activity_code
            and figures.month = same_month.month
            and figures.base_year = same_month.base_year
            and figures.released_on > same_month.released_on
    left join first_of_month as year_before
        on
            figures.area_code = year_before.area_code
            and figures.activity_code = year_before.activity_code
            and figures.month_year_before = year_before.month
            and figures.base_year = year_before.base_year
            and figures.delivery_id <> year_before.delivery_id
            and figures.released_on >= year_before.released_on
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
    cast(round(cast(index_level as double) / cast(reference_level as double), 6) as decimal(20, 6)) as magnitude_ratio
from referred
where reference_level is not null
