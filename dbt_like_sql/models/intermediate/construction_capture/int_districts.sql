-- The province of each district, and the district of each commune where a record names both: the seed of
-- administrative units first, then what offices deliver.
with delivered as (
    select
        commune_code,
        district_code
    from {{ ref('stg_building_permits') }}
    where commune_code is not null
    union all
    select
        commune_code,
        district_code
    from {{ ref('stg_construction_survey') }}
    where commune_code is not null
),

counted as (
    select
        commune_code,
        district_code,
        count(*) as times
    from delivered
    group by commune_code, district_code
),

most_often as (
    select
        commune_code,
        district_code,
        row_number() over (partition by commune_code order by times desc, district_code asc) as row_number
    from counted
),

delivered_communes as (
    select
        commune_code,
        district_code
    from most_often
    where row_number = 1
),

registered as (
    select
        admin_unit_code as commune_code,
        max(parent_admin_unit_code) as district_code
    from {{ ref('admin_units') }}
    where admin_level = 'commune'
    group by admin_unit_code
),

communes as (
    select
        coalesce(registered.commune_code, most_often.commune_code) as commune_code,
        coalesce(registered.district_code, most_often.district_code) as district_code
    from registered
    full outer join delivered_communes as most_often on registered.commune_code = most_often.commune_code
),

known_districts as (
    select
        admin_unit_code as district_code,
        parent_admin_unit_code as area_code,
        1 as trust
    from {{ ref('admin_units') }}
    where admin_level = 'district'
    union all
    select
        district_code,
        area_code,
        2 as trust
    from {{ ref('stg_construction_output') }}
    group by district_code, area_code
),

districts as (
    select
        district_code,
        area_code,
        row_number() over (partition by district_code order by trust, area_code) as row_number
    from known_districts
)

select
    'commune' as admin_level,
    communes.commune_code as admin_unit_code,
    communes.district_code,
    districts.area_code
from communes
left join districts on communes.district_code = districts.district_code and districts.row_number = 1
union all
select
    'district' as admin_level,
    district_code as admin_unit_code,
    district_code,
    area_code
from districts
where row_number = 1
