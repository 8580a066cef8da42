{% macro newest_first() %}
is_simulated asc, released_on desc, revision desc, delivery_id desc
{%- endmacro %}
