-- One row for each period code of a year, quarter, month or cumulative stretch, with the days it spans and the
-- holidays of Tết in it: a comparison of two months is a comparison of different numbers of working days when Tết
-- moved from one into the other. Such months and quarters are marked; a year, and a stretch from January, hold all of
-- Tết.
with months as (
    select
        years.calendar_year,
        years.tet_first_on,
        years.tet_holiday_first_on,
        years.tet_holiday_last_on,
        numbers.month_number
    from {{ ref('tet_days') }} as years
    cross join (
        values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)
    ) as numbers (month_number)
),

spans as (
    select
        calendar_year,
        tet_first_on,
        tet_holiday_first_on,
        tet_holiday_last_on,
        cast(calendar_year as varchar) as period,
        'year' as period_type,
        1 as first_month,
        12 as last_month
    from months
    where month_number = 1
    union all
    select
        calendar_year,
        tet_first_on,
        tet_holiday_first_on,
        tet_holiday_last_on,
        cast(calendar_year as varchar) || '-Q' || cast(cast(round(month_number / 3) as integer) as varchar) as period,
        'quarter' as period_type,
        month_number - 2 as first_month,
        month_number as last_month
    from months
    where month_number in (3, 6, 9, 12)
    union all
    select
        calendar_year,
        tet_first_on,
        tet_holiday_first_on,
        tet_holiday_last_on,
        cast(calendar_year as varchar) || '-' || lpad(cast(month_number as varchar), 2, '0') as period,
        'month' as period_type,
        month_number as first_month,
        month_number as last_month
    from months
    union all
    select
        calendar_year,
        tet_first_on,
        tet_holiday_first_on,
        tet_holiday_last_on,
        cast(calendar_year as varchar) || '-' || cast(month_number as varchar) || 'M' as period,
        'ytd' as period_type,
        1 as first_month,
        month_number as last_month
    from months
    where month_number between 2 and 11
),

dated as (
    select
        *,
        cast(
            cast(calendar_year as varchar) || '-' || lpad(cast(first_month as varchar), 2, '0') || '-01' as date
        ) as first_day_on,
        cast(
            cast(cast(calendar_year as varchar) || '-' || lpad(cast(last_month as varchar), 2, '0') || '-01' as date)
            + interval '1' month - interval '1' day
            as date
        ) as last_day_on
    from spans
),

counted as (
    select
        *,
        {{ year_before('period') }} as period_year_before,
        cast(
            greatest(
                date_diff(
                    'day', greatest(first_day_on, tet_holiday_first_on), least(last_day_on, tet_holiday_last_on)
                ) + 1,
                0
            ) as integer
        ) as tet_days
    from dated
)

select
    counted.period,
    counted.period_type,
    counted.calendar_year,
    cast(counted.last_month as integer) as last_month_of_year,
    counted.first_day_on,
    counted.last_day_on,
    counted.period_year_before,
    counted.period_type = 'ytd' as is_cumulative,
    counted.tet_first_on between counted.first_day_on and counted.last_day_on as contains_tet,
    counted.tet_first_on,
    counted.tet_days,
    counted.period_type in ('month', 'quarter') and counted.tet_days <> year_before.tet_days as is_distorted_by_tet
from counted
left join counted as year_before on counted.period_year_before = year_before.period
