-- Gross payments include the part that an advance has already covered, so recoveries are taken off; net payments leave
-- that part out. After the closing of the budget year only the settling of an advance still counts, never new money.
-- Adjustments are kept apart: an amount without a direction cannot be added.
with forms as (
    select
        max(case when feed = 'treasury_disbursement' and option = 'payments' then value end) as payments
    from {{ source('contracts', 'options') }}
),

moved as (
    select
        vouchers.project_code,
        vouchers.budget_year,
        vouchers.source,
        vouchers.plan_component,
        vouchers.posted_on,
        coalesce(forms.payments, 'gross') = 'gross' as is_gross,
        vouchers.posted_on > coalesce(
            budget_years.closes_on, make_date(least(greatest(vouchers.budget_year, 0), 9000) + 1, 1, 31)
        ) as is_after_closing,
        sum(case when vouchers.transaction_type = 'advance' then vouchers.amount_vnd else 0 end) as advances_vnd,
        sum(case when vouchers.transaction_type = 'payment' then vouchers.amount_vnd else 0 end) as payments_vnd,
        sum(
            case when vouchers.transaction_type = 'advance_recovery' then vouchers.amount_vnd else 0 end
        ) as recoveries_vnd,
        sum(case when vouchers.transaction_type = 'refund' then vouchers.amount_vnd else 0 end) as refunds_vnd,
        sum(case when vouchers.transaction_type = 'adjustment' then vouchers.amount_vnd else 0 end) as adjustments_vnd,
        max(vouchers.released_on) as released_on,
        {{ any_simulated('vouchers.is_simulated') }} as is_simulated
    from {{ ref('stg_treasury_disbursement') }} as vouchers
    cross join forms
    left join {{ ref('budget_years') }} as budget_years on vouchers.budget_year = budget_years.budget_year
    group by
        vouchers.project_code,
        vouchers.budget_year,
        vouchers.source,
        vouchers.plan_component,
        vouchers.posted_on,
        forms.payments,
        budget_years.closes_on
),

counted as (
    select
        *,
        case when is_after_closing then 0 else advances_vnd end as counted_advances_vnd,
        case
            when not is_after_closing then payments_vnd
            when is_gross then least(payments_vnd, recoveries_vnd)
            else 0
        end as counted_payments_vnd
    from moved
)

select
    project_code,
    budget_year,
    source,
    plan_component,
    posted_on,
    cast(
        counted_advances_vnd
        + counted_payments_vnd
        - refunds_vnd
        - case when is_gross then recoveries_vnd else 0 end as decimal(18, 0)
    ) as disbursed_change_vnd,
    cast(counted_advances_vnd - recoveries_vnd as decimal(18, 0)) as advances_change_vnd,
    cast(
        advances_vnd - counted_advances_vnd + payments_vnd - counted_payments_vnd as decimal(18, 0)
    ) as after_closing_vnd,
    cast(adjustments_vnd as decimal(18, 0)) as adjustments_vnd,
    released_on,
    is_simulated
from counted
