-- How many rows of each rule of the three families fail, by quarter, district and stratum. Whether a single site is
-- left out is shown as a finding, but the family is judged by the share that is found.
with judged as (
    select
        'complete' as family,
        'complete__districts_return' as audit,
        quarter,
        district_code,
        stratum,
        case when has_returned then 0 else 1 end as failed
    from {{ ref('complete__districts_return') }}
    union all
    select
        'complete' as family,
        'complete__units_respond' as audit,
        quarter,
        district_code,
        stratum,
        case when unit_response_rate >= minimum_rate then 0 else 1 end as failed
    from {{ ref('complete__units_respond') }}
    union all
    select
        'complete' as family,
        'complete__answers_have_no_blanks' as audit,
        quarter,
        district_code,
        stratum,
        case when item_response_rate >= minimum_rate then 0 else 1 end as failed
    from {{ ref('complete__answers_have_no_blanks') }}
    union all
    select
        'complete' as family,
        'complete__frame_holds_active_enterprises' as audit,
        quarter,
        district_code,
        cast(null as varchar) as stratum,
        case when is_in_frame then 0 else 1 end as failed
    from {{ ref('complete__frame_holds_active_enterprises') }}
    union all
    select
        'correct' as family,
        'correct__no_works_counted_twice' as audit,
        quarter,
        district_code,
        stratum,
        case when is_counted_once then 0 else 1 end as failed
    from {{ ref('correct__no_works_counted_twice') }}
    union all
    select
        'correct' as family,
        'correct__nothing_funded_by_the_budget' as audit,
        quarter,
        district_code,
        stratum,
        case when budget_evidence is null then 0 else 1 end as failed
    from {{ ref('correct__nothing_funded_by_the_budget') }}
    union all
    select
        'correct' as family,
        'correct__value_per_m2_in_range' as audit,
        quarter,
        district_code,
        stratum,
        case when is_in_range then 0 else 1 end as failed
    from {{ ref('correct__value_per_m2_in_range') }}
    union all
    select
        'correct' as family,
        'correct__survey_against_tax' as audit,
        quarter,
        district_code,
        stratum,
        case when survey_to_tax_ratio <= tolerance_ratio then 0 else 1 end as failed
    from {{ ref('correct__survey_against_tax') }}
    union all
    select
        'correct' as family,
        'correct__components_hold_against_previous_vintage' as audit,
        period as quarter,
        district_code,
        cast(null as varchar) as stratum,
        case when is_within_tolerance then 0 else 1 end as failed
    from {{ ref('correct__components_hold_against_previous_vintage') }}
    union all
    select
        'nothing_left_out' as family,
        'nothing_left_out__capture_rate_above_threshold' as audit,
        quarter,
        district_code,
        stratum,
        case when capture_rate >= minimum_rate then 0 else 1 end as failed
    from {{ ref('nothing_left_out__capture_rate_above_threshold') }}
)

select
    judged.family,
    judged.audit,
    districts.area_code,
    judged.quarter,
    judged.district_code,
    judged.stratum,
    cast(count(*) as integer) as n_judged,
    cast(sum(judged.failed) as integer) as n_failed
from judged
left join {{ ref('int_districts') }} as districts
    on
        judged.district_code = districts.admin_unit_code
        and districts.admin_level = 'district'
group by
    judged.family, judged.audit, districts.area_code, judged.quarter, judged.district_code, judged.stratum
