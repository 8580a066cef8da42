{% macro disbursement_status(row) %}
case
    when {{ row }}.is_final and {{ row }}.is_reached then 'achieved'
    when {{ row }}.is_final then 'missed'
    when {{ row }}.exact_ratio < {{ row }}.off_track_from then 'deteriorating'
    when {{ row }}.exact_ratio < {{ row }}.at_risk_from then 'off_track'
    when {{ row }}.pace_ratio > {{ row }}.at_risk_pace_to then 'off_track'
    when {{ row }}.exact_ratio < {{ row }}.on_track_from then 'at_risk'
    when {{ row }}.pace_ratio > {{ row }}.on_track_pace_to then 'at_risk'
    else 'on_track'
end
{%- endmacro %}
