-- A row is one amount beside one of an earlier delivery. It fails when the two differ by an order of magnitude: a unit
-- is wrong. Only the total is compared: visitors of one country or by sea truly move by magnitudes from month to month.
with totals as (
    select row_label
    from {{ ref('national_labels') }}
    where
        national_table = 'visitors'
        and national_item_code = 'total'
),

figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'international_visits' as figure_name,
        'international_visits' || ' ' || coalesce(section_label, '') || ' ' || row_label as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(international_visits as decimal(38, 4)) as figure
    from {{ source('candidates', 'national_monthly_visitors') }}
    where
        international_visits > 0
        and lower(row_label) in (select totals.row_label from totals)
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        'international_visits_ytd' as figure_name,
        'international_visits_ytd' || ' ' || coalesce(section_label, '') || ' ' || row_label as series_key,
        month as period,
        50 as first_delivery_tolerance,
        cast(international_visits_ytd as decimal(38, 4)) as figure
    from {{ source('candidates', 'national_monthly_visitors') }}
    where
        international_visits_ytd > 0
        and lower(row_label) in (select totals.row_label from totals)
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
