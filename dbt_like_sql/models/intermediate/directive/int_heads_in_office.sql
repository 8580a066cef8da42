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
    in_office.unit_code,
    in_office.post,
    coalesce(post_names.post_en, in_office.post) as post_en,
    in_office.name,
    in_office.is_simulated
from in_office
left join {{ ref('post_names') }} as post_names on in_office.post = post_names.post
where in_office.row_number = 1
