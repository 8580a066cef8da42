-- The first and last day of the period of each directive item.
select
    items.directive,
    items.item,
    items.indicator,
    items.area_code,
    items.threshold,
    items.period,
    opening.first_day_on as first_on,
    closing.last_day_on as last_on
from {{ ref('dim_directive_item') }} as items
inner join {{ ref('int_periods') }} as opening on {{ first_part_of('items.period') }} = opening.period
inner join {{ ref('int_periods') }} as closing
    on {{ last_part_of('items.period') }} = closing.period
