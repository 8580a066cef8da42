-- What each declared contract links to: a return of its contractor, and the listed site. By permit number first; then
-- contracts and returns of one contractor are paired, each once, by the quarters in which turnover and value are close.
-- A pair is made where each is the other's best match, so that a return whose value is wrong in one quarter stays with
-- its contract. A pair that is close in fewer than half of its quarters is dropped, unless the declaration names the
-- commune.
with contracts as (
    select * from {{ ref('int_building_contracts') }}
    where contract_turnover_mn > 0
),

returns as (
    select
        return_id,
        quarter,
        contractor_tax_key,
        district_code,
        place_code,
        permit_key,
        value_mn
    from {{ ref('int_survey_returns') }}
    where is_answered and not is_nil and not is_repeated
),

by_permit as (
    select
        contracts.contract_id,
        contracts.quarter,
        returns.return_id,
        row_number() over (
            partition by contracts.quarter, contracts.contract_id order by returns.return_id
        ) as contract_rank,
        row_number() over (
            partition by returns.quarter, returns.return_id order by contracts.contract_id
        ) as return_rank
    from contracts
    inner join returns
        on
            contracts.quarter = returns.quarter
            and contracts.permit_key = returns.permit_key
    where
        contracts.taxpayer_tax_key = returns.contractor_tax_key
        or contracts.district_code = returns.district_code
),

permit_links as (
    select
        contract_id,
        quarter,
        return_id,
        1 as rule_order
    from by_permit
    where contract_rank = 1 and return_rank = 1
),

candidates as (
    select
        contracts.contract_id,
        contracts.quarter,
        returns.return_id,
        case when contracts.place_code = returns.place_code then 2 else 3 end as rule_order,
        case
            when returns.value_mn > 0
                then
                    cast(greatest(contracts.contract_turnover_mn, returns.value_mn) as double)
                    / cast(least(contracts.contract_turnover_mn, returns.value_mn) as double)
            else 1000000
        end as value_ratio
    from contracts
    inner join returns
        on
            contracts.quarter = returns.quarter
            and contracts.taxpayer_tax_key = returns.contractor_tax_key
    left join permit_links as taken_contracts
        on
            contracts.quarter = taken_contracts.quarter
            and contracts.contract_id = taken_contracts.contract_id
    left join permit_links as taken_returns
        on
            returns.quarter = taken_returns.quarter
            and returns.return_id = taken_returns.return_id
    where
        taken_contracts.contract_id is null
        and taken_returns.return_id is null
        and (contracts.permit_key is null or returns.permit_key is null)
        and (contracts.place_code is null or returns.place_code is null or contracts.place_code = returns.place_code)
),

-- A contract and a return keep their numbers from quarter to quarter: the more quarters they agree in, the more certain
-- the pair.
pairs as (
    select
        contract_id,
        return_id,
        min(rule_order) as rule_order,
        count(case when value_ratio <= 1.1 then 1 end) as quarters_near,
        count(case when value_ratio > 1.1 then 1 end) as quarters_apart,
        min(value_ratio) as least_ratio
    from candidates
    group by contract_id, return_id
),

first_ranks as (
    select
        *,
        row_number() over (
            partition by contract_id
            order by quarters_near desc, quarters_apart asc, least_ratio asc, return_id asc
        ) as contract_rank,
        row_number() over (
            partition by return_id
            order by quarters_near desc, quarters_apart asc, least_ratio asc, contract_id asc
        ) as return_rank
    from pairs
),

first_links as (
    select * from first_ranks
    where contract_rank = 1 and return_rank = 1
),

after_first as (
    select pairs.*
    from pairs
    left join first_links as taken_contracts on pairs.contract_id = taken_contracts.contract_id
    left join first_links as taken_returns on pairs.return_id = taken_returns.return_id
    where taken_contracts.contract_id is null and taken_returns.return_id is null
),

second_ranks as (
    select
        *,
        row_number() over (
            partition by contract_id
            order by quarters_near desc, quarters_apart asc, least_ratio asc, return_id asc
        ) as contract_rank,
        row_number() over (
            partition by return_id
            order by quarters_near desc, quarters_apart asc, least_ratio asc, contract_id asc
        ) as return_rank
    from after_first
),

pair_links as (
    select
        contract_id,
        return_id,
        rule_order,
        quarters_near,
        quarters_apart
    from first_links
    union all
    select
        contract_id,
        return_id,
        rule_order,
        quarters_near,
        quarters_apart
    from second_ranks
    where contract_rank = 1 and return_rank = 1
),

return_links as (
    select
        contract_id,
        quarter,
        return_id,
        rule_order
    from permit_links
    union all
    select
        candidates.contract_id,
        candidates.quarter,
        candidates.return_id,
        pair_links.rule_order
    from candidates
    inner join pair_links
        on
            candidates.contract_id = pair_links.contract_id
            and candidates.return_id = pair_links.return_id
    where
        (pair_links.quarters_near > 0 and pair_links.quarters_near >= pair_links.quarters_apart)
        or pair_links.rule_order = 2
),

-- The listed site is that of the return, the one whose permit the contract quotes, or the contractor's site whose value
-- of the quarter is closest and that no other contract takes.
listed_pairs as (
    select
        contracts.contract_id,
        contracts.quarter,
        works.works_id,
        case
            when contracts.permit_key = works.permit_key then 1
            when contracts.place_code = works.place_code then 2
            else 3
        end as rule_order,
        abs(cast(contracts.contract_turnover_mn as double) - coalesce(cast(works.quarter_value_mn as double), 0))
            as value_distance
    from contracts
    inner join {{ ref('int_running_works') }} as works
        on
            contracts.quarter = works.quarter
            and contracts.taxpayer_tax_key = works.contractor_tax_key
    where
        not works.is_repeated
        and (
            contracts.permit_key = works.permit_key
            or (
                works.is_running
                and (contracts.permit_key is null or works.permit_key is null)
                and (contracts.place_code is null or contracts.place_code = works.place_code)
            )
        )
    union all
    select
        contracts.contract_id,
        contracts.quarter,
        works.works_id,
        1 as rule_order,
        0 as value_distance
    from contracts
    inner join {{ ref('int_running_works') }} as works
        on
            contracts.quarter = works.quarter
            and contracts.permit_key = works.permit_key
            and contracts.district_code = works.district_code
    where not works.is_repeated
),

listed_ranks as (
    select
        *,
        row_number() over (
            partition by quarter, contract_id order by rule_order asc, value_distance asc, works_id asc
        ) as contract_rank,
        row_number() over (
            partition by quarter, works_id order by rule_order asc, value_distance asc, contract_id asc
        ) as works_rank
    from listed_pairs
),

listed_links as (
    select * from listed_ranks
    where contract_rank = 1 and works_rank = 1
),

after_listed as (
    select listed_pairs.*
    from listed_pairs
    left join listed_links as taken_contracts
        on
            listed_pairs.quarter = taken_contracts.quarter
            and listed_pairs.contract_id = taken_contracts.contract_id
    left join listed_links as taken_works
        on
            listed_pairs.quarter = taken_works.quarter
            and listed_pairs.works_id = taken_works.works_id
    where taken_contracts.contract_id is null and taken_works.works_id is null
),

more_ranks as (
    select
        *,
        row_number() over (
            partition by quarter, contract_id order by rule_order asc, value_distance asc, works_id asc
        ) as contract_rank,
        row_number() over (
            partition by quarter, works_id order by rule_order asc, value_distance asc, contract_id asc
        ) as works_rank
    from after_listed
),

works_links as (
    select
        contract_id,
        quarter,
        works_id,
        rule_order
    from listed_links
    union all
    select
        contract_id,
        quarter,
        works_id,
        rule_order
    from more_ranks
    where contract_rank = 1 and works_rank = 1
),

linked as (
    select
        contracts.contract_id,
        contracts.quarter,
        contracts.contract_turnover_mn,
        coalesce(
            case when works_links.rule_order = 1 then works_links.works_id end,
            permit_survey_links.works_id,
            works_links.works_id
        ) as works_id,
        return_links.return_id,
        returns.value_mn,
        coalesce(return_links.rule_order, works_links.rule_order) as rule_order,
        coalesce(return_links.rule_order, 0) = 1 or coalesce(works_links.rule_order, 0) = 1 as is_link_keyed
    from contracts
    left join works_links
        on
            contracts.quarter = works_links.quarter
            and contracts.contract_id = works_links.contract_id
    left join return_links
        on
            contracts.quarter = return_links.quarter
            and contracts.contract_id = return_links.contract_id
    left join returns
        on
            return_links.quarter = returns.quarter
            and return_links.return_id = returns.return_id
    left join {{ ref('int_permit_survey_links') }} as permit_survey_links
        on
            return_links.quarter = permit_survey_links.quarter
            and return_links.return_id = permit_survey_links.return_id
            and permit_survey_links.is_counted
    where works_links.works_id is not null or return_links.return_id is not null
)

select
    contract_id,
    quarter,
    works_id,
    return_id,
    case rule_order
        when 1 then 'permit_number'
        when 2 then 'tax_code_place_time'
        else 'tax_code_time'
    end as link_rule,
    is_link_keyed,
    contract_turnover_mn,
    value_mn,
    case
        when value_mn > 0
            then
                cast(
                    round(
                        cast(greatest(value_mn, contract_turnover_mn) as double)
                        / cast(least(value_mn, contract_turnover_mn) as double),
                        4
                    ) as decimal(20, 4)
                )
    end as survey_to_tax_ratio
from linked
