-- A row is a year or a cumulative period of one delivery, with the quarters of the same delivery that make it up, in
-- one price base. It fails when the quarters add up to something else.
with figures as (
    select
        delivery_id,
        source_row,
        area_code,
        sector_code,
        period,
        {{ year_number('period') }} as calendar_year,
        {{ period_type_of('period') }} as period_type,
        {{ last_month_of('period') }} as last_month_of_year,
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
        {{ year_number('period') }} as calendar_year,
        {{ period_type_of('period') }} as period_type,
        {{ last_month_of('period') }} as last_month_of_year,
        'current' as price_basis,
        'current' as base_code,
        value_current_bn as figure_bn
    from {{ source('candidates', 'grdp') }}
    where value_current_bn is not null
),

wholes as (
    select *
    from figures
    where period_type in ('year', 'ytd') and last_month_of_year in (3, 6, 9, 12)
),

quarters as (
    select *
    from figures
    where period_type = 'quarter'
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
        and wholes.last_month_of_year >= quarters.last_month_of_year
group by
    wholes.delivery_id,
    wholes.source_row,
    wholes.area_code,
    wholes.sector_code,
    wholes.period,
    wholes.price_basis,
    wholes.base_code,
    wholes.figure_bn,
    wholes.last_month_of_year
having 3 * count(*) = wholes.last_month_of_year
