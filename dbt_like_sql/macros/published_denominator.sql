{% macro published_denominator(figures, named_sums) %}
-- What a published rate is a share of: as the seed names it, else as the supplier's note says in English.
coalesce(
    {{ named_sums }}.denominator,
    case
        when lower({{ figures }}.note) like '%denominator: plan assigned by the prime minister%' then 'pm_assigned'
    end
)
{%- endmacro %}
