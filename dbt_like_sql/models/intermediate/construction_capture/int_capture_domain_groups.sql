-- Which domains are estimated together. A domain with enough links is estimated by itself; smaller domains of one
-- stratum are pooled over the districts, and what is still too small over the strata of one kind of selection. Sites
-- that the survey reports in a stratum that is on no list are estimated with the domain of their district that has the
-- most links; where no domain of the district has enough, nothing is known of them but what was surveyed, and they are
-- in no group. Nor is a quarter without answers.
with thresholds as (
    select
        {{ threshold('minimum_links_take_all') }} as minimum_take_all,
        {{ threshold('minimum_links_sample') }} as minimum_sample
    from {{ ref('capture_thresholds') }}
),

domains_with_limits as (
    select
        domains.area_code,
        domains.quarter,
        domains.district_code,
        domains.stratum,
        domains.selection,
        domains.n_permits,
        domains.n_survey,
        domains.n_matched,
        case domains.selection
            when 'take_all' then thresholds.minimum_take_all else thresholds.minimum_sample
        end as minimum_links,
        sum(domains.n_permits) over (partition by domains.area_code, domains.quarter, domains.stratum)
            as n_permits_of_stratum
    from {{ ref('int_capture_domains') }} as domains
    cross join thresholds
    where domains.is_permit_liable
),

domains as (
    select
        *,
        n_matched >= minimum_links and n_permits > 0 as stands_alone
    from domains_with_limits
    where n_permits_of_stratum > 0 and n_permits + n_survey > 0
),

pools as (
    select
        *,
        sum(case when stands_alone then 0 else n_matched end) over (
            partition by area_code, quarter, stratum, selection
        ) as n_matched_in_pool
    from domains
),

hosts as (
    select
        quarter,
        district_code,
        selection,
        stratum,
        row_number() over (
            partition by quarter, district_code, selection order by n_matched desc, stratum asc
        ) as row_number
    from domains
    where stands_alone
),

guests as (
    select
        unlisted.area_code,
        unlisted.quarter,
        unlisted.district_code,
        unlisted.stratum,
        unlisted.selection,
        hosts.stratum as host_stratum
    from domains_with_limits as unlisted
    inner join hosts
        on
            unlisted.quarter = hosts.quarter
            and unlisted.district_code = hosts.district_code
            and unlisted.selection = hosts.selection
            and hosts.row_number = 1
    where unlisted.n_permits_of_stratum = 0 and unlisted.n_survey > 0
),

grouped as (
    select
        area_code,
        quarter,
        district_code,
        stratum,
        selection,
        stratum as first_stratum,
        case
            when stands_alone then 'domain'
            when n_matched_in_pool >= minimum_links then 'districts'
            else 'strata'
        end as group_kind
    from pools
    union all
    select
        area_code,
        quarter,
        district_code,
        stratum,
        selection,
        host_stratum as first_stratum,
        'domain' as group_kind
    from guests
),

shared as (
    select
        *,
        count(*) over (partition by quarter, district_code, first_stratum) as n_sharing
    from grouped
)

select
    area_code,
    quarter,
    district_code,
    stratum,
    selection,
    case when n_sharing > 1 then 'district' else group_kind end as group_kind,
    case group_kind
        when 'domain' then 'domain:' || quarter || ':' || district_code || ':' || first_stratum
        when 'districts' then 'districts:' || quarter || ':' || coalesce(area_code, '') || ':' || stratum
        else 'strata:' || quarter || ':' || coalesce(area_code, '') || ':' || selection
    end as group_id
from shared
