-- Vouchers add up over deliveries; a line that comes again replaces the earlier one.
with released as (
    select
        *,
        row_number() over (
            partition by voucher_no, line_no
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'treasury_disbursement') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    voucher_no,
    line_no,
    posted_on,
    budget_year,
    project_code,
    source,
    plan_component,
    transaction_type,
    amount_vnd,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from released
where row_number = 1
