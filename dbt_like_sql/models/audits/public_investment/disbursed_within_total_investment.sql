-- A row is one project that was paid and whose total investment is known. It fails when the money of all years that are
-- known exceeds it.
select
    project_code,
    board_code,
    total_investment_bn,
    disbursed_all_years_vnd,
    beyond_total_investment_vnd
from {{ ref('int_money_beside_total_investment') }}
