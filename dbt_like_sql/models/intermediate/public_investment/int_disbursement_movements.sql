-- Gross payments include the part that an advance has already covered, so recoveries are taken off; net payments leave
-- that part out. After the closing of its component and type only the settling of an advance still counts, and what is
-- given back, never new money. An adjustment counts with its own sign.
with forms as (
    select
        max(case when feed = 'treasury_disbursement' and option = 'payments' then value end) as payments
    from {{ source('contracts', 'options') }}
),

closings as (
    {{ closings() }}
),

lines as (
    select
        vouchers.*,
        coalesce(forms.payments, 'gross') = 'gross' as is_gross,
        vouchers.transaction_type in ('advance', 'payment', 'adjustment')
        and vouchers.posted_on > coalesce(
            closings.closes_on,
            budget_years.closes_on,
            {{ usual_closing_of('least(greatest(vouchers.budget_year, 0), 9000)') }}
        ) as is_after_closing
    from {{ ref('stg_treasury_disbursement') }} as vouchers
    cross join forms
    left join {{ ref('budget_years') }} as budget_years on vouchers.budget_year = budget_years.budget_year
    left join closings
        on
            vouchers.budget_year = closings.budget_year
            and vouchers.plan_component = closings.plan_component
            and vouchers.transaction_type = closings.transaction_type
),

moved as (
    select
        project_code,
        budget_year,
        source,
        plan_component,
        posted_on,
        is_gross,
        sum(case when transaction_type = 'advance' and not is_after_closing then amount_vnd else 0 end)
            as advances_vnd,
        sum(case when transaction_type = 'payment' and not is_after_closing then amount_vnd else 0 end)
            as payments_vnd,
        sum(case when transaction_type = 'adjustment' and not is_after_closing then amount_vnd else 0 end)
            as adjustments_vnd,
        sum(case when transaction_type = 'payment' and is_after_closing then amount_vnd else 0 end)
            as late_payments_vnd,
        sum(case when transaction_type <> 'payment' and is_after_closing then amount_vnd else 0 end)
            as other_late_vnd,
        sum(case when transaction_type = 'advance_recovery' then amount_vnd else 0 end) as recoveries_vnd,
        sum(case when transaction_type = 'refund' then amount_vnd else 0 end) as refunds_vnd,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from lines
    group by project_code, budget_year, source, plan_component, posted_on, is_gross
),

counted as (
    select
        *,
        case when is_gross then least(late_payments_vnd, recoveries_vnd) else 0 end as settled_late_vnd
    from moved
)

select
    project_code,
    budget_year,
    source,
    plan_component,
    posted_on,
    cast(
        advances_vnd
        + payments_vnd
        + settled_late_vnd
        + adjustments_vnd
        - refunds_vnd
        - case when is_gross then recoveries_vnd else 0 end as decimal(18, 0)
    ) as disbursed_change_vnd,
    cast(advances_vnd - recoveries_vnd as decimal(18, 0)) as advances_change_vnd,
    cast(adjustments_vnd as decimal(18, 0)) as adjustments_change_vnd,
    cast(late_payments_vnd - settled_late_vnd + other_late_vnd as decimal(18, 0)) as after_closing_vnd,
    released_on,
    is_simulated
from counted
