-- A row is one amount beside one of an earlier delivery. It fails when the two differ by an order of magnitude: a unit
-- is wrong.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'value_usd' as figure_name,
        'value_usd' || ' ' || coalesce(kind, '') as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(value_usd as decimal(38, 4)) as figure
    from {{ source('candidates', 'trade_support') }}
    where value_usd > 0
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    figure_name,
    period,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
