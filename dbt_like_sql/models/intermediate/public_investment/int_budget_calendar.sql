-- The days of a budget year from its opening to its closing, or to the last day on which a directive asks for a share,
-- including those still to come, so that the expected course can be drawn.
with years_in_use as (
    select budget_year from {{ ref('stg_investment_plan') }}
    union
    select budget_year from {{ ref('stg_treasury_disbursement') }}
    union
    select {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate'
),

milestone_days as (
    select distinct
        budget_year,
        milestone_on
    from {{ ref('int_disbursement_milestones') }}
),

last_milestones as (
    select
        budget_year,
        max(milestone_on) as milestone_on
    from milestone_days
    group by budget_year
),

years as (
    select
        years_in_use.budget_year,
        coalesce(budget_years.opens_on, make_date(years_in_use.budget_year, 1, 1)) as opens_on,
        coalesce(budget_years.closes_on, {{ usual_closing_of('years_in_use.budget_year') }}) as closes_on,
        last_milestones.milestone_on as last_milestone_on
    from years_in_use
    left join {{ ref('budget_years') }} as budget_years on years_in_use.budget_year = budget_years.budget_year
    left join last_milestones on years_in_use.budget_year = last_milestones.budget_year
    where years_in_use.budget_year between 1990 and 2200
),

day_numbers as (
    select cast(days.day_number as integer) as day_number
    from unnest(generate_series(0, 800)) as days (day_number)
)

select
    years.budget_year,
    years.opens_on + day_numbers.day_number as on_date,
    years.opens_on,
    years.closes_on
from years
inner join day_numbers
    on years.opens_on + day_numbers.day_number <= greatest(
        years.closes_on, coalesce(years.last_milestone_on, years.closes_on)
    )
union
select
    milestone_days.budget_year,
    milestone_days.milestone_on as on_date,
    years.opens_on,
    years.closes_on
from milestone_days
inner join years on milestone_days.budget_year = years.budget_year
