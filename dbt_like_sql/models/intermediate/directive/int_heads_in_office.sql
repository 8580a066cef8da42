-- Who heads each agency and each board on the day of the run: the post that began last.
with in_office as (
    select
        unit_code,
        post,
        name,
        is_simulated,
        row_number() over (partition by unit_code order by valid_from desc, post asc) as row_number
    from {{ ref('stg_responsible_heads') }}
    where
        unit_kind in ('agency', 'board')
        and valid_from <= {{ var('as_of') }}
        and coalesce(valid_to >= {{ var('as_of') }}, true)
)

select
    unit_code,
    post,
    name,
    is_simulated
from in_office
where row_number = 1
