-- A row is one district, species and month: the area damaged over the area stocked, of all months known by the
-- delivery's day up to that month. Area damaged in one month may have been stocked before it, so single months may
-- exceed the whole; when half a year or more is known, the sums may not. A month that lacks a figure adds to neither
-- sum. Of a month that others delivered, the newest counts.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        district_code,
        species,
        month,
        stocked_ha,
        damaged_ha
    from {{ source('candidates', 'aquaculture') }}
    where stocked_ha is not null and damaged_ha is not null
),

paired as (
    select
        figures.delivery_id,
        figures.source_row,
        figures.district_code,
        figures.species,
        figures.month,
        others.month as other_month,
        others.stocked_ha,
        others.damaged_ha,
        row_number() over (
            partition by figures.delivery_id, figures.district_code, figures.species, figures.month, others.month
            order by
                case when others.delivery_id = figures.delivery_id then 0 else 1 end asc,
                others.released_on desc, others.revision desc, others.delivery_id desc
        ) as place
    from figures
    inner join figures as others
        on
            figures.district_code = others.district_code
            and figures.species = others.species
            and figures.month >= others.month
            and figures.released_on >= others.released_on
)

select
    delivery_id,
    min(source_row) as source_row,
    district_code,
    species,
    month,
    cast(count(*) as integer) as months_known,
    cast(sum(stocked_ha) as decimal(18, 2)) as stocked_so_far_ha,
    cast(sum(damaged_ha) as decimal(18, 2)) as damaged_so_far_ha,
    cast(
        round(cast(sum(damaged_ha) as double) / cast(nullif(sum(stocked_ha), 0) as double), 4) as decimal(38, 4)
    ) as damaged_of_stocked_ratio
from paired
where place = 1
group by delivery_id, district_code, species, month
