-- The months of each item's period: a year, a quarter, a month, cumulative months, or a range of one of these.
with ends as (
    select
        directive,
        item,
        indicator,
        area_code,
        period,
        {{ first_part_of('period') }} as first_part,
        {{ last_part_of('period') }} as last_part
    from {{ ref('dim_directive_item') }}
)

select
    ends.directive,
    ends.item,
    ends.indicator,
    ends.area_code,
    ends.period,
    {{ month_of('first_periods.first_day_on') }} as item_first_month,
    {{ month_of('last_periods.last_day_on') }} as item_last_month,
    cast(
        (year(last_periods.last_day_on) - year(first_periods.first_day_on)) * 12
        + month(last_periods.last_day_on) - month(first_periods.first_day_on) + 1 as integer
    ) as item_months
from ends
inner join {{ ref('int_periods') }} as first_periods on ends.first_part = first_periods.period
inner join {{ ref('int_periods') }} as last_periods on ends.last_part = last_periods.period
