-- Days go on for a year after a budget year closes, because its advances are still being recovered then.
with years_in_use as (
    select budget_year from {{ ref('stg_investment_plan') }}
    union
    select budget_year from {{ ref('stg_treasury_disbursement') }}
    union
    select cast({{ year_of('period') }} as integer) as budget_year
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate'
),

years as (
    select
        years_in_use.budget_year,
        coalesce(budget_years.opens_on, make_date(years_in_use.budget_year, 1, 1)) as opens_on,
        coalesce(budget_years.closes_on, make_date(years_in_use.budget_year + 1, 1, 31)) as closes_on
    from years_in_use
    left join {{ ref('budget_years') }} as budget_years on years_in_use.budget_year = budget_years.budget_year
    where years_in_use.budget_year between 1990 and 2200
),

milestones as (
    select distinct
        cast({{ year_of('period') }} as integer) as budget_year,
        deadline_on
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate' and threshold is not null
),

reach as (
    select
        min(covered_from_on) as covered_from_on,
        max(covered_to_on) as covered_to_on
    from {{ ref('int_treasury_coverage') }}
),

month_numbers as (
    select cast(months.month_number as integer) as month_number
    from unnest(generate_series(0, 24)) as months (month_number)
),

days as (
    select
        years.budget_year,
        last_day(
            make_date(
                years.budget_year + cast(floor(month_numbers.month_number / 12.0) as integer),
                mod(month_numbers.month_number, 12) + 1,
                1
            )
        ) as on_date
    from years
    cross join month_numbers
    cross join reach
    where
        last_day(
            make_date(
                years.budget_year + cast(floor(month_numbers.month_number / 12.0) as integer),
                mod(month_numbers.month_number, 12) + 1,
                1
            )
        ) <= reach.covered_to_on
    union
    select
        budget_year,
        deadline_on as on_date
    from milestones
),

first_gaps as (
    select
        days.budget_year,
        days.on_date,
        min(gaps.gap_from_on) as gap_from_on
    from days
    inner join years on days.budget_year = years.budget_year
    inner join {{ ref('int_treasury_gaps') }} as gaps
        on
            gaps.gap_from_on <= least(days.on_date, years.closes_on)
            and gaps.gap_to_on >= years.opens_on
    group by days.budget_year, days.on_date
),

gap_words as (
    select
        gap_from_on,
        max(gap_to_on) as gap_to_on,
        min(gap_reason) as gap_reason
    from {{ ref('int_treasury_gaps') }}
    group by gap_from_on
)

select
    days.budget_year,
    days.on_date,
    coalesce(
        lag(days.on_date) over (partition by days.budget_year order by days.on_date), date '1900-01-01'
    ) as previous_on_date,
    years.opens_on,
    years.closes_on,
    reach.covered_from_on,
    reach.covered_to_on,
    first_gaps.gap_from_on,
    gap_words.gap_to_on,
    gap_words.gap_reason,
    reach.covered_to_on is not null
    and days.on_date >= reach.covered_from_on
    and days.on_date <= reach.covered_to_on
    and first_gaps.gap_from_on is null as is_money_known
from days
inner join years on days.budget_year = years.budget_year
cross join reach
left join first_gaps
    on
        days.budget_year = first_gaps.budget_year
        and days.on_date = first_gaps.on_date
left join gap_words on first_gaps.gap_from_on = gap_words.gap_from_on
where days.on_date <= {{ var('as_of') }}
