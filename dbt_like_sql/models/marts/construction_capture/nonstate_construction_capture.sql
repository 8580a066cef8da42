-- The estimate by district, quarter and stratum, with what was asked, answered, recorded and left out. Effects on
-- growth are those of an area as a whole; elsewhere they are blank and say so. A district that neither the seed nor the
-- output of construction assigns to an area is kept under an area of its own, 'unknown'. What a survey that returned
-- nothing says is not known, and not 0.
with districts as (
    {{ names_of_districts() }}
),

known as (
    select
        quarter,
        area_code,
        case
            when not has_returns then 'omissions_no_returns'
            when not has_frame then 'omissions_no_frame'
        end as omissions_codes
    from {{ ref('int_survey_quarters') }}
),

with_messages as (
    select
        *,
        case
            when n_permits = 0 then 'capture_rate_no_permits'
            when n_matched is null then 'capture_rate_no_returns'
            when is_silent then 'capture_rate_silent'
            when capture_rate is null then 'capture_rate_sampled'
        end as capture_rate_codes,
        -- A unit that the frame holds here and that answered of other districts says nothing of a silent one.
        case
            when is_silent and n_units_answered > 0 then 'response_of_other_districts'
            when is_silent and coalesce(n_units_drawn, 0) = 0 then 'response_silent'
        end as unit_response_codes,
        'growth_effect_of_areas_only' as growth_effect_codes,
        -- the permits that a capture rate is of: a unit that no sample drew is no omission
        case
            when stratum = 'total'
                then
                    sum(case when selection = 'take_all' and stratum <> 'total' then n_permits end)
                        over (partition by area_code, quarter, district_code)
            when selection = 'take_all' then n_permits
        end as n_permits_take_all,
        case
            when stratum = 'total'
                then
                    sum(case when selection = 'take_all' and stratum <> 'total' then n_matched end)
                        over (partition by area_code, quarter, district_code)
            when selection = 'take_all' then n_matched
        end as n_matched_take_all
    from {{ ref('int_capture_strata') }}
)

select
    coalesce(strata.area_code, 'unknown') as area_code,
    strata.quarter,
    strata.district_code,
    districts.name_vi as district_name_vi,
    districts.name_en as district_name_en,
    strata.stratum,
    strata.selection,
    strata.is_total,
    strata.n_permits,
    strata.n_appraisals,
    case when not strata.is_silent then strata.n_survey end as n_survey,
    case when not strata.is_silent then strata.n_matched end as n_matched,
    strata.n_non_response,
    strata.n_not_sampled,
    strata.n_not_reported,
    strata.n_not_begun,
    strata.n_answered,
    strata.n_links_across,
    strata.n_omitted,
    strata.n_contracts_omitted,
    message_en(known.omissions_codes, '{}') as omissions_reason_en,
    message_vi(known.omissions_codes, '{}') as omissions_reason_vi,
    strata.n_time_imputed,
    strata.capture_rate,
    message_en(strata.capture_rate_codes, '{}') as capture_rate_reason_en,
    message_vi(strata.capture_rate_codes, '{}') as capture_rate_reason_vi,
    strata.chapman_estimate,
    strata.chapman_variance,
    strata.chapman_low,
    strata.chapman_high,
    strata.chapman_odds_2,
    strata.chapman_odds_5,
    strata.two_list_estimate,
    strata.coverage,
    strata.coverage_low,
    strata.coverage_high,
    strata.coverage_odds_2,
    strata.coverage_odds_5,
    strata.two_list_coverage,
    strata.estimate_method,
    strata.estimate_reason_en,
    strata.estimate_reason_vi,
    case when strata.n_matched is not null or strata.n_units_drawn > 0 then strata.n_units_drawn end as n_units_drawn,
    case when strata.n_matched is not null or strata.n_units_drawn > 0 then strata.n_units_answered end
        as n_units_answered,
    case when strata.unit_response_codes is null then strata.unit_response_rate end as unit_response_rate,
    message_en(strata.unit_response_codes, '{}') as unit_response_reason_en,
    message_vi(strata.unit_response_codes, '{}') as unit_response_reason_vi,
    strata.item_response_rate,
    case when not strata.is_silent and strata.n_matched is not null then strata.value_recorded_mn end
        as value_recorded_mn,
    case when strata.n_matched is not null then strata.n_returns_set_aside end as n_returns_set_aside,
    case when strata.n_matched is not null then strata.value_set_aside_mn end as value_set_aside_mn,
    case when strata.n_matched is not null then strata.value_set_aside_imputed_mn end as value_set_aside_imputed_mn,
    strata.value_left_out_mn,
    strata.value_non_response_mn,
    strata.value_imputed_mn,
    strata.value_estimated_mn,
    strata.value_not_found_mn,
    strata.value_unseen_mn,
    strata.value_coverage,
    strata.value_coverage_low,
    strata.value_coverage_high,
    effects.value_added_of_output_pct,
    effects.value_added_ratio_basis,
    effects.value_added_coverage,
    effects.value_added_coverage_year_before,
    effects.level_effect_pct,
    effects.growth_effect_construction_pp,
    effects.growth_effect_construction_low_pp,
    effects.growth_effect_construction_high_pp,
    effects.growth_effect_sector_ii_pp,
    effects.growth_effect_grdp_pp,
    coalesce(effects.is_growth_manufactured, false) as is_growth_manufactured,
    coalesce(effects.growth_effect_reason_en, message_en(strata.growth_effect_codes, '{}')) as growth_effect_reason_en,
    coalesce(effects.growth_effect_reason_vi, message_vi(strata.growth_effect_codes, '{}')) as growth_effect_reason_vi,
    strata.released_on,
    strata.is_simulated or coalesce(effects.is_simulated, false) as is_simulated,
    cast(strata.n_permits_take_all as integer) as n_permits_take_all,
    cast(case when not strata.is_silent then strata.n_matched_take_all end as integer) as n_matched_take_all
from with_messages as strata
left join districts on strata.district_code = districts.admin_unit_code
left join known
    on
        strata.quarter = known.quarter
        and coalesce(strata.area_code, 'unknown') = known.area_code
left join {{ ref('int_capture_growth_effect') }} as effects
    on
        strata.area_code = effects.area_code
        and strata.quarter = effects.quarter
        and strata.district_code = 'total'
        and strata.stratum = 'total'
order by coalesce(strata.area_code, 'unknown'), strata.quarter, strata.district_code, strata.stratum
