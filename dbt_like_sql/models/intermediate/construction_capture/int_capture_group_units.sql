-- The primary units of each sampled group that can be estimated, with the weight of their sites and of the linked ones,
-- and the weighted value that counts.
with minimum as (
    select {{ threshold('minimum_links_sample') }} as minimum_links
    from {{ ref('capture_thresholds') }}
)

select
    groups.group_id,
    coalesce(works.frame_unit_id, works.return_id) as frame_unit_id,
    cast(sum(works.survey_weight) as decimal(18, 6)) as weighted_works,
    cast(sum(case when works.is_matched then works.survey_weight else 0 end) as decimal(18, 6)) as weighted_linked,
    cast(
        coalesce(
            sum(
                works.survey_weight
                * case when aside.return_id is null then returns.value_mn else imputed.imputed_value_mn end
            ),
            0
        )
        as decimal(20, 3)
    ) as weighted_value_mn
from {{ ref('int_capture_groups') }} as groups
cross join minimum
inner join {{ ref('int_capture_domain_groups') }} as domain_groups on groups.group_id = domain_groups.group_id
inner join {{ ref('int_survey_works') }} as works
    on
        domain_groups.quarter = works.quarter
        and domain_groups.district_code = works.district_code
        and domain_groups.stratum = works.stratum
        and works.is_counted
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
where groups.selection = 'sample' and groups.n_matched >= minimum.minimum_links
group by groups.group_id, coalesce(works.frame_unit_id, works.return_id)
