-- A row is one figure of a month beside one of an earlier delivery. It fails when the two differ by an order of
-- magnitude: thousands of visits or million dong stand under another unit.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'visitors' as figure_name,
        'visitors' as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(visitors as decimal(18, 4)) as figure
    from {{ source('candidates', 'tourism') }}
    where visitors > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'overnight_visitors' as figure_name,
        'overnight_visitors' as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(overnight_visitors as decimal(18, 4)) as figure
    from {{ source('candidates', 'tourism') }}
    where overnight_visitors > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'revenue_bn' as figure_name,
        'revenue' as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(revenue_bn as decimal(18, 4)) as figure
    from {{ source('candidates', 'tourism') }}
    where revenue_bn > 0
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    figure_name,
    period as month,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
