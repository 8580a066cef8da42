-- One row for each period code of a year, quarter, month or cumulative stretch, with the days it spans and whether
-- the first day of Tết falls in it: a comparison of two months is a comparison of different numbers of working days
-- when Tết moved from one into the other.
with months as (
    select
        years.calendar_year,
        years.tet_first_on,
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
        cast(calendar_year as varchar) || '-' || lpad(cast(month_number as varchar), 2, '0') as period,
        'month' as period_type,
        month_number as first_month,
        month_number as last_month
    from months
    union all
    select
        calendar_year,
        tet_first_on,
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
)

select
    period,
    period_type,
    calendar_year,
    cast(last_month as integer) as last_month_of_year,
    first_day_on,
    last_day_on,
    cast(calendar_year - 1 as varchar) || substr(period, 5) as period_year_before,
    period_type = 'ytd' as is_cumulative,
    tet_first_on between first_day_on and last_day_on as contains_tet,
    tet_first_on
from dated
