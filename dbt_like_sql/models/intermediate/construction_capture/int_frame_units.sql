-- Units of the survey's frame in each quarter in which they were active, with what the survey knows of them: sampled
-- when it has any row of theirs, answered when one of the rows holds an answer.
with surveyed as (
    select
        quarter,
        frame_unit_id,
        max(case when is_answered then 1 else 0 end) as answered,
        max(case when is_out_of_scope then 1 else 0 end) as out_of_scope
    from {{ ref('int_survey_returns') }}
    where frame_unit_id is not null
    group by quarter, frame_unit_id
),

entries as (
    select
        quarters.quarter,
        frame.*,
        {{ tax_digits('frame.tax_code') }} as tax_digits,
        row_number() over (
            partition by quarters.quarter, frame.frame_unit_id order by frame.valid_from desc
        ) as row_number
    from {{ ref('stg_construction_frame') }} as frame
    inner join {{ ref('int_capture_quarters') }} as quarters
        on
            frame.valid_from <= quarters.last_day_on
            and coalesce(frame.valid_to, date '9999-12-31') >= quarters.first_day_on
    where frame.status <> 'ceased'
)

select
    entries.quarter,
    entries.frame_unit_id,
    {{ tax_key('entries.tax_digits') }} as tax_key,
    entries.stratum,
    entries.selection,
    entries.district_code,
    districts.area_code,
    entries.status,
    surveyed.frame_unit_id is not null as is_drawn,
    coalesce(surveyed.answered, 0) = 1 as is_answered,
    coalesce(surveyed.answered, 0) = 0 and coalesce(surveyed.out_of_scope, 0) = 1 as is_out_of_scope,
    entries.released_on,
    entries.is_simulated
from entries
left join surveyed
    on
        entries.quarter = surveyed.quarter
        and entries.frame_unit_id = surveyed.frame_unit_id
left join {{ ref('int_districts') }} as districts
    on
        entries.district_code = districts.admin_unit_code
        and districts.admin_level = 'district'
where entries.row_number = 1
