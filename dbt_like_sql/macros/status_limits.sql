{% macro status_limits() %}
select
    max(case when status = 'on_track' then minimum_progress_ratio end) as on_track_from,
    max(case when status = 'on_track' then minimum_probability end) as on_track_probability_from,
    max(case when status = 'at_risk' then minimum_progress_ratio end) as at_risk_from,
    max(case when status = 'off_track' then minimum_progress_ratio end) as off_track_from,
    max(case when status = 'on_track' then maximum_pace_ratio end) as on_track_pace_to,
    max(case when status = 'at_risk' then maximum_pace_ratio end) as at_risk_pace_to
from {{ ref('status_thresholds') }}
{%- endmacro %}
