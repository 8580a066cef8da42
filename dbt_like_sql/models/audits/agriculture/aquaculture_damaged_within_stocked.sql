-- A row is one district, species and month: the area damaged over the area stocked, of all months known by the
-- delivery's day up to that month. Area damaged in one month may have been stocked before it, so single months may
-- exceed the whole; when half a year or more is known, the sums may not. A month that lacks a figure adds to neither
-- sum. Of a month that others delivered, the newest counts; where the others alone already exceed the whole, this
-- delivery is judged by its own months, because the fault is not its own.
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
        figures.district_code,
        figures.species,
        figures.month,
        others.stocked_ha,
        others.damaged_ha,
        others.delivery_id = figures.delivery_id as is_own,
        case when others.month = figures.month then others.source_row end as own_source_row,
        row_number() over (
            partition by figures.delivery_id, figures.district_code, figures.species, figures.month, others.month
            order by
                case when others.delivery_id = figures.delivery_id then 0 else 1 end asc,
                others.released_on desc, others.revision desc, others.delivery_id desc
        ) as row_number
    from figures
    inner join figures as others
        on
            figures.district_code = others.district_code
            and figures.species = others.species
            and figures.month >= others.month
            and figures.released_on >= others.released_on
),

summed as (
    select
        delivery_id,
        district_code,
        species,
        month,
        max(case when is_own then own_source_row end) as source_row,
        count(*) as months_all,
        count(case when is_own then 1 end) as months_own,
        sum(stocked_ha) as stocked_all,
        sum(damaged_ha) as damaged_all,
        sum(case when is_own then stocked_ha end) as stocked_own,
        sum(case when is_own then damaged_ha end) as damaged_own,
        sum(case when is_own then 0 else damaged_ha - stocked_ha end) > 0 as is_others_fault
    from paired
    where row_number = 1
    group by delivery_id, district_code, species, month
),

judged as (
    select
        delivery_id,
        source_row,
        district_code,
        species,
        month,
        case when is_others_fault then months_own else months_all end as months_known,
        case when is_others_fault then stocked_own else stocked_all end as stocked_so_far,
        case when is_others_fault then damaged_own else damaged_all end as damaged_so_far
    from summed
)

select
    delivery_id,
    source_row,
    district_code,
    species,
    month,
    cast(months_known as integer) as months_known,
    cast(stocked_so_far as decimal(18, 2)) as stocked_so_far_ha,
    cast(damaged_so_far as decimal(18, 2)) as damaged_so_far_ha,
    cast(
        round(cast(damaged_so_far as double) / cast(nullif(stocked_so_far, 0) as double), 4) as decimal(38, 4)
    ) as damaged_of_stocked_ratio
from judged
