-- A row is one figure of an enterprise and product in a month beside what an earlier delivery gave for the same month,
-- else for the same month a year before. It fails when the two differ by two orders of magnitude: a unit is wrong.
-- What the plant cannot make is judged by industry_output_possible alone.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        enterprise_code,
        product_code,
        unit,
        'quantity' as figure_name,
        'quantity ' || enterprise_code || ' ' || product_code || ' ' || unit as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(quantity as decimal(20, 4)) as figure
    from {{ source('candidates', 'industry_output') }}
    where quantity > 0 and (capacity is null or capacity = 0 or quantity <= 10 * capacity)
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        enterprise_code,
        product_code,
        unit,
        'value_mn' as figure_name,
        'value_mn ' || enterprise_code || ' ' || product_code || ' ' || unit as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(value_mn as decimal(20, 4)) as figure
    from {{ source('candidates', 'industry_output') }}
    where value_mn > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        enterprise_code,
        product_code,
        unit,
        'capacity' as figure_name,
        'capacity ' || enterprise_code || ' ' || product_code || ' ' || unit as series_key,
        month as period,
        cast(null as integer) as first_delivery_tolerance,
        cast(capacity as decimal(20, 4)) as figure
    from {{ source('candidates', 'industry_output') }}
    where capacity > 0
),

{{ magnitude_against_earlier() }}

select
    delivery_id,
    source_row,
    enterprise_code,
    product_code,
    period as month,
    unit,
    figure_name,
    figure,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
