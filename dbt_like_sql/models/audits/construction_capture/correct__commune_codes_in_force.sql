-- A row is one return whose commune is in the seed of administrative units. It fails when the code had ended by the
-- last day of the quarter: the site is still linked, by the commune that took its place.
with known as (
    select
        admin_unit_code,
        max(coalesce(valid_to, date '9999-12-31')) as last_valid_on,
        min(coalesce(valid_from, date '1900-01-01')) as first_valid_on
    from {{ ref('admin_units') }}
    where admin_level = 'commune'
    group by admin_unit_code
)

select
    returns.quarter,
    returns.return_id,
    returns.district_code,
    returns.stratum,
    returns.commune_code,
    returns.place_code,
    returns.delivery_id,
    returns.source_row,
    quarters.last_day_on between known.first_valid_on and known.last_valid_on as is_code_in_force
from {{ ref('int_survey_returns') }} as returns
inner join {{ ref('int_capture_quarters') }} as quarters on returns.quarter = quarters.quarter
inner join known on returns.commune_code = known.admin_unit_code
