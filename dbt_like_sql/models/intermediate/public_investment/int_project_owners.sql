-- A project keeps its code when it moves to another board, and what was paid before stays with the old one.
with numbered as (
    select
        *,
        row_number() over (partition by project_code order by valid_from) as row_number
    from {{ ref('stg_investment_projects') }}
)

select
    project_code,
    board_code,
    case when row_number = 1 then date '1900-01-01' else valid_from end as owned_from_on,
    coalesce(valid_to, date '9999-12-31') as owned_to_on,
    is_simulated
from numbered
