-- A row is one figure of a month beside one of an earlier delivery. It fails when the two differ by an order of
-- magnitude: million dong were written where billion are asked for.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        service_group,
        area_code || ' ' || service_group as series_key,
        month as period,
        50 as first_delivery_tolerance,
        value_bn as figure
    from {{ source('candidates', 'retail_services') }}
    where value_bn > 0
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    area_code,
    service_group,
    period as month,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
