-- The rows on which each item of aquaculture rests, each with what it adds to the part and to the whole of the item's
-- share. Figures of the feed are of a single month, so they may be summed. A row that lacks one of the two figures adds
-- to neither: a missing figure is not zero, and part and whole must come from the same rows. Damage, warnings and seed
-- concern shrimp; high technology all species. The same months a year before are given with those known now.
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
        items.is_year_before,
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
    from {{ ref('int_item_months_and_before') }} as items
    inner join office on items.area_code = office.area_code
    inner join {{ ref('stg_aquaculture') }} as figures
        on figures.month between items.item_first_month and items.item_last_month
    inner join {{ ref('aquaculture_species') }} as names on figures.species = names.species
    where
        (items.indicator in ('aquaculture_damaged_area', 'shrimp_seed_lots_failed') and names.is_shrimp)
        or items.indicator = 'aquaculture_high_technology_area'
),

known_now as (
    select distinct
        directive,
        item,
        {{ year_before('month') }} as month_before
    from in_period
    where not is_year_before and part_value is not null and whole_value is not null
)

select
    figures.directive,
    figures.item,
    figures.indicator,
    figures.item_months,
    figures.is_year_before,
    figures.district_code,
    figures.species,
    figures.month,
    figures.part_value is not null and figures.whole_value is not null as is_in_share,
    figures.part_value,
    figures.whole_value,
    figures.warnings_issued,
    figures.delivery_id,
    figures.released_on,
    figures.revision,
    figures.is_simulated,
    figures.source_file,
    figures.source_sheet,
    figures.source_row
from in_period as figures
left join known_now
    on
        figures.directive = known_now.directive
        and figures.item = known_now.item
        and figures.month = known_now.month_before
where not figures.is_year_before or known_now.month_before is not null
