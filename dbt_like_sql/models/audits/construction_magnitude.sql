-- A row is one value of construction output beside what the first earlier delivery said of the same thing, or else of
-- the same quarter a year before. It fails when the two differ by an order of magnitude, or when a component was
-- restated so far that the total hides it.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        district_code,
        period,
        cast(cast(substr(period, 1, 4) as integer) - 1 as varchar) || substr(period, 5) as period_year_before,
        ownership,
        work_type,
        value_current_mn
    from {{ source('candidates', 'construction_output') }}
    where value_current_mn > 0
),

first_of_period as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by area_code, district_code, period, ownership, work_type
                order by released_on asc, revision asc, delivery_id asc
            ) as place
        from figures
    ) as ranked
    where place = 1
),

referred as (
    select
        figures.*,
        same_period.value_current_mn as restated_from_mn,
        coalesce(same_period.value_current_mn, year_before.value_current_mn) as reference_mn,
        coalesce(same_period.delivery_id, year_before.delivery_id) as reference_delivery_id,
        coalesce(same_period.period, year_before.period) as reference_period
    from figures
    left join first_of_period as same_period
        on
            figures.area_code = same_period.area_code
            and figures.district_code = same_period.district_code
            and figures.period = same_period.period
            and figures.ownership = same_period.ownership
            and figures.work_type = same_period.work_type
            and (
                figures.released_on > same_period.released_on
                or (figures.released_on = same_period.released_on and figures.revision > same_period.revision)
            )
    left join first_of_period as year_before
        on
            figures.area_code = year_before.area_code
            and figures.district_code = year_before.district_code
            and figures.period_year_before = year_before.period
            and figures.ownership = year_before.ownership
            and figures.work_type = year_before.work_type
            and figures.released_on > year_before.released_on
)

select
    delivery_id,
    source_row,
    area_code,
    district_code,
    period,
    ownership,
    work_type,
    value_current_mn,
    reference_delivery_id,
    reference_period,
    cast(round(cast(value_current_mn as double) / cast(reference_mn as double), 6) as decimal(20, 6))
        as magnitude_ratio,
    cast(round(100 * (cast(value_current_mn as double) / cast(restated_from_mn as double) - 1), 4) as decimal(20, 4))
        as restatement_pct
from referred
where reference_mn is not null
