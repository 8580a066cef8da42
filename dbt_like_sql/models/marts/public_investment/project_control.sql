-- Each project with a plan in a budget year, as it stood at the end of that calendar year or on the day of the run: its
-- total investment against what was first approved, its years of allocation against what is allowed, how far its
-- preparation has come, and how long its money took. Its group is that of the law in force on that day. What is not
-- known is empty, never held and never zero.
with years as (
    select
        budget_year,
        least(make_date(budget_year, 12, 31), {{ var('as_of') }}) as control_on
    from {{ ref('int_plan_changes') }}
    group by budget_year
),

plans as (
    select
        changes.project_code,
        years.budget_year,
        years.control_on,
        sum(changes.plan_change_vnd) as plan_vnd,
        min(case when changes.plan_change_vnd > 0 then changes.decided_on end) as first_decided_on,
        {{ any_simulated('changes.is_simulated') }} as is_simulated
    from {{ ref('int_plan_changes') }} as changes
    inner join years
        on
            changes.budget_year = years.budget_year
            and changes.decided_on <= years.control_on
    group by changes.project_code, years.budget_year, years.control_on
),

-- capital carried over was allocated in an earlier year
new_capital as (
    select
        project_code,
        budget_year,
        sum(plan_change_vnd) as plan_vnd
    from {{ ref('int_plan_changes') }}
    where plan_component <> 'carried_over'
    group by project_code, budget_year
),

first_years as (
    select
        project_code,
        min(budget_year) as first_planned_year
    from new_capital
    where plan_vnd > 0
    group by project_code
),

origins as (
    select
        project_code,
        {{ all_simulated('is_simulated') }} as is_all_simulated
    from {{ ref('stg_project_approvals') }}
    group by project_code
),

approvals as (
    select
        all_approvals.*
    from {{ ref('stg_project_approvals') }} as all_approvals
    inner join origins
        on
            all_approvals.project_code = origins.project_code
            and all_approvals.is_simulated = origins.is_all_simulated
),

first_approvals as (
    select
        *,
        row_number() over (
            partition by project_code order by valid_from asc, released_on asc, revision asc, delivery_id asc
        ) as row_number
    from approvals
    where total_investment_bn > 0
),

newest_entries as (
    select
        approvals.*,
        plans.budget_year,
        row_number() over (
            partition by approvals.project_code, plans.budget_year
            order by
                approvals.released_on desc,
                approvals.revision desc,
                approvals.valid_from desc,
                approvals.delivery_id desc
        ) as row_number
    from approvals
    inner join plans
        on
            approvals.project_code = plans.project_code
            and approvals.valid_from <= plans.control_on
),

money_known as (
    select
        years.budget_year,
        max(days.on_date) as money_known_on
    from years
    inner join {{ ref('int_disbursement_days') }} as days
        on
            years.budget_year = days.budget_year
            and years.control_on >= days.on_date
    where days.is_money_known
    group by years.budget_year
),

money as (
    select
        movements.project_code,
        movements.budget_year,
        sum(movements.disbursed_change_vnd) as disbursed_vnd,
        min(case when movements.disbursed_change_vnd > 0 then movements.posted_on end) as first_disbursed_on,
        {{ any_simulated('movements.is_simulated') }} as is_simulated
    from {{ ref('int_disbursement_movements') }} as movements
    inner join money_known
        on
            movements.budget_year = money_known.budget_year
            and movements.posted_on <= money_known.money_known_on
    group by movements.project_code, movements.budget_year
),

joined as (
    select
        plans.project_code,
        plans.budget_year,
        plans.control_on,
        plans.plan_vnd,
        plans.first_decided_on,
        newest.board_code,
        newest.preparation_stage,
        newest.total_investment_bn,
        newest.released_on as register_released_on,
        first_approvals.total_investment_bn as first_total_investment_bn,
        first_approvals.approved_on as first_approved_on,
        first_years.first_planned_year,
        money_known.money_known_on,
        money.disbursed_vnd,
        money.first_disbursed_on,
        plans.is_simulated or coalesce(newest.is_simulated, false) or coalesce(money.is_simulated, false)
            as is_simulated
    from plans
    left join newest_entries as newest
        on
            plans.project_code = newest.project_code
            and plans.budget_year = newest.budget_year
            and newest.row_number = 1
    left join first_approvals
        on
            plans.project_code = first_approvals.project_code
            and first_approvals.row_number = 1
    left join first_years on plans.project_code = first_years.project_code
    left join money_known on plans.budget_year = money_known.budget_year
    left join money
        on
            plans.project_code = money.project_code
            and plans.budget_year = money.budget_year
    where plans.plan_vnd > 0
),

limits as (
    select
        joined.project_code,
        joined.budget_year,
        limits.project_group,
        limits.allowed_allocation_years,
        row_number() over (
            partition by joined.project_code, joined.budget_year order by limits.total_investment_from_bn desc
        ) as row_number
    from joined
    inner join {{ ref('allocation_limits') }} as limits
        on
            joined.first_total_investment_bn >= limits.total_investment_from_bn
            and joined.control_on between limits.in_force_from and coalesce(limits.in_force_to, date '9999-12-31')
)

select
    joined.project_code,
    projects.name,
    joined.board_code,
    joined.budget_year,
    joined.control_on,
    cast(joined.plan_vnd as decimal(18, 0)) as plan_vnd,
    joined.preparation_stage,
    joined.preparation_stage in ('construction', 'completed') as is_prepared,
    joined.first_approved_on,
    joined.first_total_investment_bn,
    joined.total_investment_bn,
    cast(joined.total_investment_bn - joined.first_total_investment_bn as decimal(18, 3))
        as total_investment_change_bn,
    joined.total_investment_bn <= joined.first_total_investment_bn as is_total_investment_held,
    limits.project_group,
    case
        when joined.first_planned_year <= joined.budget_year
            then cast(joined.budget_year - joined.first_planned_year + 1 as integer)
    end as allocation_years,
    limits.allowed_allocation_years,
    case
        when joined.first_planned_year <= joined.budget_year
            then joined.budget_year - joined.first_planned_year + 1 <= limits.allowed_allocation_years
    end as is_allocation_held,
    joined.first_decided_on,
    joined.money_known_on,
    joined.first_disbursed_on,
    cast(date_diff('day', joined.first_decided_on, joined.first_disbursed_on) as integer)
        as days_to_first_disbursement,
    case
        when joined.money_known_on is not null then coalesce(joined.disbursed_vnd, 0) <= 0
    end as is_without_disbursement,
    joined.register_released_on,
    joined.is_simulated
from joined
left join {{ ref('dim_project') }} as projects on joined.project_code = projects.project_code
left join limits
    on
        joined.project_code = limits.project_code
        and joined.budget_year = limits.budget_year
        and limits.row_number = 1
order by joined.project_code, joined.budget_year
