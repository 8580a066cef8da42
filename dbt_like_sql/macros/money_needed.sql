{% macro money_needed(row) %}
-- to the first dong that meets the target; nothing once it is met, and unknown where the money or what is asked is
case
    when {{ row }}.counted_vnd is not null and {{ row }}.asked_vnd is not null
        then
            greatest(
                case when {{ row }}.comparator = '>' then floor({{ row }}.asked_vnd) + 1 else ceil({{ row }}.asked_vnd) end
                - {{ row }}.counted_vnd,
                0
            )
end
{%- endmacro %}
