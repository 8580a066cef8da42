-- Levels of an older price base expressed in the newest one, where that one does not have them itself, each series by
-- its own factor. So the parts need not add up to the whole: what is left is the linking residual, the whole less the
-- sum of its parts.
with linked as (
    select
        levels.area_code,
        levels.sector_code,
        levels.period,
        levels.linked_base_code,
        levels.linked_base_year,
        levels.link_year,
        levels.exact_linking_factor,
        cast(
            round(cast(levels.value_constant_bn as double) * cast(levels.exact_linking_factor as double), 6)
            as decimal(20, 6)
        ) as linked_value_bn,
        levels.is_simulated,
        row_number() over (
            partition by levels.area_code, levels.sector_code, levels.period
            order by levels.is_simulated asc, levels.base_code desc
        ) as row_number
    from {{ ref('int_base_levels') }} as levels
    left join {{ ref('int_base_levels') }} as newest
        on
            levels.area_code = newest.area_code
            and levels.sector_code = newest.sector_code
            and levels.period = newest.period
            and levels.linked_base_code = newest.base_code
            and {{ simulated_only_beside_simulated('levels', 'newest') }}
    where levels.exact_linking_factor is not null and newest.period is null
),

known as (
    select * from linked
    where row_number = 1
),

required_parts as (
    select
        parent_sector_code,
        count(*) as parts
    from {{ ref('sectors') }}
    where is_required_part and parent_sector_code is not null
    group by parent_sector_code
),

part_sums as (
    select
        parts.area_code,
        parts.period,
        parts.linked_base_code,
        sectors.parent_sector_code as sector_code,
        sum(parts.linked_value_bn) as parts_bn,
        sum(case when sectors.is_required_part then 1 else 0 end) as parts_given
    from known as parts
    inner join {{ ref('sectors') }} as sectors on parts.sector_code = sectors.sector_code
    where sectors.parent_sector_code is not null
    group by parts.area_code, parts.period, parts.linked_base_code, sectors.parent_sector_code
)

select
    known.area_code,
    known.sector_code,
    known.period,
    known.linked_base_code,
    known.linked_base_year,
    known.link_year,
    known.exact_linking_factor,
    known.linked_value_bn,
    case
        when part_sums.parts_given = required_parts.parts
            then cast(round(known.linked_value_bn - part_sums.parts_bn, 4) as decimal(18, 4))
    end as linking_residual_bn,
    known.is_simulated
from known
left join part_sums
    on
        known.area_code = part_sums.area_code
        and known.sector_code = part_sums.sector_code
        and known.period = part_sums.period
        and known.linked_base_code = part_sums.linked_base_code
left join required_parts on known.sector_code = required_parts.parent_sector_code
