{% macro capture_strata_of(items) %}
-- what is known of the quarters of items, by district and stratum
select
    {{ items }}.directive,
    {{ items }}.item,
    {{ items }}.last_quarter,
    strata.*
from {{ items }}
inner join {{ ref('int_capture_strata') }} as strata
    on
        strata.quarter between {{ items }}.first_quarter and {{ items }}.last_quarter
        and {{ items }}.area_code = strata.area_code
{%- endmacro %}
