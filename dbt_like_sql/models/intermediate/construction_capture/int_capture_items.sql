-- The items on full capture and on the quality of its surveys, with the quarters of their periods.
select
    directive,
    item,
    indicator,
    area_code,
    {{ first_quarter_of('period') }} as first_quarter,
    {{ last_quarter_of('period') }} as last_quarter
from {{ ref('directive_items') }}
where indicator in ('construction_coverage', 'survey_response_rate')
