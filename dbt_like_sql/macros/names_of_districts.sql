{% macro names_of_districts() %}
select
    admin_unit_code,
    max(name_vi) as name_vi,
    max(name_en) as name_en
from {{ ref('admin_units') }}
where admin_level = 'district'
group by admin_unit_code
{%- endmacro %}
