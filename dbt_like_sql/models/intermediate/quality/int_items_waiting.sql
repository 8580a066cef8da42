-- Which items of directives wait for which delivery: one that is late or refused, or due although its period is over.
with served as (
    {{ all_indicators() }}
)

select distinct
    items.directive,
    items.item,
    periods.feed,
    periods.supplier,
    periods.period,
    periods.status,
    periods.due_on,
    periods.days_late
from {{ ref('int_delivery_periods') }} as periods
inner join served on periods.feed = served.feed
inner join {{ ref('int_item_spans') }} as items
    on
        served.indicator = items.indicator
        and items.first_on <= periods.last_day_on
        and periods.first_day_on <= items.last_on
where
    periods.status in ('late', 'refused')
    or (periods.status = 'due' and periods.last_day_on < {{ var('as_of') }})
