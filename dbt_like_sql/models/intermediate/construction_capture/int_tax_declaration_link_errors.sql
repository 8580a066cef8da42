-- How often links of tax declarations without a permit number fail: declarations that the number links to a site of the
-- lists or the survey are linked again as if they quoted none, by firm, place and value, among their own site and those
-- that no declaration links. Recall is the share that finds its site again; the share of wrong links is that of the
-- declarations which link to another site when their own is taken away.
with threshold as (
    select {{ threshold('minimum_links_tried') }} as minimum_tried
    from {{ ref('capture_thresholds') }}
),

seen as (
    select * from {{ ref('int_capture_works') }}
    where seen_by <> 'declarations'
),

pairs as (
    select
        links.quarter,
        links.contract_id,
        contracts.taxpayer_tax_key,
        contracts.place_code,
        contracts.contract_turnover_mn,
        coalesce(by_return.area_code, by_works.area_code) as area_code,
        coalesce(by_return.stratum, by_works.stratum) as stratum,
        coalesce(by_return.seen_id, by_works.seen_id) as seen_id
    from {{ ref('int_tax_survey_links') }} as links
    inner join {{ ref('int_building_contracts') }} as contracts
        on
            links.quarter = contracts.quarter
            and links.contract_id = contracts.contract_id
    left join seen as by_return
        on
            links.quarter = by_return.quarter
            and links.return_id = by_return.return_id
    left join seen as by_works
        on
            links.quarter = by_works.quarter
            and links.works_id = by_works.works_id
    where
        links.is_link_keyed
        and contracts.district_code is not null
        and coalesce(by_return.selection, by_works.selection) = 'take_all'
),

listed as (
    select
        pairs.quarter,
        pairs.contract_id,
        seen.seen_id,
        case when pairs.place_code = works.place_code then 1 else 2 end as rule_order,
        works.quarter_value_mn as site_value_mn
    from pairs
    inner join {{ ref('int_running_works') }} as works
        on
            pairs.quarter = works.quarter
            and pairs.taxpayer_tax_key = works.contractor_tax_key
    inner join seen
        on
            works.quarter = seen.quarter
            and works.works_id = seen.works_id
    where
        works.is_running
        and not works.is_repeated
        and (pairs.place_code is null or pairs.place_code = works.place_code)
        and (pairs.seen_id = seen.seen_id or not seen.is_declared)
),

-- Without the place a return is told by its value alone.
surveyed as (
    select
        pairs.quarter,
        pairs.contract_id,
        seen.seen_id,
        case when pairs.place_code = returns.place_code then 1 else 2 end as rule_order,
        returns.value_mn as site_value_mn
    from pairs
    inner join {{ ref('int_survey_returns') }} as returns
        on
            pairs.quarter = returns.quarter
            and pairs.taxpayer_tax_key = returns.contractor_tax_key
    inner join seen
        on
            returns.quarter = seen.quarter
            and returns.return_id = seen.return_id
    where
        returns.is_answered
        and not returns.is_nil
        and not returns.is_repeated
        and (pairs.seen_id = seen.seen_id or not seen.is_declared)
        and (
            pairs.place_code = returns.place_code
            or (
                (pairs.place_code is null or returns.place_code is null)
                and greatest(pairs.contract_turnover_mn, returns.value_mn)
                <= 1.1 * least(pairs.contract_turnover_mn, returns.value_mn)
            )
        )
),

candidates as (
    select * from listed
    union all
    select * from surveyed
),

ranked as (
    select
        pairs.quarter,
        pairs.contract_id,
        pairs.seen_id = candidates.seen_id as is_own,
        row_number() over (
            partition by pairs.quarter, pairs.contract_id
            order by
                candidates.rule_order asc,
                abs(
                    cast(pairs.contract_turnover_mn as double) - coalesce(cast(candidates.site_value_mn as double), 0)
                ) asc,
                candidates.seen_id asc
        ) as row_number
    from pairs
    inner join candidates
        on
            pairs.quarter = candidates.quarter
            and pairs.contract_id = candidates.contract_id
),

tried as (
    select
        pairs.area_code,
        pairs.stratum,
        pairs.quarter,
        pairs.contract_id,
        max(case when ranked.row_number = 1 and ranked.is_own then 1 else 0 end) as is_found_again,
        max(case when not ranked.is_own then 1 else 0 end) as is_linked_elsewhere
    from pairs
    left join ranked
        on
            pairs.quarter = ranked.quarter
            and pairs.contract_id = ranked.contract_id
    group by pairs.area_code, pairs.stratum, pairs.quarter, pairs.contract_id
),

{{ shares_of_links_tried() }}
