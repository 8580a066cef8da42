-- A row is one advance, payment or adjustment of a voucher. It fails when it was posted before its budget year opens,
-- or when it is new money posted after the closing of its component and type: then it is not counted. What settles an
-- advance on the same day may be later.
with closings as (
    {{ closings() }}
),

lines as (
    select
        vouchers.delivery_id,
        vouchers.source_row,
        vouchers.voucher_no,
        vouchers.line_no,
        vouchers.project_code,
        vouchers.budget_year,
        vouchers.source,
        vouchers.plan_component,
        vouchers.transaction_type,
        vouchers.posted_on,
        vouchers.amount_vnd,
        sum(
            case when vouchers.transaction_type = 'advance_recovery' then vouchers.amount_vnd else 0 end
        ) over settled as recoveries_vnd,
        sum(case when vouchers.transaction_type = 'payment' then vouchers.amount_vnd else 0 end) over settled
            as payments_vnd
    from {{ source('candidates', 'treasury_disbursement') }} as vouchers
    window settled as (
        partition by
            vouchers.delivery_id,
            vouchers.project_code,
            vouchers.budget_year,
            vouchers.source,
            vouchers.plan_component,
            vouchers.posted_on
    )
),

closed as (
    select
        lines.*,
        budget_years.opens_on,
        coalesce(closings.closes_on, budget_years.closes_on) as closes_on,
        closings.act,
        budget_years.budget_year is not null as is_known_budget_year
    from lines
    left join {{ ref('budget_years') }} as budget_years on lines.budget_year = budget_years.budget_year
    left join closings
        on
            lines.budget_year = closings.budget_year
            and lines.plan_component = closings.plan_component
            and lines.transaction_type = closings.transaction_type
    where lines.transaction_type in ('advance', 'payment', 'adjustment')
)

select
    delivery_id,
    source_row,
    voucher_no,
    line_no,
    project_code,
    plan_component,
    transaction_type,
    budget_year,
    posted_on,
    amount_vnd,
    opens_on,
    closes_on,
    act,
    is_known_budget_year,
    coalesce(posted_on < opens_on, false) as is_before_opening,
    coalesce(posted_on > closes_on, false)
    and (transaction_type <> 'payment' or payments_vnd > recoveries_vnd) as is_after_closing
from closed
