-- Pairs of a listed site and a return of one quarter that may be the same site. Whatever agrees or disagrees within a
-- pair has a weight, kept as data, in doublings of the odds. The score is their sum less the doublings needed to single
-- out one of the sites listed in the district; at 0 the odds are even. The probability compares the pair with every
-- other site that the return may be about, and with a site on no list. A rule makes a link where a number agrees and
-- nothing outweighs it, or where the probability is high enough and rests on some number: place and floor area alone
-- never make a link. A pair without a rule is only kept as a candidate.
--
-- Numbers are copied by hand. Two tax codes one keystroke apart are taken as one; two that differ more are certainly
-- different where the check digits of both are right. Permit numbers are consecutive, so a mistyped one is usually
-- another permit's number and says little, unless the mistake is in the year (a year in which no permits were issued)
-- and the number itself is intact: then it links as a correct one does. A number of which only the year is left says
-- nothing. The tax code under which the frame knows the unit is compared as well as those that the return names.
--
-- Pairs are joined back by one key for each side: with the quarter as a key of both, an engine may first join sites and
-- returns by quarter alone, which is every pair of a country.
--
-- Each pair also says which rule would link it if the return quoted no permit, so that the errors of links without a
-- number can be measured on links that have one.
with works as (
    select
        *,
        works_id || '|' || quarter as works_key,
        {{ tax_code_is_valid('contractor_tax_key') }} as contractor_is_valid,
        {{ tax_code_is_valid('owner_tax_key') }} as owner_is_valid,
        regexp_replace(contractor_tax_key, '^0+', '') as contractor_typed,
        regexp_replace(owner_tax_key, '^0+', '') as owner_typed,
        split_part(permit_key, '-', 1) as permit_number,
        split_part(permit_key, '-', 2) as permit_year,
        split_part(plot_key, '-', 1) as plot_number,
        case when not is_value_imputed and not is_time_imputed then quarter_value_mn end as known_value_mn,
        count(*) over (partition by quarter, district_code) as n_listed
    from {{ ref('int_running_works') }}
    where not is_repeated
),

returns as (
    select
        returns.*,
        returns.return_id || '|' || returns.quarter as return_key,
        units.tax_key as unit_tax_key,
        regexp_replace(returns.contractor_tax_key, '^0+', '') as contractor_typed,
        regexp_replace(returns.owner_tax_key, '^0+', '') as owner_typed,
        split_part(returns.permit_key, '-', 1) as permit_number,
        split_part(returns.permit_key, '-', 2) as permit_year,
        split_part(returns.permit_key, '-', 2) = '' as is_permit_cut,
        split_part(returns.plot_key, '-', 1) as plot_number,
        {{ tax_code_is_valid('returns.contractor_tax_key') }} as contractor_is_valid,
        {{ tax_code_is_valid('returns.owner_tax_key') }} as owner_is_valid
    from {{ ref('int_survey_returns') }} as returns
    left join {{ ref('int_frame_units') }} as units
        on
            returns.quarter = units.quarter
            and returns.frame_unit_id = units.frame_unit_id
    where returns.is_answered and not returns.is_repeated and not returns.is_nil
),

by_permit as (
    select
        works.works_key,
        returns.return_key
    from works
    inner join returns
        on
            works.quarter = returns.quarter
            and works.permit_key = returns.permit_key
            and works.district_code = returns.district_code
),

by_contractor as (
    select
        works.works_key,
        returns.return_key
    from works
    inner join returns
        on
            works.quarter = returns.quarter
            and works.contractor_tax_key = returns.contractor_tax_key
),

by_owner as (
    select
        works.works_key,
        returns.return_key
    from works
    inner join returns
        on
            works.quarter = returns.quarter
            and works.owner_tax_key = returns.owner_tax_key
),

by_place as (
    select
        works.works_key,
        returns.return_key
    from works
    inner join returns
        on
            works.quarter = returns.quarter
            and works.place_code = returns.place_code
),

-- An answer of an office about a pair is final.
answers as (
    select
        case_id as works_id,
        counted_as as return_id,
        answer
    from {{ ref('stg_omission_answers') }}
    where answer in ('counted_as', 'wrong_link') and counted_as is not null
),

by_answer as (
    select
        works.works_key,
        returns.return_key
    from answers
    inner join works on answers.works_id = works.works_id
    inner join returns
        on
            answers.return_id = returns.return_id
            and works.quarter = returns.quarter
    where answers.answer = 'counted_as'
),

pairs as (
    select * from by_answer
    union
    select * from by_permit
    union
    select * from by_contractor
    union
    select * from by_owner
    union
    select * from by_place
),

compared as (
    select
        works.works_id,
        returns.return_id,
        works.quarter,
        works.is_running,
        works.n_listed,
        answers.answer,
        works.contractor_tax_key = returns.contractor_tax_key
        or coalesce(works.contractor_tax_key = returns.unit_tax_key, false) as contractor_agrees,
        works.owner_tax_key = returns.owner_tax_key
        or coalesce(works.owner_tax_key = returns.unit_tax_key, false) as owner_agrees,
        levenshtein(works.contractor_typed, returns.contractor_typed) as contractor_keystrokes,
        levenshtein(works.owner_typed, returns.owner_typed) as owner_keystrokes,
        works.contractor_is_valid and returns.contractor_is_valid as contractors_are_valid,
        works.owner_is_valid and returns.owner_is_valid as owners_are_valid,
        returns.contractor_tax_key is null
        and returns.owner_tax_key is null
        and returns.unit_tax_key <> coalesce(works.contractor_tax_key, works.owner_tax_key)
        and returns.unit_tax_key <> coalesce(works.owner_tax_key, works.contractor_tax_key) as unit_differs,
        works.permit_key = returns.permit_key as permit_agrees,
        works.district_code = returns.district_code as district_agrees,
        works.permit_number = returns.permit_number
        and returns.permit_year not like '20__'
        and levenshtein(works.permit_year, returns.permit_year) = 1 as is_permit_year_mistyped,
        case
            when works.permit_number = returns.permit_number then 1
            when returns.is_permit_cut then null
            else levenshtein(works.permit_key, returns.permit_key)
        end as permit_keystrokes,
        works.plot_key = returns.plot_key as plot_agrees,
        case
            when works.plot_number = returns.plot_number then 1
            else levenshtein(works.plot_key, returns.plot_key)
        end as plot_keystrokes,
        works.place_code = returns.place_code as place_agrees,
        case
            when works.floor_area_m2 > 0 and returns.floor_area_m2 > 0
                then
                    cast(greatest(works.floor_area_m2, returns.floor_area_m2) as double)
                    / cast(least(works.floor_area_m2, returns.floor_area_m2) as double)
        end as area_ratio,
        case
            when works.known_value_mn > 0 and returns.value_mn > 0
                then
                    cast(greatest(works.known_value_mn, returns.value_mn) as double)
                    / cast(least(works.known_value_mn, returns.value_mn) as double)
        end as value_ratio,
        works.owner_type is not null
        and (works.owner_type = 'household') <> (returns.stratum in ('households_urban', 'households_rural'))
            as is_other_kind
    from pairs
    inner join works on pairs.works_key = works.works_key
    inner join returns on pairs.return_key = returns.return_key
    left join answers
        on
            works.works_id = answers.works_id
            and returns.return_id = answers.return_id
    where coalesce(answers.answer, '') <> 'wrong_link'
),

evidence as (
    select
        *,
        case
            when contractor_agrees then 'contractor_tax_agrees'
            when contractor_keystrokes <= 1 then 'contractor_tax_nearly_agrees'
            when not contractor_agrees and contractors_are_valid then 'contractor_tax_differs_checked'
            when not contractor_agrees then 'contractor_tax_differs'
        end as of_contractor,
        case
            when owner_agrees then 'owner_tax_agrees'
            when owner_keystrokes <= 1 then 'owner_tax_nearly_agrees'
            when not owner_agrees and owners_are_valid then 'owner_tax_differs_checked'
            when not owner_agrees then 'owner_tax_differs'
        end as of_owner,
        case when unit_differs then 'unit_tax_differs' end as of_unit,
        case
            when permit_agrees and district_agrees then 'permit_agrees'
            when is_permit_year_mistyped and district_agrees then 'permit_year_mistyped'
            when permit_keystrokes <= 1 then 'permit_nearly_agrees'
            when permit_keystrokes > 1 then 'permit_differs'
        end as of_permit,
        case
            when plot_agrees then 'plot_agrees'
            when plot_keystrokes <= 1 then 'plot_nearly_agrees'
            when plot_keystrokes > 1 then 'plot_differs'
        end as of_plot,
        case when place_agrees then 'place_agrees' when not place_agrees then 'place_differs' end as of_place,
        case
            when area_ratio <= 1.02 then 'area_agrees'
            when area_ratio <= 1.05 then 'area_nearly_agrees'
            when area_ratio > 1.3 then 'area_differs_far'
            when area_ratio > 1.1 then 'area_differs'
        end as of_area,
        case when value_ratio <= 1.05 then 'value_agrees' when value_ratio > 2 then 'value_differs' end as of_value,
        case when is_other_kind then 'owner_kind_differs' end as of_kind,
        case when not is_running then 'not_running' end as of_time
    from compared
),

thresholds as (
    select
        {{ threshold('minimum_link_probability') }} as minimum_probability,
        {{ threshold('listed_share_odds') }} as listed_odds
    from {{ ref('capture_thresholds') }}
),

scored as (
    select
        evidence.*,
        cast(
            coalesce(contractors.link_weight, 0)
            + coalesce(owners.link_weight, 0)
            + coalesce(units.link_weight, 0)
            + coalesce(permits.link_weight, 0)
            + coalesce(plots.link_weight, 0)
            + coalesce(places.link_weight, 0)
            + coalesce(areas.link_weight, 0)
            + coalesce(worths.link_weight, 0)
            + coalesce(kinds.link_weight, 0)
            + coalesce(times.link_weight, 0)
            as double
        ) + ln(cast(thresholds.listed_odds as double) / evidence.n_listed) / ln(2.0) as link_score,
        cast(coalesce(permits.link_weight, 0) as double) as permit_score,
        cast(thresholds.minimum_probability as double) as minimum_probability
    from evidence
    cross join thresholds
    left join {{ ref('link_weights') }} as contractors on evidence.of_contractor = contractors.link_evidence
    left join {{ ref('link_weights') }} as owners on evidence.of_owner = owners.link_evidence
    left join {{ ref('link_weights') }} as units on evidence.of_unit = units.link_evidence
    left join {{ ref('link_weights') }} as permits on evidence.of_permit = permits.link_evidence
    left join {{ ref('link_weights') }} as plots on evidence.of_plot = plots.link_evidence
    left join {{ ref('link_weights') }} as places on evidence.of_place = places.link_evidence
    left join {{ ref('link_weights') }} as areas on evidence.of_area = areas.link_evidence
    left join {{ ref('link_weights') }} as worths on evidence.of_value = worths.link_evidence
    left join {{ ref('link_weights') }} as kinds on evidence.of_kind = kinds.link_evidence
    left join {{ ref('link_weights') }} as times on evidence.of_time = times.link_evidence
),

weighed as (
    select
        *,
        exp(link_score * ln(2.0)) as odds,
        sum(exp(link_score * ln(2.0))) over (partition by quarter, return_id) as odds_of_return,
        exp((link_score - permit_score) * ln(2.0)) as odds_without_permit,
        sum(exp((link_score - permit_score) * ln(2.0))) over (partition by quarter, return_id)
            as odds_of_return_without_permit
    from scored
),

ruled as (
    select
        *,
        case when answer = 'counted_as' then 1 else odds / (1 + odds_of_return) end
            as link_probability,
        case
            when answer = 'counted_as' then 0
            when (permit_agrees or is_permit_year_mistyped) and district_agrees and link_score >= 0 then 1
            when
                is_running
                and place_agrees
                and coalesce(owner_agrees, contractor_agrees)
                and coalesce(permit_keystrokes, 0) <= 1
                and link_score >= 0
                then 2
            when
                is_running
                and odds / (1 + odds_of_return) >= minimum_probability
                and (
                    coalesce(contractor_agrees, false)
                    or contractor_keystrokes <= 1
                    or coalesce(owner_agrees, false)
                    or owner_keystrokes <= 1
                    or plot_keystrokes <= 1
                    or (permit_keystrokes <= 1 and area_ratio <= 1.05)
                )
                then 3
        end as rule_order,
        case
            when
                weighed.is_running
                and weighed.place_agrees
                and coalesce(weighed.owner_agrees, weighed.contractor_agrees)
                and weighed.link_score - weighed.permit_score >= 0
                then 2
            when
                weighed.is_running
                and weighed.odds_without_permit / (1 + weighed.odds_of_return_without_permit)
                >= weighed.minimum_probability
                and (
                    coalesce(weighed.contractor_agrees, false)
                    or weighed.contractor_keystrokes <= 1
                    or coalesce(weighed.owner_agrees, false)
                    or weighed.owner_keystrokes <= 1
                    or weighed.plot_keystrokes <= 1
                )
                then 3
        end as rule_order_without_permit
    from weighed
)

select
    works_id,
    return_id,
    quarter,
    is_running,
    cast(rule_order as integer) as rule_order,
    case rule_order
        when 0 then 'answer'
        when 1 then 'permit_number'
        when 2 then 'tax_code_place_time'
        when 3 then 'score'
    end as link_rule,
    cast(round(link_score, 4) as decimal(12, 4)) as link_score,
    cast(round(link_probability, 4) as decimal(12, 4)) as link_probability,
    cast(rule_order_without_permit as integer) as rule_order_without_permit,
    cast(round(link_score - permit_score, 4) as decimal(12, 4)) as score_without_permit
from ruled
where rule_order is not null or rule_order_without_permit is not null or link_score >= -10
