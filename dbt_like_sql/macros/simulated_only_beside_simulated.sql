{% macro simulated_only_beside_simulated(rows, others) %}
-- a real figure is never compared with a simulated one, nor made of it
({{ rows }}.is_simulated or not {{ others }}.is_simulated)
{%- endmacro %}
