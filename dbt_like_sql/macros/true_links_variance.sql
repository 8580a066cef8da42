{% macro true_links_variance(is_corrected, true_scored, unkeyed, recall, false_share, tried) %}
case
    when {{ is_corrected }}
        then
            {{ true_scored }} * (1 - {{ recall }}) / {{ recall }}
            + {{ true_scored }} * {{ true_scored }} * (1 - {{ recall }}) / ({{ recall }} * {{ tried }})
            + {{ unkeyed }} * {{ false_share }} * (1 - {{ false_share }}) * (1 + {{ unkeyed }} / {{ tried }})
            / (({{ recall }} - {{ false_share }}) * ({{ recall }} - {{ false_share }}))
    else 0
end
{%- endmacro %}
