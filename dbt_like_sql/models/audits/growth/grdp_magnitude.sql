-- A row is one level of one delivery beside what was known of the same sector before, periods of another length by
-- their months. It fails when the two differ by an order of magnitude: a unit is wrong, by 1,000 as a rule.
-- A level of another price base is of the same size, and no restatement. Of two bases side by side in one delivery the
-- newest continues the series.
with levels as (
    select
        *,
        {{ base_code('base_year') }} as base_code,
        row_number() over (
            partition by delivery_id, area_code, sector_code, period order by {{ base_code('base_year') }} desc
        ) as row_number
    from {{ source('candidates', 'grdp') }}
    where value_constant_bn > 0
),

figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        'constant' as price_basis,
        base_code,
        'constant ' || area_code || ' ' || sector_code || case when row_number > 1 then ' ' || base_code else '' end
            as series_key,
        period,
        30 as first_delivery_tolerance,
        value_constant_bn as figure
    from levels
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        'current' as price_basis,
        'current' as base_code,
        'current ' || area_code || ' ' || sector_code as series_key,
        period,
        30 as first_delivery_tolerance,
        value_current_bn as figure
    from {{ source('candidates', 'grdp') }}
    where value_current_bn > 0
),

{{ magnitude_against_earlier() }}

select
    beside.delivery_id,
    beside.source_row,
    beside.area_code,
    beside.sector_code,
    beside.period,
    beside.price_basis,
    beside.base_code,
    cast(beside.figure as decimal(20, 6)) as total_bn,
    beside.reference_delivery_id,
    beside.reference_period,
    cast(round(beside.reference_figure, 6) as decimal(38, 6)) as reference_bn,
    beside.magnitude_ratio,
    case when same_base.delivery_id is not null then beside.restatement_pct end as restatement_pct
from beside
left join figures as same_base
    on
        beside.reference_delivery_id = same_base.delivery_id
        and beside.series_key = same_base.series_key
        and beside.reference_period = same_base.period
        and beside.base_code = same_base.base_code
