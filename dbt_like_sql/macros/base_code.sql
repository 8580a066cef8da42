{% macro base_code(base_year) %}
coalesce(cast({{ base_year }} as varchar), 'unstated')
{% endmacro %}
