-- One row for each code, by the unit that holds it on the day, or held it last, and one each for the words that stand
-- in the place of a district or area: all of them together, and a place that is not known.
with ranked as (
    select
        *,
        row_number() over (
            partition by admin_unit_code
            order by case when is_in_force then 0 else 1 end, coalesce(valid_from, date '1900-01-01') desc
        ) as row_number
    from {{ ref('admin_unit_validity') }}
)

select
    admin_unit_code,
    name_vi,
    name_en,
    unit_type_vi,
    unit_type_en,
    admin_level,
    parent_admin_unit_code,
    province_code,
    valid_from,
    valid_to,
    successor_admin_unit_code,
    is_in_force
from ranked
where row_number = 1
union all
select
    words.admin_unit_code,
    message_vi(words.name_codes, null) as name_vi,
    message_en(words.name_codes, null) as name_en,
    message_vi(words.name_codes, null) as unit_type_vi,
    message_en(words.name_codes, null) as unit_type_en,
    words.admin_unit_code as admin_level,
    cast(null as varchar) as parent_admin_unit_code,
    cast(null as varchar) as province_code,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    cast(null as varchar) as successor_admin_unit_code,
    true as is_in_force
from (
    values
    ('total', 'unit_total'), ('unknown', 'unit_unknown')
) as words (admin_unit_code, name_codes)
