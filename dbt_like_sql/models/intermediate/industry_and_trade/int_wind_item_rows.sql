-- The rows of wind farms within the period of each item, and which of them is the farm's last: the state of a farm is
-- what its last month says. A farm operates from the day on which its commercial operation was recognised; the stage of
-- its dossiers may lag behind, which a rule on deliveries shows.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'wind_power' and option = 'area_code'
)

select
    items.directive,
    items.item,
    items.item_first_month,
    items.item_last_month,
    farms.plant_code,
    farms.month,
    farms.capacity_mw,
    farms.dossier_stage,
    farms.commercial_operation_on,
    farms.generation_mwh,
    farms.delivery_id,
    farms.released_on,
    farms.revision,
    farms.is_simulated,
    farms.source_file,
    farms.source_sheet,
    farms.source_row,
    coalesce(
        farms.commercial_operation_on <= last_day({{ first_day_of('farms.month') }}), false
    ) as is_in_operation,
    row_number() over (
        partition by items.directive, items.item, farms.plant_code order by farms.month desc
    ) = 1 as is_last_month_of_plant
from {{ ref('int_item_months') }} as items
inner join office on items.area_code = office.area_code
inner join {{ ref('stg_wind_power') }} as farms
    on farms.month between items.item_first_month and items.item_last_month
where items.indicator = 'wind_farms_in_commercial_operation'
