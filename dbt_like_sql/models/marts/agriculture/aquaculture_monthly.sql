-- Aquaculture by district, species and month, with shares and the months so far of the year. A total is given only
-- where every month from January gives the figure. Tết moves harvests and stocking between January and February.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'aquaculture' and option = 'area_code'
),

so_far as (
    select
        *,
        sum(stocked_ha) over (
            partition by district_code, species, calendar_year
            order by month_of_year asc rows between unbounded preceding and current row
        ) as stocked_so_far,
        sum(damaged_ha) over (
            partition by district_code, species, calendar_year
            order by month_of_year asc rows between unbounded preceding and current row
        ) as damaged_so_far,
        count(stocked_ha) over (
            partition by district_code, species, calendar_year
            order by month_of_year asc rows between unbounded preceding and current row
        ) as months_stocked,
        count(damaged_ha) over (
            partition by district_code, species, calendar_year
            order by month_of_year asc rows between unbounded preceding and current row
        ) as months_damaged
    from {{ ref('stg_aquaculture') }}
)

select
    office.area_code,
    now_known.district_code,
    now_known.species,
    names.label_vi,
    names.label_en,
    names.is_shrimp,
    now_known.month,
    now_known.calendar_year,
    now_known.month_of_year,
    now_known.stocked_ha,
    now_known.of_which_high_tech_ha,
    now_known.damaged_ha,
    now_known.harvest_t,
    now_known.warnings_issued,
    now_known.seed_lots_checked,
    now_known.seed_lots_failed,
    cast(
        case when now_known.months_stocked = now_known.month_of_year then now_known.stocked_so_far end
        as decimal(18, 2)
    ) as stocked_so_far_ha,
    cast(
        case when now_known.months_damaged = now_known.month_of_year then now_known.damaged_so_far end
        as decimal(18, 2)
    ) as damaged_so_far_ha,
    try_cast(
        round(
            case
                when
                    now_known.months_stocked = now_known.month_of_year
                    and now_known.months_damaged = now_known.month_of_year
                    then
                        cast(now_known.damaged_so_far as double) * 100
                        / cast(nullif(now_known.stocked_so_far, 0) as double)
            end,
            4
        ) as decimal(12, 4)
    ) as damaged_of_stocked_so_far_pct,
    try_cast(
        round(
            cast(now_known.of_which_high_tech_ha as double) * 100 / cast(nullif(now_known.stocked_ha, 0) as double), 4
        ) as decimal(12, 4)
    ) as high_tech_of_stocked_pct,
    try_cast(
        round(
            cast(now_known.seed_lots_failed as double) * 100
            / cast(nullif(now_known.seed_lots_checked, 0) as double),
            4
        ) as decimal(12, 4)
    ) as seed_lots_failed_pct,
    try_cast(
        round(
            (cast(now_known.harvest_t as double) / cast(nullif(before.harvest_t, 0) as double) - 1) * 100, 4
        ) as decimal(12, 4)
    ) as harvest_yoy_pct,
    periods.is_distorted_by_tet,
    now_known.released_on,
    now_known.delivery_id,
    now_known.is_simulated or coalesce(before.is_simulated, false) as is_simulated,
    now_known.district_code = '000' as is_total
from so_far as now_known
cross join office
left join {{ ref('aquaculture_species') }} as names on now_known.species = names.species
left join {{ ref('int_periods') }} as periods on now_known.month = periods.period
left join {{ ref('stg_aquaculture') }} as before
    on
        now_known.district_code = before.district_code
        and now_known.species = before.species
        and now_known.month_year_before = before.month
