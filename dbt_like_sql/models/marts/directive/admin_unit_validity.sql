-- One row for each administrative unit and stretch of validity: a code that was given to another ward has two.
select
    units.admin_unit_code,
    units.name_vi,
    units.name_en,
    units.unit_type_vi,
    units.unit_type_en,
    units.admin_level,
    units.parent_admin_unit_code,
    case
        when units.admin_level = 'province' then units.admin_unit_code
        when units.admin_level = 'district' then units.parent_admin_unit_code
        when units.admin_level = 'commune' then parents.parent_admin_unit_code
    end as province_code,
    units.valid_from,
    units.valid_to,
    units.successor_admin_unit_code,
    (units.valid_from is null or units.valid_from <= {{ var('as_of') }})
    and (units.valid_to is null or units.valid_to >= {{ var('as_of') }}) as is_in_force
from {{ ref('admin_units') }} as units
left join {{ ref('admin_units') }} as parents
    on
        units.parent_admin_unit_code = parents.admin_unit_code
        and parents.admin_level = 'district'
