-- A row is one sector of one period in one delivery, its parts beside it: GRDP = I + II + III + TAX, II = IND + CON,
-- IND = B..E, III = G..S (and T, U where given), at constant prices of one base and at current prices.
-- It fails when the parts do not add up to the whole, or when a main sector is missing beside GRDP. Before product
-- taxes begin in a delivery (2010 in the national file) GRDP cannot be judged: its row has no difference.
with figures as (
    select
        delivery_id,
        source_row,
        area_code,
        sector_code,
        period,
        {{ year_number('period') }} as calendar_year,
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
        'current' as price_basis,
        'current' as base_code,
        value_current_bn as figure_bn
    from {{ source('candidates', 'grdp') }}
    where value_current_bn is not null
),

taxes_begin as (
    select
        delivery_id,
        area_code,
        price_basis,
        base_code,
        min(calendar_year) as first_year
    from figures
    where sector_code = 'TAX' and figure_bn <> 0
    group by delivery_id, area_code, price_basis, base_code
),

required_parts as (
    select
        parent_sector_code,
        count(*) as parts
    from {{ ref('sectors') }}
    where is_required_part and parent_sector_code is not null
    group by parent_sector_code
),

part_sums as (
    select
        parts.delivery_id,
        parts.area_code,
        parts.period,
        parts.price_basis,
        parts.base_code,
        sectors.parent_sector_code as sector_code,
        sum(parts.figure_bn) as parts_bn,
        sum(case when sectors.is_required_part then 1 else 0 end) as parts_given
    from figures as parts
    inner join {{ ref('sectors') }} as sectors on parts.sector_code = sectors.sector_code
    where sectors.parent_sector_code is not null
    group by
        parts.delivery_id,
        parts.area_code,
        parts.period,
        parts.price_basis,
        parts.base_code,
        sectors.parent_sector_code
),

judged as (
    select
        whole.delivery_id,
        whole.source_row,
        whole.area_code,
        whole.sector_code,
        whole.period,
        whole.price_basis,
        whole.base_code,
        whole.figure_bn as total_bn,
        part_sums.parts_bn,
        required_parts.parts - part_sums.parts_given as parts_missing,
        whole.sector_code <> 'GRDP' or whole.calendar_year >= coalesce(taxes_begin.first_year, 0) as is_judged
    from figures as whole
    inner join part_sums
        on
            whole.delivery_id = part_sums.delivery_id
            and whole.area_code = part_sums.area_code
            and whole.period = part_sums.period
            and whole.price_basis = part_sums.price_basis
            and whole.base_code = part_sums.base_code
            and whole.sector_code = part_sums.sector_code
    inner join required_parts on whole.sector_code = required_parts.parent_sector_code
    left join taxes_begin
        on
            whole.delivery_id = taxes_begin.delivery_id
            and whole.area_code = taxes_begin.area_code
            and whole.price_basis = taxes_begin.price_basis
            and whole.base_code = taxes_begin.base_code
)

select
    delivery_id,
    source_row,
    area_code,
    sector_code,
    period,
    price_basis,
    base_code,
    cast(total_bn as decimal(20, 6)) as total_bn,
    cast(parts_bn as decimal(20, 6)) as parts_bn,
    case
        when is_judged and parts_missing = 0 then cast(total_bn - parts_bn as decimal(20, 6))
    end as difference_bn,
    cast(case when is_judged and sector_code = 'GRDP' then parts_missing else 0 end as integer) as parts_missing
from judged
