{% macro published_evidence_rows() %}
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
{%- endmacro %}
