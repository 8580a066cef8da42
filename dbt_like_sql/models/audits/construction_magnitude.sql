-- A row is one value of construction output beside an earlier delivery's value: of the same quarter, else of the same
-- quarter a year before, else of the first delivery of that district, ownership and kind of work. It fails when the
-- two differ by an order of magnitude, or when a component was restated so far that the total hides it.
-- A value far from the first delivery is no yardstick for others, so that a wrong delivery does not make its own
-- correction look wrong.
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

in_order as (
    select
        *,
        row_number() over (
            partition by area_code, district_code, ownership, work_type
            order by released_on asc, revision asc, delivery_id asc, period desc
        ) as place
    from figures
),

measured as (
    select
        figures.*,
        yardsticks.delivery_id as first_delivery_id,
        yardsticks.period as first_period,
        yardsticks.value_current_mn as first_mn
    from figures
    inner join in_order as yardsticks
        on
            figures.area_code = yardsticks.area_code
            and figures.district_code = yardsticks.district_code
            and figures.ownership = yardsticks.ownership
            and figures.work_type = yardsticks.work_type
            and yardsticks.place = 1
),

trusted as (
    select
        *,
        row_number() over (
            partition by area_code, district_code, period, ownership, work_type
            order by released_on asc, revision asc, delivery_id asc
        ) as place
    from measured
    where value_current_mn between first_mn / 100 and first_mn * 100
),

referred as (
    select
        measured.*,
        same_period.value_current_mn as restated_from_mn,
        coalesce(same_period.value_current_mn, year_before.value_current_mn, measured.first_mn) as reference_mn,
        coalesce(same_period.delivery_id, year_before.delivery_id, measured.first_delivery_id)
            as reference_delivery_id,
        coalesce(same_period.period, year_before.period, measured.first_period) as reference_period
    from measured
    left join trusted as same_period
        on
            measured.area_code = same_period.area_code
            and measured.district_code = same_period.district_code
            and measured.period = same_period.period
            and measured.ownership = same_period.ownership
            and measured.work_type = same_period.work_type
            and measured.delivery_id <> same_period.delivery_id
            and measured.released_on >= same_period.released_on
            and same_period.place = 1
    left join trusted as year_before
        on
            measured.area_code = year_before.area_code
            and measured.district_code = year_before.district_code
            and measured.period_year_before = year_before.period
            and measured.ownership = year_before.ownership
            and measured.work_type = year_before.work_type
            and measured.delivery_id <> year_before.delivery_id
            and measured.released_on >= year_before.released_on
            and year_before.place = 1
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
    cast(round(cast(value_current_mn as double) / cast(reference_mn as double), 6) as decimal(38, 6))
        as magnitude_ratio,
    cast(round(100 * (cast(value_current_mn as double) / cast(restated_from_mn as double) - 1), 4) as decimal(38, 4))
        as restatement_pct
from referred
where delivery_id <> reference_delivery_id
