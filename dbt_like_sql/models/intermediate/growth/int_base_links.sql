-- How levels in an older price base are expressed in the newest one, each series by its own factor: the level of a year
-- in the new base over that in the old one, of the first year that both have. A level without a stated base is linked
-- with none, and real levels never by simulated ones.
with years as (
    select
        *,
        coalesce(
            max(case when not is_simulated then base_year end) over (partition by area_code, sector_code),
            max(base_year) over (partition by area_code, sector_code)
        ) as newest_base_year
    from {{ ref('int_base_levels') }}
    where period_type = 'year' and base_year is not null and value_constant_bn > 0
),

pairs as (
    select
        older.area_code,
        older.sector_code,
        older.base_code,
        newer.base_code as linked_base_code,
        newer.base_year as linked_base_year,
        older.calendar_year as link_year,
        cast(
            round(cast(newer.value_constant_bn as double) / cast(older.value_constant_bn as double), 12)
            as decimal(24, 12)
        ) as linking_factor,
        older.is_simulated or newer.is_simulated as is_simulated,
        row_number() over (
            partition by older.area_code, older.sector_code, older.base_code
            order by
                case when older.is_simulated or newer.is_simulated then 1 else 0 end asc,
                older.calendar_year asc
        ) as row_number
    from years as older
    inner join years as newer
        on
            older.area_code = newer.area_code
            and older.sector_code = newer.sector_code
            and older.calendar_year = newer.calendar_year
            and older.newest_base_year = newer.base_year
            and older.base_year < newer.base_year
)

select
    area_code,
    sector_code,
    base_code,
    linked_base_code,
    linked_base_year,
    link_year,
    linking_factor,
    is_simulated
from pairs
where row_number = 1
