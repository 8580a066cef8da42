-- Links each site with the return that suits it best: a pair is made where each is the other's best match, in three
-- rounds. A return left over that quotes the permit of a site already linked is kept as a link that does not count, so
-- that a site reported by two returns is counted once.
with candidates as (
    select
        *,
        case when rule_order = 0 then 0 else 1 end as settled
    from {{ ref('int_link_candidates') }}
    where rule_order is not null
),

first_ranks as (
    select
        *,
        row_number() over (
            partition by quarter, works_id order by settled asc, is_running desc, link_score desc, return_id asc
        ) as works_rank,
        row_number() over (
            partition by quarter, return_id order by settled asc, is_running desc, link_score desc, works_id asc
        ) as return_rank
    from candidates
),

first_links as (
    select * from first_ranks
    where works_rank = 1 and return_rank = 1
),

after_first as (
    select candidates.*
    from candidates
    left join first_links as taken_works
        on
            candidates.quarter = taken_works.quarter
            and candidates.works_id = taken_works.works_id
    left join first_links as taken_returns
        on
            candidates.quarter = taken_returns.quarter
            and candidates.return_id = taken_returns.return_id
    where taken_works.works_id is null and taken_returns.works_id is null
),

second_ranks as (
    select
        *,
        row_number() over (
            partition by quarter, works_id order by settled asc, is_running desc, link_score desc, return_id asc
        ) as works_rank,
        row_number() over (
            partition by quarter, return_id order by settled asc, is_running desc, link_score desc, works_id asc
        ) as return_rank
    from after_first
),

second_links as (
    select * from second_ranks
    where works_rank = 1 and return_rank = 1
),

after_second as (
    select after_first.*
    from after_first
    left join second_links as taken_works
        on
            after_first.quarter = taken_works.quarter
            and after_first.works_id = taken_works.works_id
    left join second_links as taken_returns
        on
            after_first.quarter = taken_returns.quarter
            and after_first.return_id = taken_returns.return_id
    where taken_works.works_id is null and taken_returns.works_id is null
),

third_ranks as (
    select
        *,
        row_number() over (
            partition by quarter, works_id order by settled asc, is_running desc, link_score desc, return_id asc
        ) as works_rank,
        row_number() over (
            partition by quarter, return_id order by settled asc, is_running desc, link_score desc, works_id asc
        ) as return_rank
    from after_second
),

counted as (
    select
        works_id,
        return_id,
        quarter,
        is_running,
        rule_order,
        link_rule,
        link_score,
        link_probability
    from first_links
    union all
    select
        works_id,
        return_id,
        quarter,
        is_running,
        rule_order,
        link_rule,
        link_score,
        link_probability
    from second_links
    union all
    select
        works_id,
        return_id,
        quarter,
        is_running,
        rule_order,
        link_rule,
        link_score,
        link_probability
    from third_ranks
    where works_rank = 1 and return_rank = 1
),

-- Returns that quote the permit of a site for which another return already stands.
left_over as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.quarter, candidates.return_id
            order by candidates.link_score desc, candidates.works_id asc
        ) as row_number
    from candidates
    left join counted
        on
            candidates.quarter = counted.quarter
            and candidates.return_id = counted.return_id
    where candidates.rule_order = 1 and counted.return_id is null
)

select
    works_id,
    return_id,
    quarter,
    link_rule,
    link_score,
    link_probability,
    is_running,
    true as is_counted
from counted
union all
select
    works_id,
    return_id,
    quarter,
    link_rule,
    link_score,
    link_probability,
    is_running,
    false as is_counted
from left_over
where row_number = 1
