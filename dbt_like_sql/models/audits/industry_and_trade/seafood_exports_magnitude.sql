-- A row is one figure of exports beside what an earlier delivery gave for the same month, else for the same
-- month a year before. It fails when the two differ by two orders of magnitude: a unit is wrong. A price that
-- seafood cannot have is judged by seafood_exports_price alone.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        market,
        product_code,
        'tonnes' as figure_name,
        'tonnes ' || market || ' ' || product_code as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(tonnes as decimal(20, 4)) as figure
    from {{ source('candidates', 'seafood_exports') }}
    where
        tonnes > 0
        and (coalesce(tonnes, 0) = 0 or value_usd between 100 * tonnes and 200000 * tonnes)
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        market,
        product_code,
        'value_usd' as figure_name,
        'value_usd ' || market || ' ' || product_code as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(value_usd as decimal(20, 4)) as figure
    from {{ source('candidates', 'seafood_exports') }}
    where
        value_usd > 0
        and (coalesce(tonnes, 0) = 0 or value_usd between 100 * tonnes and 200000 * tonnes)
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    market,
    product_code,
    period as month,
    figure_name,
    figure,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
