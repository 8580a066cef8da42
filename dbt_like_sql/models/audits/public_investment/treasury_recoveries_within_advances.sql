-- A row is one day on which advances of a project were recovered, with the balance of advances after that day, all
-- deliveries taken together. It fails when that balance is negative.
with latest as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by voucher_no, line_no
                order by {{ newest_first() }}
            ) as row_number
        from {{ source('candidates', 'treasury_disbursement') }}
        where transaction_type in ('advance', 'advance_recovery')
    ) as ranked
    where row_number = 1
),

daily as (
    select
        project_code,
        budget_year,
        source,
        plan_component,
        posted_on,
        max(delivery_id) as delivery_id,
        max(case when transaction_type = 'advance_recovery' then source_row end) as source_row,
        sum(case when transaction_type = 'advance_recovery' then amount_vnd else 0 end) as recovered_vnd,
        sum(case when transaction_type = 'advance' then amount_vnd else -amount_vnd end) as change_vnd
    from latest
    group by project_code, budget_year, source, plan_component, posted_on
),

running as (
    select
        *,
        sum(change_vnd) over (
            partition by project_code, budget_year, source, plan_component
            order by posted_on
            rows between unbounded preceding and current row
        ) as open_advance_vnd
    from daily
)

select
    delivery_id,
    source_row,
    project_code,
    budget_year,
    source,
    plan_component,
    posted_on,
    cast(recovered_vnd as decimal(18, 0)) as recovered_vnd,
    cast(open_advance_vnd as decimal(18, 0)) as open_advance_vnd
from running
where recovered_vnd > 0
