-- Which direction is good for an item, and how old its figure is. A figure says something of the days up to the end of
-- its period, and nothing of the days after its release.
with declared as (
    {{ all_indicators() }}
),

directions as (
    select
        indicator,
        max(direction_of_good) as direction_of_good
    from declared
    group by indicator
),

ends as (
    select
        directive,
        item,
        released_on,
        {{ last_part_of('evidence_period') }} as last_part
    from {{ ref('int_item_status') }}
),

dated as (
    select
        ends.directive,
        ends.item,
        least(
            coalesce(periods.last_day_on, try_cast(ends.last_part as date)), ends.released_on
        ) as evidence_until_on
    from ends
    left join {{ ref('int_periods') }} as periods on ends.last_part = periods.period
)

select
    items.directive,
    items.item,
    directions.direction_of_good,
    dated.evidence_until_on,
    cast(date_diff('day', dated.evidence_until_on, {{ var('as_of') }}) as integer) as evidence_age_days
from {{ ref('dim_directive_item') }} as items
left join directions on items.indicator = directions.indicator
left join dated
    on
        items.directive = dated.directive
        and items.item = dated.item
