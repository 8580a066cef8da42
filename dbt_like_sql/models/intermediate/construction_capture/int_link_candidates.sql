-- Pairs of a listed works and a return of one quarter that may be the same works, with the rule that joins them and a
-- score: the sum of weights, kept as data, of what agrees and what speaks against it. Pairs are joined back by one key
-- for each side: with the quarter as a key of both, an engine may join works and returns by quarter alone first, which
-- is every pair of a country.
with works as (
    select
        *,
        works_id || '|' || quarter as works_key
    from {{ ref('int_running_works') }}
    where not is_repeated
),

returns as (
    select
        *,
        return_id || '|' || quarter as return_key
    from {{ ref('int_survey_returns') }}
    where is_answered and not is_repeated and not is_nil
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

pairs as (
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
        works.contractor_tax_key = returns.contractor_tax_key as contractor_agrees,
        works.owner_tax_key = returns.owner_tax_key as owner_agrees,
        levenshtein(works.contractor_tax_key, returns.contractor_tax_key) as contractor_keystrokes,
        levenshtein(works.owner_tax_key, returns.owner_tax_key) as owner_keystrokes,
        works.permit_key = returns.permit_key as permit_agrees,
        works.district_code = returns.district_code as district_agrees,
        levenshtein(works.permit_key, returns.permit_key) as permit_keystrokes,
        works.place_code = returns.place_code as place_agrees,
        case
            when works.floor_area_m2 > 0 and returns.floor_area_m2 > 0
                then
                    cast(greatest(works.floor_area_m2, returns.floor_area_m2) as double)
                    / cast(least(works.floor_area_m2, returns.floor_area_m2) as double)
        end as area_ratio,
        works.owner_type is not null
        and (works.owner_type = 'household') <> (returns.stratum in ('households_urban', 'households_rural'))
            as is_other_kind
    from pairs
    inner join works on pairs.works_key = works.works_key
    inner join returns on pairs.return_key = returns.return_key
),

weights as (
    select
        max(case when link_evidence = 'contractor_tax_agrees' then link_weight end) as contractor_tax_agrees,
        max(case when link_evidence = 'contractor_tax_nearly_agrees' then link_weight end)
            as contractor_tax_nearly_agrees,
        max(case when link_evidence = 'contractor_tax_differs' then link_weight end) as contractor_tax_differs,
        max(case when link_evidence = 'owner_tax_agrees' then link_weight end) as owner_tax_agrees,
        max(case when link_evidence = 'owner_tax_nearly_agrees' then link_weight end) as owner_tax_nearly_agrees,
        max(case when link_evidence = 'owner_tax_differs' then link_weight end) as owner_tax_differs,
        max(case when link_evidence = 'permit_agrees' then link_weight end) as permit_agrees,
        max(case when link_evidence = 'permit_nearly_agrees' then link_weight end) as permit_nearly_agrees,
        max(case when link_evidence = 'permit_differs' then link_weight end) as permit_differs,
        max(case when link_evidence = 'place_agrees' then link_weight end) as place_agrees,
        max(case when link_evidence = 'place_differs' then link_weight end) as place_differs,
        max(case when link_evidence = 'area_agrees' then link_weight end) as area_agrees,
        max(case when link_evidence = 'area_nearly_agrees' then link_weight end) as area_nearly_agrees,
        max(case when link_evidence = 'area_differs' then link_weight end) as area_differs,
        max(case when link_evidence = 'owner_kind_differs' then link_weight end) as owner_kind_differs
    from {{ ref('link_weights') }}
),

thresholds as (
    select
        max(case when threshold_name = 'minimum_link_score' then threshold_value end) as minimum_score,
        max(case when threshold_name = 'link_area_contradicts_ratio' then threshold_value end) as contradicting_ratio
    from {{ ref('capture_thresholds') }}
),

scored as (
    select
        compared.*,
        case
            when compared.contractor_agrees then weights.contractor_tax_agrees
            when compared.contractor_keystrokes = 1 then weights.contractor_tax_nearly_agrees
            when not compared.contractor_agrees then weights.contractor_tax_differs
            else 0
        end
        + case
            when compared.owner_agrees then weights.owner_tax_agrees
            when compared.owner_keystrokes = 1 then weights.owner_tax_nearly_agrees
            when not compared.owner_agrees then weights.owner_tax_differs
            else 0
        end
        + case
            when compared.permit_agrees then weights.permit_agrees
            when compared.permit_keystrokes = 1 then weights.permit_nearly_agrees
            when compared.permit_keystrokes > 1 then weights.permit_differs
            else 0
        end
        + case
            when compared.place_agrees then weights.place_agrees
            when not compared.place_agrees then weights.place_differs
            else 0
        end
        + case
            when compared.area_ratio <= 1.02 then weights.area_agrees
            when compared.area_ratio <= 1.1 then weights.area_nearly_agrees
            when compared.area_ratio > 1.3 then weights.area_differs
            else 0
        end
        + case when compared.is_other_kind then weights.owner_kind_differs else 0 end as link_score
    from compared
    cross join weights
),

ruled as (
    select
        scored.*,
        case
            when scored.permit_agrees and scored.district_agrees then 1
            when
                scored.is_running
                and scored.place_agrees
                and coalesce(scored.owner_agrees, scored.contractor_agrees)
                and coalesce(scored.permit_keystrokes, 0) <= 1
                and coalesce(scored.area_ratio, 1) <= thresholds.contradicting_ratio
                then 2
            when scored.is_running and scored.link_score >= thresholds.minimum_score then 3
        end as rule_order
    from scored
    cross join thresholds
)

select
    works_id,
    return_id,
    quarter,
    is_running,
    cast(rule_order as integer) as rule_order,
    case rule_order
        when 1 then 'permit_number'
        when 2 then 'tax_code_place_time'
        when 3 then 'score'
    end as link_rule,
    cast(link_score as decimal(12, 4)) as link_score
from ruled
where rule_order is not null
