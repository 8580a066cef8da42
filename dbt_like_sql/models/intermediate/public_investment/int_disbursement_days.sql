-- Money is known by the day, and shown on month ends, on milestones and on the last day of each delivery. Month ends go
-- on for a year after a budget year closes, because its advances are still being recovered then. A milestone whose own
-- money is not known yet shows the newest money before it.
with years_in_use as (
    select budget_year from {{ ref('stg_investment_plan') }}
    union
    select budget_year from {{ ref('stg_treasury_disbursement') }}
    union
    select {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate'
),

years as (
    select
        years_in_use.budget_year,
        coalesce(budget_years.opens_on, make_date(years_in_use.budget_year, 1, 1)) as opens_on,
        coalesce(budget_years.closes_on, {{ usual_closing_of('years_in_use.budget_year') }}) as closes_on
    from years_in_use
    left join {{ ref('budget_years') }} as budget_years on years_in_use.budget_year = budget_years.budget_year
    where years_in_use.budget_year between 1990 and 2200
),

milestones as (
    select distinct
        {{ year_number('period') }} as budget_year,
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

month_ends as (
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
),

shown_days as (
    select
        budget_year,
        on_date
    from month_ends
    union
    select
        budget_year,
        deadline_on as on_date
    from milestones
    union
    select
        years.budget_year,
        spans.covered_to_on as on_date
    from years
    inner join {{ ref('int_treasury_spans') }} as spans
        on spans.covered_to_on between years.opens_on and years.closes_on
),

days as (
    select
        budget_year,
        on_date
    from shown_days
    union
    select
        calendar.budget_year,
        calendar.on_date
    from {{ ref('int_budget_calendar') }} as calendar
    inner join reach on calendar.on_date between reach.covered_from_on and reach.covered_to_on
    where calendar.on_date <= calendar.closes_on
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
),

known as (
    select
        days.budget_year,
        days.on_date,
        years.opens_on,
        years.closes_on,
        reach.covered_from_on,
        reach.covered_to_on,
        first_gaps.gap_from_on,
        gap_words.gap_to_on,
        gap_words.gap_reason,
        shown_days.on_date is not null as is_shown,
        milestones.deadline_on is not null as is_milestone_day,
        reach.covered_to_on is not null
        and days.on_date >= reach.covered_from_on
        and days.on_date <= reach.covered_to_on
        and first_gaps.gap_from_on is null as is_money_known
    from days
    inner join years on days.budget_year = years.budget_year
    cross join reach
    left join shown_days
        on
            days.budget_year = shown_days.budget_year
            and days.on_date = shown_days.on_date
    left join milestones
        on
            days.budget_year = milestones.budget_year
            and days.on_date = milestones.deadline_on
    left join first_gaps
        on
            days.budget_year = first_gaps.budget_year
            and days.on_date = first_gaps.on_date
    left join gap_words on first_gaps.gap_from_on = gap_words.gap_from_on
    where days.on_date <= {{ var('as_of') }}
),

numbered as (
    select
        *,
        max(case when is_money_known then on_date end) over (
            partition by budget_year order by on_date rows between unbounded preceding and current row
        ) as known_before_on,
        max(case when is_money_known and on_date <= closes_on then on_date end) over (
            partition by budget_year
        ) as newest_money_known_on
    from known
)

select
    budget_year,
    on_date,
    coalesce(lag(on_date) over (partition by budget_year order by on_date), date '1899-12-31') as previous_on_date,
    opens_on,
    closes_on,
    covered_from_on,
    covered_to_on,
    gap_from_on,
    gap_to_on,
    gap_reason,
    is_shown,
    is_milestone_day,
    is_money_known,
    case when is_money_known or is_milestone_day then known_before_on end as money_known_on,
    newest_money_known_on
from numbered
