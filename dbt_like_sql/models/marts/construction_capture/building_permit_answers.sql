-- Applications by the quarter in which their answer was due. What is not due yet is pending unless it was answered
-- early; an early answer counts once its day has come.
with names as (
    {{ names_of_districts() }}
),

counted as (
    select
        area_code,
        district_code,
        quarter,
        cast(count(case when is_due then 1 end) as integer) as n_due,
        cast(count(case when is_due and is_done then 1 end) as integer) as n_in_time,
        cast(count(case when is_due and not is_done then 1 end) as integer) as n_late,
        cast(count(case when is_due and answered_on is null then 1 end) as integer) as n_late_unanswered,
        cast(count(case when not is_due and answered_on is null then 1 end) as integer) as n_pending,
        max(known_until_on) as known_until_on,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_permit_answers') }}
    group by area_code, district_code, quarter
)

select
    counted.area_code,
    counted.district_code,
    names.name_vi as district_name_vi,
    names.name_en as district_name_en,
    counted.quarter,
    counted.n_due,
    counted.n_in_time,
    counted.n_late,
    counted.n_late_unanswered,
    counted.n_pending,
    cast(round(100 * cast(counted.n_in_time as double) / nullif(counted.n_due, 0), 4) as decimal(12, 4)) as in_time_pct,
    counted.known_until_on,
    counted.released_on,
    counted.is_simulated
from counted
left join names on counted.district_code = names.admin_unit_code
order by counted.district_code, counted.quarter
