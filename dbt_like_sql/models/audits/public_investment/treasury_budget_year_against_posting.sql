-- A row is one advance or payment of a voucher. It fails when it was posted before its budget year opens, or when it
-- is new money posted after the closing: then it is not counted. What settles an advance on the same day may be later.
with lines as (
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
)

select
    lines.delivery_id,
    lines.source_row,
    lines.voucher_no,
    lines.line_no,
    lines.project_code,
    lines.transaction_type,
    lines.budget_year,
    lines.posted_on,
    lines.amount_vnd,
    budget_years.opens_on,
    budget_years.closes_on,
    budget_years.budget_year is not null as is_known_budget_year,
    coalesce(lines.posted_on < budget_years.opens_on, false) as is_before_opening,
    coalesce(lines.posted_on > budget_years.closes_on, false)
    and (lines.transaction_type = 'advance' or lines.payments_vnd > lines.recoveries_vnd) as is_after_closing
from lines
left join {{ ref('budget_years') }} as budget_years on lines.budget_year = budget_years.budget_year
where lines.transaction_type in ('advance', 'payment')
