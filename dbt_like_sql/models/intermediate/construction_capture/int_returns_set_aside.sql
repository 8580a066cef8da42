-- The returns whose value does not count as it stands because a rule names it: out of its stratum's range per square
-- metre, or far above its unit's other quarters. Their sites stay counted and linked; their values do not.
select
    works.quarter,
    works.return_id,
    works.district_code,
    works.stratum,
    works.survey_weight,
    works.value_mn,
    case
        when not coalesce(ranges.is_in_range, true) then 'value_per_m2'
        else 'other_quarters'
    end as set_aside_reason,
    works.delivery_id,
    works.source_row
from {{ ref('int_survey_works') }} as works
left join {{ ref('correct__value_per_m2_in_range') }} as ranges
    on
        works.quarter = ranges.quarter
        and works.return_id = ranges.return_id
left join {{ ref('correct__value_beside_other_quarters') }} as others
    on
        works.quarter = others.quarter
        and works.return_id = others.return_id
where
    works.is_counted
    and (
        not coalesce(ranges.is_in_range, true)
        or coalesce(others.times_other_quarters > others.maximum_times, false)
    )
