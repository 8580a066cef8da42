{% macro money_asked(plan_vnd, threshold_pct) %}
-- wide on purpose: the engine multiplies two narrow decimals into a narrow one and overflows at 1,000 bn VND
cast({{ plan_vnd }} as decimal(24, 0)) * cast({{ threshold_pct }} * cast(0.01 as decimal(3, 2)) as decimal(12, 6))
{%- endmacro %}
