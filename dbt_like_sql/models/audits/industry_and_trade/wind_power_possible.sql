-- A row is one wind farm and month: its generation over its capacity times the hours of the month (a farm of 72 MW
-- makes 631 GWh in a year of full load, so 239,400 GWh is a unit error), and whether date, stage and generation agree.
with farms as (
    select
        *,
        last_day({{ first_day_of('month') }}) as month_last_on
    from {{ source('candidates', 'wind_power') }}
    where {{ first_day_of('month') }} is not null
)

select
    delivery_id,
    source_row,
    plant_code,
    month,
    capacity_mw,
    generation_mwh,
    case
        when capacity_mw > 0
            then
                cast(
                    round(
                        cast(generation_mwh as double)
                        / (
                            cast(capacity_mw as double) * 24
                            * cast(day(month_last_on) as integer)
                        ),
                        4
                    ) as decimal(38, 4)
                )
    end as capacity_ratio,
    coalesce(commercial_operation_on < {{ first_day_of('month') }}, false) and coalesce(generation_mwh, 0) = 0
        as is_silent_in_operation,
    coalesce(commercial_operation_on <= month_last_on, false) <> (dossier_stage = 'commercial_operation')
        as is_stage_against_date
from farms
