-- Money of each project over all years that are known, beside its approved total investment: money of years before the
-- first delivery is missing, so that more may lie beyond. The voucher named is the last that brought money.
with paid as (
    select
        project_code,
        sum(disbursed_change_vnd) as disbursed_vnd
    from {{ ref('int_disbursement_movements') }}
    group by project_code
),

last_vouchers as (
    select
        *,
        row_number() over (
            partition by project_code order by posted_on desc, released_on desc, delivery_id asc, source_row desc
        ) as row_number
    from {{ ref('stg_treasury_disbursement') }}
    where transaction_type in ('advance', 'payment', 'adjustment')
)

select
    projects.project_code,
    projects.board_code,
    projects.total_investment_bn,
    cast(paid.disbursed_vnd as decimal(18, 0)) as disbursed_all_years_vnd,
    cast(paid.disbursed_vnd - cast(projects.total_investment_bn * 1000000000 as decimal(38, 0)) as decimal(18, 0))
        as beyond_total_investment_vnd,
    last_vouchers.delivery_id,
    last_vouchers.source_row
from paid
inner join {{ ref('dim_project') }} as projects on paid.project_code = projects.project_code
left join last_vouchers
    on
        paid.project_code = last_vouchers.project_code
        and last_vouchers.row_number = 1
where projects.total_investment_bn > 0 and paid.disbursed_vnd <> 0
