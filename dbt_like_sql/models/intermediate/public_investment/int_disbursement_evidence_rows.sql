-- The source rows under each disbursed share of the scorecard: the published statement, or the decisions on the plan,
-- the vouchers on the same components, and the register that says whose project it is, all up to the day of evidence.
-- Where a share of the year before stands beside it, the rows of that one have roles of their own.
with shares as (
    select
        directive,
        item,
        evidence_basis,
        false as is_year_before
    from {{ ref('int_disbursement_item_evidence') }}
    where disbursed_pct is not null
    union all
    select
        directive,
        item,
        evidence_basis,
        true as is_year_before
    from {{ ref('int_disbursement_item_evidence') }}
    where value_year_before is not null
),

item_projects as (
    select projects.*
    from shares
    inner join {{ ref('int_disbursement_item_projects') }} as projects
        on
            shares.directive = projects.directive
            and shares.item = projects.item
            and shares.is_year_before = projects.is_year_before
    where shares.evidence_basis = 'computed_from_vouchers'
),

item_lines as (
    select
        item_projects.directive,
        item_projects.item,
        item_projects.is_year_before,
        item_projects.on_date,
        budget_lines.project_code,
        budget_lines.budget_year,
        budget_lines.source,
        budget_lines.plan_component
    from item_projects
    inner join {{ ref('denominators') }} as denominators on item_projects.denominator = denominators.denominator
    inner join {{ ref('int_budget_lines') }} as budget_lines
        on
            item_projects.project_code = budget_lines.project_code
            and item_projects.budget_year = budget_lines.budget_year
            and item_projects.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
            and denominators.plan_component = budget_lines.plan_component
)

select
    rates.directive,
    rates.item,
    'published_figures' as feed,
    {{ source_row_of('rates') }},
    case when rates.is_year_before then 'year_before' else 'value' end as evidence_role,
    rates.is_simulated
from shares
inner join {{ ref('int_disbursement_item_rates') }} as rates
    on
        shares.directive = rates.directive
        and shares.item = rates.item
        and shares.is_year_before = rates.is_year_before
where shares.evidence_basis = 'published_rate'
union all
select
    item_lines.directive,
    item_lines.item,
    'investment_plan' as feed,
    {{ source_row_of('plan') }},
    case when item_lines.is_year_before then 'plan_year_before' else 'plan' end as evidence_role,
    plan.is_simulated
from item_lines
inner join {{ ref('stg_investment_plan') }} as plan
    on
        item_lines.project_code = plan.project_code
        and item_lines.budget_year = plan.budget_year
        and item_lines.source = plan.source
        and item_lines.plan_component = plan.plan_component
        and item_lines.on_date >= plan.decided_on
union all
select
    item_lines.directive,
    item_lines.item,
    'treasury_disbursement' as feed,
    {{ source_row_of('vouchers') }},
    case when item_lines.is_year_before then 'voucher_year_before' else 'voucher' end as evidence_role,
    vouchers.is_simulated
from item_lines
inner join {{ ref('stg_treasury_disbursement') }} as vouchers
    on
        item_lines.project_code = vouchers.project_code
        and item_lines.budget_year = vouchers.budget_year
        and item_lines.source = vouchers.source
        and item_lines.plan_component = vouchers.plan_component
        and item_lines.on_date >= vouchers.posted_on
union all
select
    item_projects.directive,
    item_projects.item,
    'investment_projects' as feed,
    {{ source_row_of('register') }},
    case when item_projects.is_year_before then 'register_year_before' else 'register' end as evidence_role,
    register.is_simulated
from item_projects
inner join {{ ref('int_project_owners') }} as owners
    on
        item_projects.project_code = owners.project_code
        and item_projects.on_date between owners.owned_from_on and owners.owned_to_on
inner join {{ ref('stg_investment_projects') }} as register
    on
        owners.project_code = register.project_code
        and owners.owned_to_on = coalesce(register.valid_to, date '9999-12-31')
