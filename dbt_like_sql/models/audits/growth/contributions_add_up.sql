-- A row is one sector with the contributions of its parts to GRDP growth, all from one delivery. It fails when the
-- parts do not add up to the sector's own contribution; for GRDP that is its growth.
with required_parts as (
    select
        parent_sector_code,
        count(*) as parts
    from {{ ref('sectors') }}
    where is_required_part and parent_sector_code is not null
    group by parent_sector_code
),

part_sums as (
    select
        parts.delivery_id,
        parts.area_code,
        parts.period,
        sectors.parent_sector_code as sector_code,
        sum(parts.contribution_pp) as parts_contribution_pp,
        sum(case when sectors.is_required_part then 1 else 0 end) as parts_given
    from {{ ref('int_sector_growth') }} as parts
    inner join {{ ref('sectors') }} as sectors on parts.sector_code = sectors.sector_code
    where sectors.parent_sector_code is not null and parts.is_one_vintage and parts.contribution_pp is not null
    group by parts.delivery_id, parts.area_code, parts.period, sectors.parent_sector_code
),

-- Levels that an officer accepted although they do not add up cannot give contributions that do.
known_not_to_add_up as (
    select distinct delivery_id
    from {{ source('ledger', 'findings') }}
    where waived and rule = 'sectors_add_up_to_grdp'
)

select
    whole.delivery_id,
    whole.source_row,
    whole.area_code,
    whole.sector_code,
    whole.period,
    whole.contribution_pp,
    cast(part_sums.parts_contribution_pp as decimal(12, 4)) as parts_contribution_pp,
    cast(whole.contribution_pp - part_sums.parts_contribution_pp as decimal(12, 4)) as contribution_difference_pp
from {{ ref('int_sector_growth') }} as whole
inner join part_sums
    on
        whole.delivery_id = part_sums.delivery_id
        and whole.area_code = part_sums.area_code
        and whole.period = part_sums.period
        and whole.sector_code = part_sums.sector_code
inner join required_parts on whole.sector_code = required_parts.parent_sector_code
left join known_not_to_add_up on whole.delivery_id = known_not_to_add_up.delivery_id
where
    known_not_to_add_up.delivery_id is null
    and whole.is_one_vintage
    and whole.contribution_pp is not null
    and part_sums.parts_given = required_parts.parts
