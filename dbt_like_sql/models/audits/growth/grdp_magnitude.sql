-- A row is one level of one delivery beside what was known of the same sector before, periods of another length by
-- their months. It fails when the two differ by an order of magnitude: a unit is wrong, by 1,000 as a rule.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        'constant' as price_basis,
        'constant ' || area_code || ' ' || sector_code as series_key,
        period,
        30 as first_holds_within,
        value_constant_bn as figure
    from {{ source('candidates', 'grdp') }}
    where value_constant_bn > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        'current' as price_basis,
        'current ' || area_code || ' ' || sector_code as series_key,
        period,
        30 as first_holds_within,
        value_current_bn as figure
    from {{ source('candidates', 'grdp') }}
    where value_current_bn > 0
),

{{ beside_an_earlier_delivery() }}

select
    delivery_id,
    source_row,
    area_code,
    sector_code,
    period,
    price_basis,
    cast(figure as decimal(20, 6)) as total_bn,
    reference_delivery_id,
    reference_period,
    cast(round(reference_figure, 6) as decimal(38, 6)) as reference_bn,
    magnitude_ratio,
    restatement_pct
from beside
