-- A row is one cumulative level (two to eleven months, or the year) beside the shorter cumulative level before it,
-- in the same year and price base. It fails when the longer one is smaller. The shorter one is taken from the same
-- delivery; where that has none, from the first delivery that had it, and then the two may differ by a restatement.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        period,
        {{ year_number('period') }} as calendar_year,
        {{ last_month_of('period') }} as last_month_of_year,
        value_constant_bn,
        {{ base_code('base_year') }} as base_code
    from {{ source('candidates', 'grdp') }}
    where
        value_constant_bn is not null
        and (
            {{ period_type_of('period') }} in ('year', 'ytd')
            or ({{ period_type_of('period') }} = 'quarter' and {{ last_month_of('period') }} = 3)
        )
),

-- The first quarter is a cumulative period of three months, and a delivery may hold it under both codes.
cumulative as (
    select
        *,
        row_number() over (
            partition by delivery_id, area_code, sector_code, calendar_year, last_month_of_year, base_code
            order by period asc
        ) as row_number
    from figures
),

own_before as (
    select
        *,
        lag(value_constant_bn) over (
            partition by delivery_id, area_code, sector_code, calendar_year, base_code
            order by last_month_of_year asc
        ) as own_before_bn
    from cumulative
    where row_number = 1
),

earlier_deliveries as (
    select
        longer.delivery_id,
        longer.area_code,
        longer.sector_code,
        longer.period,
        longer.base_code,
        shorter.value_constant_bn,
        row_number() over (
            partition by
                longer.delivery_id, longer.area_code, longer.sector_code, longer.period, longer.base_code
            order by
                shorter.last_month_of_year desc,
                shorter.released_on asc,
                shorter.revision asc,
                shorter.delivery_id asc
        ) as row_number
    from own_before as longer
    inner join own_before as shorter
        on
            longer.area_code = shorter.area_code
            and longer.sector_code = shorter.sector_code
            and longer.calendar_year = shorter.calendar_year
            and longer.base_code = shorter.base_code
            and longer.last_month_of_year > shorter.last_month_of_year
            and longer.released_on > shorter.released_on
    where longer.own_before_bn is null
)

select
    own_before.delivery_id,
    own_before.source_row,
    own_before.area_code,
    own_before.sector_code,
    own_before.period,
    own_before.base_code,
    cast(own_before.value_constant_bn as decimal(20, 6)) as value_constant_bn,
    cast(own_before.value_constant_bn - own_before.own_before_bn as decimal(20, 6)) as increase_bn,
    cast(own_before.value_constant_bn - earlier_deliveries.value_constant_bn as decimal(20, 6))
        as increase_on_earlier_delivery_bn
from own_before
left join earlier_deliveries
    on
        own_before.delivery_id = earlier_deliveries.delivery_id
        and own_before.area_code = earlier_deliveries.area_code
        and own_before.sector_code = earlier_deliveries.sector_code
        and own_before.period = earlier_deliveries.period
        and own_before.base_code = earlier_deliveries.base_code
        and earlier_deliveries.row_number = 1
where own_before.own_before_bn is not null or earlier_deliveries.row_number is not null
