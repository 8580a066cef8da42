-- Units that the survey asked in each quarter, each once, wherever their sites are: they answer in the district and
-- stratum to which the frame assigns them, else in those of their first row. A unit all of whose rows are out of scope
-- was not to be asked. In sampled strata those that answered also stand for the silent ones of their district and
-- stratum: their weight is raised by the weight of the sampled units over the weight of those that answered.
with in_scope as (
    select
        *,
        coalesce(frame_unit_id, return_id) as unit_id,
        row_number() over (
            partition by quarter, coalesce(frame_unit_id, return_id)
            order by is_answered desc, district_code asc, stratum asc, return_id asc
        ) as row_number
    from {{ ref('int_survey_returns') }}
    where not is_out_of_scope
),

units as (
    select
        quarter,
        unit_id,
        max(case when row_number = 1 then area_code end) as area_code,
        max(case when row_number = 1 then district_code end) as district_code,
        max(case when row_number = 1 then stratum end) as stratum,
        max(case when row_number = 1 then selection end) as selection,
        max(case when is_answered then 1 else 0 end) = 1 as is_answered,
        max(survey_weight) as design_weight
    from in_scope
    group by quarter, unit_id
),

placed as (
    select
        units.quarter,
        units.unit_id,
        case when frame.frame_unit_id is null then units.area_code else frame.area_code end as area_code,
        coalesce(frame.district_code, units.district_code) as district_code,
        coalesce(frame.stratum, units.stratum) as stratum,
        coalesce(frame.selection, units.selection) as selection,
        units.is_answered,
        units.design_weight
    from units
    left join {{ ref('int_frame_units') }} as frame
        on
            units.quarter = frame.quarter
            and units.unit_id = frame.frame_unit_id
),

weighed as (
    select
        *,
        sum(cast(design_weight as double)) over (partition by quarter, district_code, stratum) as weight_drawn,
        sum(case when is_answered then cast(design_weight as double) else 0 end) over (
            partition by quarter, district_code, stratum
        ) as weight_answered
    from placed
)

select
    quarter,
    unit_id,
    area_code,
    district_code,
    stratum,
    selection,
    is_answered,
    design_weight,
    cast(
        case
            when selection = 'sample' and is_answered then round(weight_drawn / weight_answered, 8) else 1
        end as decimal(18, 8)
    ) as response_factor
from weighed
