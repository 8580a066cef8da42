-- The rows on which control and preparation rest: the register's entry that governs and the first approval, the
-- decisions on the plan, and the vouchers of the first disbursement.
with controls as (
    select
        items.directive,
        items.item,
        items.indicator,
        control.project_code,
        control.budget_year,
        control.control_on,
        control.first_disbursed_on,
        control.is_simulated
    from {{ ref('int_investment_item_evidence') }} as evidence
    inner join {{ ref('directive_items') }} as items
        on
            evidence.directive = items.directive
            and evidence.item = items.item
    inner join {{ ref('project_control') }} as control
        on {{ year_number('items.period') }} = control.budget_year
),

entries as (
    select
        controls.directive,
        controls.item,
        controls.indicator,
        approvals.*,
        row_number() over (
            partition by controls.directive, controls.item, approvals.project_code
            order by
                approvals.is_simulated asc,
                approvals.released_on desc,
                approvals.revision desc,
                approvals.delivery_id desc
        ) as row_number,
        row_number() over (
            partition by controls.directive, controls.item, approvals.project_code
            order by
                approvals.is_simulated asc,
                case when approvals.total_investment_bn > 0 then 0 else 1 end asc,
                approvals.valid_from asc,
                approvals.released_on asc,
                approvals.revision asc,
                approvals.delivery_id asc
        ) as first_rank
    from controls
    inner join {{ ref('stg_project_approvals') }} as approvals
        on
            controls.project_code = approvals.project_code
            and controls.control_on >= approvals.valid_from
)

select
    directive,
    item,
    'investment_projects' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    case when row_number = 1 then 'value' else 'first_approval' end as evidence_role,
    is_simulated
from entries
where row_number = 1 or (first_rank = 1 and indicator = 'total_investment_held')
union all
select
    controls.directive,
    controls.item,
    'investment_plan' as feed,
    {{ source_row_of('decisions') }},
    'plan' as evidence_role,
    decisions.is_simulated
from controls
inner join {{ ref('stg_investment_plan') }} as decisions
    on
        controls.project_code = decisions.project_code
        and controls.control_on >= decisions.decided_on
        and (
            controls.budget_year = decisions.budget_year
            or (
                controls.indicator = 'total_investment_held'
                and controls.budget_year > decisions.budget_year
                and decisions.plan_component <> 'carried_over'
            )
        )
union all
select
    controls.directive,
    controls.item,
    'treasury_disbursement' as feed,
    {{ source_row_of('vouchers') }},
    'voucher' as evidence_role,
    vouchers.is_simulated
from controls
inner join {{ ref('stg_treasury_disbursement') }} as vouchers
    on
        controls.project_code = vouchers.project_code
        and controls.budget_year = vouchers.budget_year
        and controls.first_disbursed_on = vouchers.posted_on
where controls.indicator = 'projects_prepared'
