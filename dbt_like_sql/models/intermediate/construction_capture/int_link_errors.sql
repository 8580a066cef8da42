-- How often links without a permit number fail: pairs that the number links are linked again as if the return quoted
-- none, among their own sites and those that nothing links. Recall is the share that finds its site again; the share of
-- wrong links is that of the returns which link to another site when their own is taken away.
with threshold as (
    select {{ threshold('minimum_links_tried') }} as minimum_tried
    from {{ ref('capture_thresholds') }}
),

pairs as (
    select
        links.quarter,
        links.works_id,
        links.return_id,
        works.area_code,
        works.stratum
    from {{ ref('int_permit_survey_links') }} as links
    inner join {{ ref('int_survey_works') }} as works
        on
            links.quarter = works.quarter
            and links.return_id = works.return_id
    where links.is_counted and links.link_rule = 'permit_number' and works.is_matched and works.is_counted
),

taken as (
    select
        quarter,
        works_id
    from {{ ref('int_permit_survey_links') }}
    where is_counted
    group by quarter, works_id
),

ranked as (
    select
        pairs.quarter,
        pairs.return_id,
        pairs.works_id = candidates.works_id as is_own,
        row_number() over (
            partition by pairs.quarter, pairs.return_id
            order by
                candidates.score_without_permit desc,
                candidates.works_id asc
        ) as row_number
    from pairs
    inner join {{ ref('int_link_candidates') }} as candidates
        on
            pairs.quarter = candidates.quarter
            and pairs.return_id = candidates.return_id
    left join taken
        on
            candidates.quarter = taken.quarter
            and candidates.works_id = taken.works_id
    where
        candidates.rule_order_without_permit is not null
        and (pairs.works_id = candidates.works_id or taken.works_id is null)
),

tried as (
    select
        pairs.area_code,
        pairs.stratum,
        pairs.quarter,
        pairs.return_id,
        max(case when ranked.row_number = 1 and ranked.is_own then 1 else 0 end) as is_found_again,
        max(case when not ranked.is_own then 1 else 0 end) as is_linked_elsewhere
    from pairs
    left join ranked
        on
            pairs.quarter = ranked.quarter
            and pairs.return_id = ranked.return_id
    group by pairs.area_code, pairs.stratum, pairs.quarter, pairs.return_id
),

{{ shares_of_links_tried() }}
