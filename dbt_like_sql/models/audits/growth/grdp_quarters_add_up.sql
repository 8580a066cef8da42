-- A row is a year or a cumulative period of one delivery, with the quarters of the same delivery that make it up, in
-- one price base. It fails when the quarters add up to something else.
with figures as (
    select
        delivery_id,
        source_row,
        area_code,
        sector_code,
        period,
        cast({{ year_of('period') }} as integer) as calendar_year,
        substr(period, 6) as period_suffix,
        'constant' as price_basis,
        {{ base_code('base_year') }} as base_code,
        value_constant_bn as figure_bn
    from {{ source('candidates', 'grdp') }}
    where value_constant_bn is not null
    union all
    select
        delivery_id,
        source_row,
        area_code,
        sector_code,
        period,
        cast({{ year_of('period') }} as integer) as calendar_year,
        substr(period, 6) as period_suffix,
        'current' as price_basis,
        'current' as base_code,
        value_current_bn as figure_bn
    from {{ source('candidates', 'grdp') }}
    where value_current_bn is not null
),

wholes as (
    select
        *,
        case period_suffix when '' then 4 when '6M' then 2 when '9M' then 3 when '3M' then 1 end as quarters_needed
    from figures
    where period_suffix in ('', '3M', '6M', '9M')
),

quarters as (
    select
        *,
        try_cast(substr(period_suffix, 2, 1) as integer) as quarter_number
    from figures
    where substr(period_suffix, 1, 1) = 'Q'
)

select
    wholes.delivery_id,
    wholes.source_row,
    wholes.area_code,
    wholes.sector_code,
    wholes.period,
    wholes.price_basis,
    wholes.base_code,
    cast(wholes.figure_bn as decimal(20, 6)) as total_bn,
    cast(sum(quarters.figure_bn) as decimal(20, 6)) as parts_bn,
    cast(sum(quarters.figure_bn) - wholes.figure_bn as decimal(20, 6)) as difference_bn
from wholes
inner join quarters
    on
        wholes.delivery_id = quarters.delivery_id
        and wholes.area_code = quarters.area_code
        and wholes.sector_code = quarters.sector_code
        and wholes.calendar_year = quarters.calendar_year
        and wholes.price_basis = quarters.price_basis
        and wholes.base_code = quarters.base_code
        and wholes.quarters_needed >= quarters.quarter_number
group by
    wholes.delivery_id,
    wholes.source_row,
    wholes.area_code,
    wholes.sector_code,
    wholes.period,
    wholes.price_basis,
    wholes.base_code,
    wholes.figure_bn,
    wholes.quarters_needed
having count(*) = wholes.quarters_needed
