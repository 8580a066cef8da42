-- What a board should have disbursed by a day between two milestones: along the course of earlier budget years where
-- that course rises between all of the milestones, else along straight lines (an assumption). A course that is flat up
-- to a milestone says nothing of the time before it, and is then not used for the other milestones either.
with kinds as (
    select false as for_simulated
    union all
    select true as for_simulated
),

names as (
    select distinct denominator
    from {{ ref('denominators') }}
),

spans as (
    select
        milestones.board_code,
        milestones.budget_year,
        milestones.milestone_on,
        milestones.previous_milestone_on,
        milestones.threshold_pct,
        milestones.previous_threshold_pct,
        names.denominator,
        kinds.for_simulated,
        before.course_share as share_before,
        after.course_share as share_after,
        after.course_years
    from {{ ref('int_disbursement_milestones') }} as milestones
    cross join names
    cross join kinds
    left join {{ ref('int_disbursement_course') }} as before
        on
            milestones.budget_year = before.budget_year
            and milestones.previous_milestone_on = before.on_date
            and names.denominator = before.denominator
            and kinds.for_simulated = before.for_simulated
    left join {{ ref('int_disbursement_course') }} as after
        on
            milestones.budget_year = after.budget_year
            and milestones.milestone_on = after.on_date
            and names.denominator = after.denominator
            and kinds.for_simulated = after.for_simulated
),

usable as (
    select
        board_code,
        budget_year,
        denominator,
        for_simulated,
        min(case when share_after > share_before then 1 else 0 end) = 1 as has_course
    from spans
    group by board_code, budget_year, denominator, for_simulated
),

days as (
    select
        spans.*,
        calendar.on_date,
        usable.has_course,
        course.course_share,
        row_number() over (
            partition by
                spans.board_code,
                spans.budget_year,
                spans.denominator,
                spans.for_simulated,
                calendar.on_date
            order by spans.milestone_on
        ) as row_number
    from spans
    inner join {{ ref('int_budget_calendar') }} as calendar
        on
            spans.budget_year = calendar.budget_year
            and spans.milestone_on >= calendar.on_date
    inner join usable
        on
            spans.board_code = usable.board_code
            and spans.budget_year = usable.budget_year
            and spans.denominator = usable.denominator
            and spans.for_simulated = usable.for_simulated
    left join {{ ref('int_disbursement_course') }} as course
        on
            spans.budget_year = course.budget_year
            and calendar.on_date = course.on_date
            and spans.denominator = course.denominator
            and spans.for_simulated = course.for_simulated
)

select
    board_code,
    budget_year,
    on_date,
    denominator,
    for_simulated,
    cast(
        round(
            cast(previous_threshold_pct as double)
            + cast(threshold_pct - previous_threshold_pct as double)
            * case
                when has_course
                    then
                        cast(course_share - share_before as double)
                        / cast(nullif(share_after - share_before, 0) as double)
                else
                    cast(date_diff('day', previous_milestone_on, on_date) as double)
                    / cast(nullif(date_diff('day', previous_milestone_on, milestone_on), 0) as double)
            end,
            12
        ) as decimal(24, 12)
    ) as expected_share_pct,
    case when has_course then 'earlier_years_course' else 'straight_line_assumed' end as expected_basis,
    case when has_course then course_years end as expected_years
from days
where row_number = 1
