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
{{ published_evidence_rows() }}
inner join {{ ref('int_item_spans') }} as spans
    on
        published.directive = spans.directive
        and published.item = spans.item
where spans.indicator = 'seafood_processing_and_exports' and not published.is_forecast
