-- Counts and values of each district, quarter and stratum: the listed sites, the sites that the survey reports, those
-- that are both, and what the survey asked for and got.
with listed as (
    select
        area_code,
        district_code,
        quarter,
        stratum,
        max(selection) as selection,
        count(case when list_kind <> 'contract' then 1 end) as n_permits,
        count(case when list_kind = 'appraisal' then 1 end) as n_appraisals,
        count(case when list_kind = 'contract' then 1 end) as n_contracts,
        count(case when list_kind <> 'contract' and capture_status = 'matched' then 1 end) as n_matched,
        count(case when list_kind <> 'contract' and capture_status = 'non_response' then 1 end) as n_non_response,
        count(case when list_kind <> 'contract' and capture_status = 'not_sampled' then 1 end) as n_not_sampled,
        count(case when list_kind <> 'contract' and capture_status = 'not_reported' then 1 end) as n_not_reported,
        count(case when list_kind <> 'contract' and capture_status = 'not_begun' then 1 end) as n_not_begun,
        count(
            case
                when
                    list_kind <> 'contract'
                    and capture_status <> 'matched'
                    and (capture_status = 'not_begun' or answer <> 'not_begun')
                    then 1
            end
        ) as n_answered,
        count(case when list_kind <> 'contract' and capture_status = 'omitted' then 1 end) as n_omitted,
        count(case when list_kind = 'contract' and capture_status = 'omitted' then 1 end) as n_contracts_omitted,
        count(case when list_kind <> 'contract' and is_time_imputed then 1 end) as n_time_imputed,
        sum(case when capture_status = 'omitted' then quarter_value_mn end) as value_left_out_mn,
        sum(case when capture_status = 'non_response' then quarter_value_mn end) as value_non_response_mn,
        sum(case when capture_status = 'omitted' and is_value_imputed then quarter_value_mn end) as value_imputed_mn
    from {{ ref('int_listed_status') }}
    where district_code is not null
    group by area_code, district_code, quarter, stratum
),

-- A return whose value a rule rejects is a site like any other; its value is shown separately.
surveyed as (
    select
        works.area_code,
        works.district_code,
        works.quarter,
        works.stratum,
        max(works.selection) as selection,
        count(*) as n_survey,
        count(aside.return_id) as n_returns_set_aside,
        count(case when works.is_linked_across then 1 end) as n_links_across,
        sum(works.survey_weight) as weighted_survey,
        sum(case when works.is_matched then works.survey_weight else 0 end) as weighted_matched,
        sum(aside.survey_weight) as weighted_set_aside,
        sum(case when aside.return_id is null then works.survey_weight * returns.value_mn end) as value_recorded_mn,
        sum(aside.survey_weight * aside.value_mn) as value_set_aside_mn,
        sum(works.survey_weight * imputed.imputed_value_mn) as value_set_aside_imputed_mn,
        sum(
            cast(works.survey_weight as double) * works.survey_weight
            * imputed.imputation_error_mn * imputed.imputation_error_mn
        ) as set_aside_variance_mn2
    from {{ ref('int_survey_works') }} as works
    inner join {{ ref('stg_construction_survey') }} as returns
        on
            works.quarter = returns.quarter
            and works.return_id = returns.return_id
    left join {{ ref('int_returns_set_aside') }} as aside
        on
            works.quarter = aside.quarter
            and works.return_id = aside.return_id
    left join {{ ref('int_imputed_returns') }} as imputed
        on
            works.quarter = imputed.quarter
            and works.return_id = imputed.return_id
    where works.is_counted
    group by works.area_code, works.district_code, works.quarter, works.stratum
),

surveyed_domains as (
    select
        area_code,
        district_code,
        quarter,
        stratum,
        max(selection) as selection,
        max(case when is_answered then 1 else 0 end) as answered,
        count(case when is_answered and not is_nil then value_mn end)
        + count(case when is_answered and not is_nil then commune_code end)
        + count(case when is_answered and not is_nil then funding_source end) as n_items_answered,
        3 * count(case when is_answered and not is_nil then 1 end) as n_items,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_survey_returns') }}
    where not is_out_of_scope
    group by area_code, district_code, quarter, stratum
),

-- A unit answers once, in the one domain to which the survey assigns it, wherever its sites are.
units as (
    select
        area_code,
        district_code,
        quarter,
        stratum,
        max(selection) as selection,
        count(*) as n_units_drawn,
        count(case when is_answered then 1 end) as n_units_answered
    from {{ ref('int_survey_units') }}
    group by area_code, district_code, quarter, stratum
),

-- Units of take-all strata that were never asked, although they have sites under construction here.
never_asked as (
    select
        area_code,
        district_code,
        quarter,
        stratum,
        count(*) as n_units_never_asked
    from (
        select
            area_code,
            district_code,
            quarter,
            stratum,
            frame_unit_id
        from {{ ref('int_listed_status') }}
        where omission_reason = 'no_return' and district_code is not null
        group by area_code, district_code, quarter, stratum, frame_unit_id
    ) as unasked
    group by area_code, district_code, quarter, stratum
),

-- What the survey left out is known where its frame and its answers are; what it found, where its answers are.
known as (
    select
        quarter,
        area_code,
        has_returns,
        has_frame and has_returns as is_judged
    from {{ ref('int_survey_quarters') }}
),

keys as (
    select area_code, district_code, quarter, stratum from listed
    union
    select area_code, district_code, quarter, stratum from surveyed
    union
    select area_code, district_code, quarter, stratum from surveyed_domains
    union
    select area_code, district_code, quarter, stratum from units
    union
    -- Where the frame has active units, a quarter without returns counts as silent, not as missing.
    select
        area_code,
        district_code,
        quarter,
        stratum
    from {{ ref('int_frame_units') }}
    where status = 'active' and selection = 'take_all'
    group by area_code, district_code, quarter, stratum
)

select
    keys.area_code,
    keys.district_code,
    keys.quarter,
    keys.stratum,
    coalesce(
        units.selection, surveyed_domains.selection, surveyed.selection, listed.selection, strata.selection, 'take_all'
    ) as selection,
    coalesce(strata.is_permit_liable, true) as is_permit_liable,
    cast(coalesce(listed.n_permits, 0) as integer) as n_permits,
    cast(coalesce(listed.n_appraisals, 0) as integer) as n_appraisals,
    cast(coalesce(listed.n_contracts, 0) as integer) as n_contracts,
    cast(case when known.has_returns then coalesce(surveyed.n_survey, 0) end as integer) as n_survey,
    cast(case when known.has_returns then coalesce(listed.n_matched, 0) end as integer) as n_matched,
    cast(case when known.has_returns then coalesce(listed.n_non_response, 0) end as integer) as n_non_response,
    cast(case when known.has_returns then coalesce(listed.n_not_sampled, 0) end as integer) as n_not_sampled,
    cast(case when known.has_returns then coalesce(listed.n_not_reported, 0) end as integer) as n_not_reported,
    cast(coalesce(listed.n_not_begun, 0) as integer) as n_not_begun,
    cast(coalesce(listed.n_answered, 0) as integer) as n_answered,
    cast(case when known.is_judged then coalesce(listed.n_omitted, 0) end as integer) as n_omitted,
    cast(case when known.is_judged then coalesce(listed.n_contracts_omitted, 0) end as integer)
        as n_contracts_omitted,
    cast(coalesce(surveyed.n_links_across, 0) as integer) as n_links_across,
    cast(coalesce(listed.n_time_imputed, 0) as integer) as n_time_imputed,
    cast(coalesce(surveyed.n_returns_set_aside, 0) as integer) as n_returns_set_aside,
    cast(coalesce(surveyed.weighted_survey, 0) as decimal(18, 6)) as weighted_survey,
    cast(coalesce(surveyed.weighted_matched, 0) as decimal(18, 6)) as weighted_matched,
    cast(coalesce(surveyed.weighted_set_aside, 0) as decimal(18, 6)) as weighted_set_aside,
    cast(coalesce(surveyed.value_recorded_mn, 0) as decimal(20, 3)) as value_recorded_mn,
    cast(coalesce(surveyed.value_set_aside_mn, 0) as decimal(20, 3)) as value_set_aside_mn,
    cast(coalesce(surveyed.value_set_aside_imputed_mn, 0) as decimal(20, 3)) as value_set_aside_imputed_mn,
    cast(round(coalesce(surveyed.set_aside_variance_mn2, 0), 4) as decimal(38, 4)) as set_aside_variance_mn2,
    cast(case when known.is_judged then coalesce(listed.value_left_out_mn, 0) end as decimal(20, 3))
        as value_left_out_mn,
    cast(case when known.has_returns then coalesce(listed.value_non_response_mn, 0) end as decimal(20, 3))
        as value_non_response_mn,
    cast(case when known.is_judged then coalesce(listed.value_imputed_mn, 0) end as decimal(20, 3)) as value_imputed_mn,
    cast(coalesce(units.n_units_drawn, 0) as integer) as n_units_drawn,
    cast(coalesce(never_asked.n_units_never_asked, 0) as integer) as n_units_never_asked,
    cast(coalesce(units.n_units_answered, 0) as integer) as n_units_answered,
    coalesce(surveyed_domains.answered, 0) = 1 as has_answers,
    cast(coalesce(surveyed_domains.n_items, 0) as integer) as n_items,
    cast(coalesce(surveyed_domains.n_items_answered, 0) as integer) as n_items_answered,
    surveyed_domains.released_on,
    coalesce(surveyed_domains.is_simulated, false) as is_simulated
from keys
left join listed
    on
        keys.district_code = listed.district_code
        and keys.quarter = listed.quarter
        and keys.stratum = listed.stratum
left join surveyed
    on
        keys.district_code = surveyed.district_code
        and keys.quarter = surveyed.quarter
        and keys.stratum = surveyed.stratum
left join surveyed_domains
    on
        keys.district_code = surveyed_domains.district_code
        and keys.quarter = surveyed_domains.quarter
        and keys.stratum = surveyed_domains.stratum
left join units
    on
        keys.district_code = units.district_code
        and keys.quarter = units.quarter
        and keys.stratum = units.stratum
left join never_asked
    on
        keys.district_code = never_asked.district_code
        and keys.quarter = never_asked.quarter
        and keys.stratum = never_asked.stratum
left join known
    on
        keys.quarter = known.quarter
        and coalesce(keys.area_code, 'unknown') = known.area_code
left join {{ ref('construction_strata') }} as strata on keys.stratum = strata.stratum
