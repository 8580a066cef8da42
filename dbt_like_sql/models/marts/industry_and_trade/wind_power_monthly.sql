-- Wind farms by month: stage, capacity, generation and what the capacity could have made at most, in the months in
-- which the farm was in operation and its generation is known: a share of what was possible holds like against like.
-- Wind keeps no holidays, so no month is marked for Tết.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'wind_power' and option = 'area_code'
),

in_operation as (
    select
        *,
        coalesce(commercial_operation_on <= last_day({{ first_day_of('month') }}), false) as is_in_operation
    from {{ ref('stg_wind_power') }}
),

possible as (
    select
        *,
        case
            when is_in_operation and generation_mwh is not null
                then
                    cast(
                        capacity_mw
                        * 24
                        * cast(day(last_day({{ first_day_of('month') }})) as integer)
                        as decimal(18, 3)
                    )
        end as possible_generation_mwh
    from in_operation
)

select
    office.area_code,
    farms.plant_code,
    farms.row_label,
    farms.month,
    farms.calendar_year,
    farms.month_of_year,
    farms.capacity_mw,
    farms.dossier_stage,
    stages.stage_order,
    stages.label_vi,
    stages.label_en,
    farms.commercial_operation_on,
    farms.is_in_operation,
    farms.generation_mwh,
    farms.possible_generation_mwh,
    try_cast(
        round(cast(farms.generation_mwh as double) * 100 / cast(farms.possible_generation_mwh as double), 4)
        as decimal(12, 4)
    ) as capacity_factor_pct,
    try_cast(
        round(
            (cast(farms.generation_mwh as double) / cast(nullif(before.generation_mwh, 0) as double) - 1) * 100, 4
        ) as decimal(12, 4)
    ) as generation_yoy_pct,
    farms.released_on,
    farms.delivery_id,
    farms.is_simulated or coalesce(before.is_simulated, false) as is_simulated
from possible as farms
cross join office
left join {{ ref('wind_dossier_stages') }} as stages on farms.dossier_stage = stages.dossier_stage
left join {{ ref('stg_wind_power') }} as before
    on
        farms.plant_code = before.plant_code
        and farms.month_year_before = before.month
