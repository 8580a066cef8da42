-- The months of each item's period: a year, a quarter, a month, cumulative months, or a range of one of these.
with ends as (
    select
        directive,
        item,
        indicator,
        area_code,
        period,
        split_part(period, '..', 1) as first_part,
        case when period like '%..%' then split_part(period, '..', 2) else period end as last_part
    from {{ ref('dim_directive_item') }}
)

select
    ends.directive,
    ends.item,
    ends.indicator,
    ends.area_code,
    ends.period,
    left(cast(first_periods.first_day_on as varchar), 7) as item_first_month,
    left(cast(last_periods.last_day_on as varchar), 7) as item_last_month,
    cast(
        (year(last_periods.last_day_on) - year(first_periods.first_day_on)) * 12
        + month(last_periods.last_day_on) - month(first_periods.first_day_on) + 1 as integer
    ) as item_months
from ends
inner join {{ ref('dim_period') }} as first_periods on ends.first_part = first_periods.period
inner join {{ ref('dim_period') }} as last_periods on ends.last_part = last_periods.period
