{% macro normal_quantile_95() %}
-- how many standard errors the limits of 95 % lie from an estimate
1.96
{%- endmacro %}
