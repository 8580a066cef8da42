-- How a budget year ran its course in earlier years: the share of all that the province disbursed in the year that was
-- out by the same day, on the same denominator, as the mean of the earlier budget years. Only years count for which the
-- Treasury's deliveries speak of every day from opening to closing: half a year has no course. Money that was returned
-- does not take the course back, so that what is expected never falls. Published figures are never judged by simulated
-- years; simulated figures are judged by real years where there are any.
with whole_years as (
    select
        years.budget_year as course_year,
        years.opens_on,
        years.closes_on
    from {{ ref('budget_years') }} as years
    inner join {{ ref('int_treasury_coverage') }} as coverage
        on
            coverage.covered_from_on <= years.opens_on
            and coverage.covered_to_on >= years.closes_on
    left join {{ ref('int_treasury_gaps') }} as gaps
        on
            gaps.gap_from_on <= years.closes_on
            and gaps.gap_to_on >= years.opens_on
    where gaps.gap_from_on is null
),

paid as (
    select
        movements.budget_year as course_year,
        denominators.denominator,
        movements.posted_on,
        sum(movements.disbursed_change_vnd) as change_vnd,
        {{ any_simulated('movements.is_simulated') }} as is_simulated
    from {{ ref('int_disbursement_movements') }} as movements
    inner join whole_years
        on
            movements.budget_year = whole_years.course_year
            and movements.posted_on <= whole_years.closes_on
    inner join {{ ref('denominators') }} as denominators on movements.plan_component = denominators.plan_component
    group by movements.budget_year, denominators.denominator, movements.posted_on
),

running as (
    select
        course_year,
        denominator,
        posted_on,
        is_simulated,
        sum(change_vnd) over (
            partition by course_year, denominator
            order by posted_on
            rows between unbounded preceding and current row
        ) as disbursed_vnd
    from paid
),

totals as (
    select
        course_year,
        denominator,
        max(disbursed_vnd) as most_vnd,
        {{ any_simulated('is_simulated') }} as is_simulated
    from running
    group by course_year, denominator
),

asked_days as (
    select
        budget_year,
        on_date
    from {{ ref('int_budget_calendar') }}
    union
    select
        budget_year,
        previous_milestone_on as on_date
    from {{ ref('int_disbursement_milestones') }}
),

-- the same day of an earlier year; the end of a month is the end of that month
same_days as (
    select
        asked_days.budget_year,
        asked_days.on_date,
        totals.course_year,
        totals.denominator,
        totals.most_vnd,
        totals.is_simulated,
        case
            when asked_days.on_date = last_day(asked_days.on_date)
                then
                    last_day(
                        make_date(
                            year(asked_days.on_date) - asked_days.budget_year + totals.course_year,
                            month(asked_days.on_date),
                            1
                        )
                    )
            else
                make_date(
                    year(asked_days.on_date) - asked_days.budget_year + totals.course_year,
                    month(asked_days.on_date),
                    day(asked_days.on_date)
                )
        end as same_day_on
    from asked_days
    inner join totals on asked_days.budget_year > totals.course_year
    where totals.most_vnd > 0
),

shares as (
    select
        same_days.budget_year,
        same_days.on_date,
        same_days.course_year,
        same_days.denominator,
        same_days.is_simulated,
        cast(
            round(
                cast(greatest(coalesce(max(running.disbursed_vnd), 0), 0) as double)
                / cast(same_days.most_vnd as double),
                12
            ) as decimal(18, 12)
        ) as course_share
    from same_days
    left join running
        on
            same_days.course_year = running.course_year
            and same_days.denominator = running.denominator
            and same_days.same_day_on >= running.posted_on
    group by
        same_days.budget_year,
        same_days.on_date,
        same_days.course_year,
        same_days.denominator,
        same_days.is_simulated,
        same_days.most_vnd
),

means as (
    select
        budget_year,
        on_date,
        denominator,
        is_simulated,
        cast(round(cast(sum(course_share) as double) / count(*), 12) as decimal(18, 12)) as course_share,
        string_agg(cast(course_year as varchar), ', ' order by course_year) as course_years
    from shares
    group by budget_year, on_date, denominator, is_simulated
)

select
    budget_year,
    on_date,
    denominator,
    false as for_simulated,
    course_share,
    course_years
from means
where not is_simulated
union all
select
    budget_year,
    on_date,
    denominator,
    true as for_simulated,
    course_share,
    course_years
from (
    select
        *,
        row_number() over (partition by budget_year, on_date, denominator order by is_simulated asc) as row_number
    from means
) as ranked
where row_number = 1
