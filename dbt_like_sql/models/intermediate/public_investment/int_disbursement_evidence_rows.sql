-- The source rows under each disbursed share of the scorecard: the published statement, or the decisions on the plan,
-- the vouchers on the same components, and the register that says whose project it is, all up to the day of evidence.
with evidence as (
    select
        evidence.directive,
        evidence.item,
        evidence.evidence_basis,
        evidence.evidence_period,
        evidence.released_on,
        evidence.delivery_id,
        evidence.disbursed_pct,
        try_cast(evidence.evidence_period as date) as on_date,
        items.indicator,
        items.area_code,
        items.board_code,
        items.denominator,
        {{ year_number('items.period') }} as budget_year
    from {{ ref('int_disbursement_item_evidence') }} as evidence
    inner join {{ ref('directive_items') }} as items
        on
            evidence.directive = items.directive
            and evidence.item = items.item
    where evidence.disbursed_pct is not null
),

item_lines as (
    select
        evidence.directive,
        evidence.item,
        evidence.on_date,
        budget_lines.project_code,
        budget_lines.budget_year,
        budget_lines.source,
        budget_lines.plan_component
    from evidence
    inner join {{ ref('denominators') }} as denominators on evidence.denominator = denominators.denominator
    inner join {{ ref('int_budget_lines') }} as budget_lines
        on
            evidence.budget_year = budget_lines.budget_year
            and evidence.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
            and denominators.plan_component = budget_lines.plan_component
    left join {{ ref('int_disbursement_item_projects') }} as projects
        on
            evidence.directive = projects.directive
            and evidence.item = projects.item
            and budget_lines.project_code = projects.project_code
    where
        evidence.evidence_basis = 'computed_from_vouchers'
        and (
            projects.project_code is not null
            or evidence.board_code = 'PROVINCE'
            or evidence.board_code = budget_lines.board_code
        )
),

item_projects as (
    select distinct
        directive,
        item,
        on_date,
        project_code
    from item_lines
)

select
    evidence.directive,
    evidence.item,
    'published_figures' as feed,
    {{ source_row_of('figures') }},
    'value' as evidence_role,
    figures.is_simulated
from evidence
inner join {{ ref('stg_published_figures') }} as figures
    on
        evidence.delivery_id = figures.delivery_id
        and evidence.area_code = figures.area_code
        and evidence.indicator = figures.indicator
        and evidence.evidence_period = figures.period
        and evidence.released_on = figures.released_on
        and evidence.disbursed_pct = cast(figures.value as decimal(12, 4))
where evidence.evidence_basis = 'published_rate' and figures.measure = 'ratio'
union all
select
    item_lines.directive,
    item_lines.item,
    'investment_plan' as feed,
    {{ source_row_of('plan') }},
    'plan' as evidence_role,
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
    'voucher' as evidence_role,
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
    'register' as evidence_role,
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
