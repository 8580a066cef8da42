{% macro surveys_released() %}
-- by each day on which accepted returns came out, one of their deliveries and its supplier
select
    released_on,
    max(delivery_id) as delivery_id,
    max(supplier) as publisher
from {{ ref('stg_deliveries') }}
where feed = 'construction_survey' and status in ('accepted', 'accepted_in_part')
group by released_on
{%- endmacro %}
