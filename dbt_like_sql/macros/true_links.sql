{% macro true_links(scored, unkeyed, recall, false_share) %}
case
    when {{ scored }} > 0 and {{ recall }} > {{ false_share }}
        then greatest(({{ scored }} - {{ false_share }} * {{ unkeyed }}) / ({{ recall }} - {{ false_share }}), 0)
    else {{ scored }}
end
{%- endmacro %}
