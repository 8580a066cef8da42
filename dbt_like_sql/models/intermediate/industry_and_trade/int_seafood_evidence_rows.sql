-- Rows of both feeds, of the months compared and of the same months a year before.
select
    directive,
    item,
    feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    evidence_role,
    is_simulated
from {{ ref('int_seafood_item_rows') }}
where not is_year_before
union all
select
    published.directive,
    published.item,
    'published_figures' as feed,
    published.delivery_id,
    published.source_file,
    published.source_sheet,
    published.source_row,
    case when published.is_forecast then 'announced' else 'value' end as evidence_role,
    published.is_simulated
from {{ ref('int_item_published_figures') }} as published
inner join {{ ref('int_item_spans') }} as spans
    on
        published.directive = spans.directive
        and published.item = spans.item
where spans.indicator = 'seafood_processing_and_exports' and not published.is_forecast
