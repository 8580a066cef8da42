-- A row is one value of construction output beside an earlier delivery's value of that district, ownership and kind of
-- work. It fails when the two differ by two orders of magnitude, or when a component was restated so far that the total
-- hides it.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        district_code,
        ownership,
        work_type,
        'current' as price_basis,
        'current ' || area_code || ' ' || district_code || ' ' || ownership || ' ' || work_type as series_key,
        period,
        100 as first_holds_within,
        cast(value_current_mn as decimal(20, 4)) as figure
    from {{ source('candidates', 'construction_output') }}
    where value_current_mn > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        district_code,
        ownership,
        work_type,
        'constant' as price_basis,
        'constant ' || area_code || ' ' || district_code || ' ' || ownership || ' ' || work_type as series_key,
        period,
        100 as first_holds_within,
        cast(value_constant_mn as decimal(20, 4)) as figure
    from {{ source('candidates', 'construction_output') }}
    where value_constant_mn > 0
),

{{ beside_an_earlier_delivery() }}

select
    delivery_id,
    source_row,
    area_code,
    district_code,
    period,
    ownership,
    work_type,
    price_basis,
    figure,
    reference_delivery_id,
    reference_period,
    magnitude_ratio,
    restatement_pct
from beside
