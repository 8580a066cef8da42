-- The unit of the frame that a tax code belongs to in a quarter: of several with one code, the one that answered.
with ranked as (
    select
        *,
        row_number() over (
            partition by quarter, tax_key
            order by is_answered desc, is_drawn desc, selection desc, frame_unit_id asc
        ) as row_number
    from {{ ref('int_frame_units') }}
    where tax_key is not null
)

select
    quarter,
    tax_key,
    frame_unit_id,
    area_code,
    district_code,
    stratum,
    selection,
    is_drawn,
    is_answered,
    is_out_of_scope
from ranked
where row_number = 1
