-- The counts of what is estimated together: one domain, or small domains none of which has enough links.
with declared as (
    select
        domain_groups.group_id,
        count(case when works.is_link_keyed then 1 end) as n_links_keyed,
        count(case when works.is_open then 1 end) as n_open,
        count(case when works.is_declared then 1 end) as n_declared,
        count(case when works.is_declared and works.seen_by <> 'declarations' then 1 end) as n_declared_seen,
        count(case when works.is_declared_keyed and works.seen_by <> 'declarations' then 1 end) as n_declared_keyed
    from {{ ref('int_capture_works') }} as works
    inner join {{ ref('int_capture_domain_groups') }} as domain_groups
        on
            works.quarter = domain_groups.quarter
            and works.district_code = domain_groups.district_code
            and works.stratum = domain_groups.stratum
    group by domain_groups.group_id
),

counted as (
    select
        domain_groups.group_id,
        domain_groups.group_kind,
        max(domains.area_code) as area_code,
        case when min(domains.stratum) = max(domains.stratum) then max(domains.stratum) end as stratum,
        domains.quarter,
        domain_groups.selection,
        count(*) as n_domains,
        sum(domains.n_permits) as n_permits,
        sum(domains.n_not_begun) as n_not_begun,
        sum(domains.n_survey) as n_survey,
        sum(domains.n_matched) as n_matched,
        sum(domains.weighted_survey) as weighted_survey,
        sum(domains.weighted_matched) as weighted_matched,
        sum(domains.weighted_set_aside) as weighted_set_aside
    from {{ ref('int_capture_domains') }} as domains
    inner join {{ ref('int_capture_domain_groups') }} as domain_groups
        on
            domains.quarter = domain_groups.quarter
            and domains.district_code = domain_groups.district_code
            and domains.stratum = domain_groups.stratum
    group by domain_groups.group_id, domain_groups.group_kind, domains.quarter, domain_groups.selection
)

select
    counted.group_id,
    counted.group_kind,
    counted.area_code,
    counted.stratum,
    counted.quarter,
    counted.selection,
    cast(counted.n_domains as integer) as n_domains,
    cast(counted.n_permits as integer) as n_permits,
    cast(counted.n_not_begun as integer) as n_not_begun,
    cast(coalesce(declared.n_open, 0) as integer) as n_open,
    cast(counted.n_survey as integer) as n_survey,
    cast(counted.n_matched as integer) as n_matched,
    cast(coalesce(declared.n_links_keyed, 0) as integer) as n_links_keyed,
    cast(coalesce(declared.n_declared, 0) as integer) as n_declared,
    cast(coalesce(declared.n_declared_seen, 0) as integer) as n_declared_seen,
    cast(coalesce(declared.n_declared_keyed, 0) as integer) as n_declared_keyed,
    cast(counted.weighted_survey as decimal(18, 6)) as weighted_survey,
    cast(counted.weighted_matched as decimal(18, 6)) as weighted_matched,
    cast(counted.weighted_set_aside as decimal(18, 6)) as weighted_set_aside
from counted
left join declared on counted.group_id = declared.group_id
