-- Projects in plans and vouchers that the register lacks are kept, marked, and belong to no board.
with codes as (
    select project_code from {{ ref('stg_investment_projects') }}
    union
    select project_code from {{ ref('stg_investment_plan') }}
    union
    select project_code from {{ ref('stg_treasury_disbursement') }}
),

register as (
    select
        *,
        row_number() over (partition by project_code order by valid_from desc) as row_number
    from {{ ref('stg_investment_projects') }}
),

plan_names as (
    select
        project_code,
        max(name) as name,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('stg_investment_plan') }}
    group by project_code
),

key_names as (
    select
        key_item,
        max(project_name_vi) as project_name_vi,
        max(project_name_en) as project_name_en
    from {{ ref('key_projects') }}
    group by key_item
),

voucher_marks as (
    select
        project_code,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('stg_treasury_disbursement') }}
    group by project_code
)

select
    codes.project_code,
    coalesce(register.name, plan_names.name) as name,
    coalesce(register.board_code, 'UNASSIGNED') as board_code,
    register.key_item,
    key_names.project_name_vi,
    key_names.project_name_en,
    register.total_investment_bn,
    register.approved_on,
    register.preparation_stage,
    register.valid_from,
    coalesce(register.is_current, false) as is_in_register,
    register.delivery_id,
    register.released_on,
    coalesce(register.is_simulated, plan_names.is_simulated, voucher_marks.is_simulated) as is_simulated
from codes
left join register
    on
        codes.project_code = register.project_code
        and register.row_number = 1
left join plan_names on codes.project_code = plan_names.project_code
left join voucher_marks on codes.project_code = voucher_marks.project_code
left join key_names on register.key_item = key_names.key_item
order by codes.project_code
