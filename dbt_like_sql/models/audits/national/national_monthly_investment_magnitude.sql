-- A row is one amount beside one of an earlier delivery. It fails when the two differ by an order of magnitude: a unit
-- is wrong.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'value_bn' as figure_name,
        'value_bn' || ' ' || coalesce(section_label, '') || ' ' || row_label as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(value_bn as decimal(38, 4)) as figure
    from {{ source('candidates', 'national_monthly_investment') }}
    where value_bn > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'ytd_bn' as figure_name,
        'ytd_bn' || ' ' || coalesce(section_label, '') || ' ' || row_label as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(ytd_bn as decimal(38, 4)) as figure
    from {{ source('candidates', 'national_monthly_investment') }}
    where ytd_bn > 0
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
