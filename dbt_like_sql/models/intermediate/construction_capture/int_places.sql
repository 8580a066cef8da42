-- A commune's code as written on some day, and the commune that has taken its place by the end of a quarter: wards were
-- merged and codes reused, so a code is always read together with the day of the record.
with communes as (
    select
        admin_unit_code,
        parent_admin_unit_code,
        unit_type_vi,
        valid_from,
        valid_to,
        successor_admin_unit_code,
        lead(valid_from) over (partition by admin_unit_code order by valid_from asc nulls first) as next_valid_from
    from {{ ref('admin_units') }}
    where admin_level = 'commune'
),

followed as (
    select
        communes.admin_unit_code,
        communes.parent_admin_unit_code,
        communes.unit_type_vi,
        communes.valid_from,
        communes.valid_to,
        communes.next_valid_from,
        heirs.admin_unit_code as heir_code,
        heirs.valid_to as heir_valid_to,
        later_heirs.admin_unit_code as later_heir_code
    from communes
    left join communes as heirs
        on
            communes.successor_admin_unit_code = heirs.admin_unit_code
            and communes.valid_to + 1 >= coalesce(heirs.valid_from, date '1900-01-01')
            and communes.valid_to + 1 <= coalesce(heirs.valid_to, date '9999-12-31')
    left join communes as later_heirs
        on
            heirs.successor_admin_unit_code = later_heirs.admin_unit_code
            and heirs.valid_to + 1 >= coalesce(later_heirs.valid_from, date '1900-01-01')
            and heirs.valid_to + 1 <= coalesce(later_heirs.valid_to, date '9999-12-31')
)

select
    followed.admin_unit_code as commune_code,
    quarters.quarter,
    coalesce(followed.valid_from, date '1900-01-01') as written_from_on,
    coalesce(cast(followed.next_valid_from - 1 as date), date '9999-12-31') as written_to_on,
    case
        when coalesce(followed.valid_to, date '9999-12-31') >= quarters.last_day_on then followed.admin_unit_code
        when coalesce(followed.heir_valid_to, date '9999-12-31') >= quarters.last_day_on
            then coalesce(followed.heir_code, followed.admin_unit_code)
        else coalesce(followed.later_heir_code, followed.heir_code, followed.admin_unit_code)
    end as place_code,
    followed.parent_admin_unit_code as district_code,
    followed.unit_type_vi <> 'Xã' as is_urban
from followed
cross join {{ ref('int_capture_quarters') }} as quarters
