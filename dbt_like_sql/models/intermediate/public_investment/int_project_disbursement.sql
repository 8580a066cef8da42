-- A project is measured by the share that is expected of its board on the day: what it lags behind that, in money, is
-- what it holds its board back by. Where nothing is asked of the board nothing is expected of the project.
with looked_at as (
    select
        budget_year,
        on_date,
        is_money_known,
        on_date = coalesce(newest_money_known_on, max(on_date) over (partition by budget_year)) as is_newest
    from {{ ref('int_disbursement_days') }}
    where on_date <= closes_on
),

projects as (
    select
        budget_lines.project_code,
        budget_lines.budget_year,
        looked_at.on_date,
        looked_at.is_newest,
        looked_at.is_money_known,
        denominators.denominator,
        max(budget_lines.board_code) as board_code,
        sum(budget_lines.plan_vnd) as plan_vnd,
        sum(budget_lines.disbursed_vnd) as disbursed_vnd,
        sum(budget_lines.over_disbursed_vnd) as over_disbursed_vnd,
        sum(budget_lines.advances_outstanding_vnd) as advances_outstanding_vnd,
        sum(budget_lines.adjustments_vnd) as adjustments_vnd,
        max(budget_lines.released_on) as released_on,
        {{ any_simulated('budget_lines.is_simulated') }} as is_simulated
    from {{ ref('int_budget_lines') }} as budget_lines
    inner join looked_at
        on
            budget_lines.budget_year = looked_at.budget_year
            and looked_at.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
            and (looked_at.is_newest or looked_at.on_date = last_day(looked_at.on_date))
    inner join {{ ref('denominators') }} as denominators on budget_lines.plan_component = denominators.plan_component
    group by
        budget_lines.project_code,
        budget_lines.budget_year,
        looked_at.on_date,
        looked_at.is_newest,
        looked_at.is_money_known,
        denominators.denominator
),

measured as (
    select
        projects.*,
        expected.expected_share_pct,
        case
            when projects.is_money_known and projects.plan_vnd > 0
                then projects.disbursed_vnd - projects.over_disbursed_vnd
        end as counted_vnd
    from projects
    left join {{ ref('int_disbursement_expected') }} as expected
        on
            projects.board_code = expected.board_code
            and projects.budget_year = expected.budget_year
            and projects.on_date = expected.on_date
            and projects.denominator = expected.denominator
            and projects.is_simulated = expected.for_simulated
),

short as (
    select
        *,
        cast(
            round(cast(plan_vnd as double) * cast(expected_share_pct as double) / 100, 0) as decimal(18, 0)
        ) - counted_vnd as shortfall_vnd
    from measured
)

select
    project_code,
    board_code,
    budget_year,
    on_date,
    denominator,
    is_newest,
    cast(plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(case when is_money_known then disbursed_vnd end as decimal(18, 0)) as disbursed_vnd,
    cast(case when is_money_known then over_disbursed_vnd end as decimal(18, 0)) as over_disbursed_vnd,
    cast(counted_vnd as decimal(18, 0)) as counted_vnd,
    cast(plan_vnd - counted_vnd as decimal(18, 0)) as remaining_vnd,
    cast(
        round(cast(counted_vnd as double) * 100 / cast(plan_vnd as double), 4) as decimal(12, 4)
    ) as disbursed_pct,
    cast(
        case when is_money_known then advances_outstanding_vnd end as decimal(18, 0)
    ) as advances_outstanding_vnd,
    cast(case when is_money_known then adjustments_vnd end as decimal(18, 0)) as adjustments_vnd,
    cast(expected_share_pct as decimal(12, 4)) as expected_pct,
    cast(shortfall_vnd as decimal(18, 0)) as shortfall_vnd,
    case
        when shortfall_vnd is not null
            then
                cast(
                    row_number() over (
                        partition by board_code, budget_year, on_date, denominator
                        order by shortfall_vnd desc nulls last, project_code asc
                    ) as integer
                )
    end as shortfall_rank,
    case
        when plan_vnd is not null
            then
                cast(
                    row_number() over (
                        partition by budget_year, on_date, denominator
                        order by plan_vnd desc nulls last, project_code asc
                    ) as integer
                )
    end as plan_rank,
    released_on,
    is_simulated
from short
