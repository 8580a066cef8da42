-- The rows on which each item of aquaculture rests, each with what it adds to the part and to the whole of the item's
-- share. Figures of the feed are of the month alone, so they may be summed. A row that lacks one of the two figures
-- adds to neither: a missing figure is no zero, and part and whole speak of the same rows. Damage, warnings and seed
-- are asked of shrimp; high technology of all species.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'aquaculture' and option = 'area_code'
),

in_period as (
    select
        items.directive,
        items.item,
        items.indicator,
        items.item_months,
        figures.*,
        case items.indicator
            when 'aquaculture_damaged_area' then figures.damaged_ha
            when 'aquaculture_high_technology_area' then figures.of_which_high_tech_ha
            else cast(figures.seed_lots_failed as decimal(18, 4))
        end as part_value,
        case items.indicator
            when 'shrimp_seed_lots_failed' then cast(figures.seed_lots_checked as decimal(18, 4))
            else figures.stocked_ha
        end as whole_value
    from {{ ref('int_item_months') }} as items
    inner join office on items.area_code = office.area_code
    inner join {{ ref('stg_aquaculture') }} as figures
        on figures.month between items.item_first_month and items.item_last_month
    inner join {{ ref('aquaculture_species') }} as names on figures.species = names.species
    where
        (items.indicator in ('aquaculture_damaged_area', 'shrimp_seed_lots_failed') and names.is_shrimp)
        or items.indicator = 'aquaculture_high_technology_area'
)

select
    directive,
    item,
    indicator,
    item_months,
    district_code,
    species,
    month,
    part_value is not null and whole_value is not null as is_in_share,
    part_value,
    whole_value,
    warnings_issued,
    delivery_id,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from in_period
