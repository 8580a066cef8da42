-- Money on each project, budget year, source and component on which any was paid, beside its plan, on the newest day
-- known. The voucher named is the last that brought money.
with newest_days as (
    select
        budget_year,
        max(on_date) as on_date
    from {{ ref('int_disbursement_days') }}
    where is_money_known
    group by budget_year
),

newest as (
    select
        budget_lines.*,
        newest_days.on_date
    from {{ ref('int_budget_lines') }} as budget_lines
    inner join newest_days
        on
            budget_lines.budget_year = newest_days.budget_year
            and newest_days.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
),

last_vouchers as (
    select
        *,
        row_number() over (
            partition by project_code, budget_year, source, plan_component
            order by posted_on desc, released_on desc, delivery_id asc, source_row desc
        ) as row_number
    from {{ ref('stg_treasury_disbursement') }}
    where transaction_type in ('advance', 'payment', 'adjustment')
)

select
    newest.project_code,
    newest.budget_year,
    newest.source,
    newest.plan_component,
    newest.on_date,
    newest.plan_vnd,
    newest.disbursed_vnd,
    newest.over_disbursed_vnd,
    last_vouchers.delivery_id,
    last_vouchers.source_row,
    coalesce(projects.is_in_register, false) as is_in_register
from newest
left join {{ ref('dim_project') }} as projects on newest.project_code = projects.project_code
left join last_vouchers
    on
        newest.project_code = last_vouchers.project_code
        and newest.budget_year = last_vouchers.budget_year
        and newest.source = last_vouchers.source
        and newest.plan_component = last_vouchers.plan_component
        and last_vouchers.row_number = 1
where newest.disbursed_vnd <> 0
