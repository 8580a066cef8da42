-- The share that the first one, two or three quarters had of each year. Part and year belong together: both come from
-- the newest vintage that has both, and only where none has from what is known of each.
with parts as (
    select
        *,
        case last_month_of_year when 3 then 1 when 6 then 2 else 3 end as quarters_known
    from {{ ref('int_vintage_levels') }}
    where
        (period_type = 'ytd' and last_month_of_year in (3, 6, 9))
        or (period_type = 'quarter' and last_month_of_year = 3)
),

of_one_vintage as (
    select
        whole.area_code,
        whole.sector_code,
        whole.calendar_year,
        parts.quarters_known,
        parts.value_constant_bn as part_level,
        whole.value_constant_bn as year_level,
        whole.is_simulated,
        row_number() over (
            partition by whole.area_code, whole.sector_code, whole.calendar_year, parts.quarters_known
            order by
                whole.is_simulated asc,
                whole.released_on desc,
                whole.revision desc,
                whole.delivery_id desc,
                whole.base_code desc,
                parts.period_type desc
        ) as row_number
    from {{ ref('int_vintage_levels') }} as whole
    inner join parts
        on
            whole.delivery_id = parts.delivery_id
            and whole.area_code = parts.area_code
            and whole.sector_code = parts.sector_code
            and whole.calendar_year = parts.calendar_year
            and whole.base_code = parts.base_code
    where whole.period_type = 'year' and whole.value_constant_bn > 0
),

known as (
    select
        whole.area_code,
        whole.sector_code,
        whole.calendar_year,
        whole.base_from_year,
        parts.quarters_known,
        parts.cumulative_constant_bn as part_level,
        whole.cumulative_constant_bn as year_level,
        whole.is_simulated or parts.is_simulated as is_simulated
    from {{ ref('int_year_parts') }} as whole
    inner join {{ ref('int_year_parts') }} as parts
        on
            whole.area_code = parts.area_code
            and whole.sector_code = parts.sector_code
            and whole.calendar_year = parts.calendar_year
            and whole.base_from_year = parts.base_from_year
            and parts.quarters_known < 4
    where whole.quarters_known = 4
)

select
    known.area_code,
    known.sector_code,
    known.calendar_year,
    known.quarters_known,
    known.base_from_year,
    own.row_number is not null as is_one_vintage,
    cast(
        round(
            cast(coalesce(own.part_level, known.part_level) as double)
            / cast(coalesce(own.year_level, known.year_level) as double),
            12
        ) as decimal(18, 12)
    ) as share_of_year,
    coalesce(own.is_simulated, known.is_simulated) as is_simulated
from known
left join of_one_vintage as own
    on
        known.area_code = own.area_code
        and known.sector_code = own.sector_code
        and known.calendar_year = own.calendar_year
        and known.quarters_known = own.quarters_known
        and {{ simulated_only_beside_simulated('known', 'own') }}
        and own.row_number = 1
