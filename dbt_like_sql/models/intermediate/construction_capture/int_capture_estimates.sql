-- The estimate of each group. Take-all: Chapman's estimator and variance and the logit interval of Sadinle (2009).
-- Sampled: listed works times the weight of all returns over the weight of the linked ones, its interval from the
-- replicates. No estimate below the least number of links, which is data.
with thresholds as (
    select
        max(case when threshold_name = 'minimum_links_take_all' then threshold_value end) as minimum_take_all,
        max(case when threshold_name = 'minimum_links_sample' then threshold_value end) as minimum_sample
    from {{ ref('capture_thresholds') }}
),

counted as (
    select
        groups.group_id,
        groups.selection,
        groups.n_permits,
        groups.n_survey,
        groups.n_matched,
        cast(groups.n_permits as double) as n1,
        cast(groups.n_survey as double) as n2,
        cast(groups.n_matched as double) as m,
        cast(groups.weighted_survey as double) as weighted_survey,
        cast(groups.weighted_matched as double) as weighted_matched,
        case
            when groups.n_permits = 0 then false
            when groups.selection = 'take_all' then groups.n_matched >= thresholds.minimum_take_all
            else groups.n_matched >= thresholds.minimum_sample and groups.weighted_matched > 0
        end as is_estimated
    from {{ ref('int_capture_groups') }} as groups
    cross join thresholds
),

-- Counts with the half that the logit form adds: linked, on the list alone, in the survey alone.
halves as (
    select
        *,
        m + 0.5 as both_half,
        n1 - m + 0.5 as list_half,
        n2 - m + 0.5 as survey_half
    from counted
    where selection = 'take_all' and is_estimated
),

-- Where hardly anything is missed the upper limit runs away; far out it is cut, because there it says no more.
logits as (
    select
        *,
        list_half * survey_half / both_half as unseen,
        least(
            1.96 * sqrt(1 / both_half + 1 / list_half + 1 / survey_half + both_half / (list_half * survey_half)), 40
        ) as log_reach
    from halves
),

limits as (
    select
        *,
        n1 + n2 - m - 0.5 + unseen * exp(-log_reach) as works_low,
        least(n1 + n2 - m - 0.5 + unseen * exp(log_reach), 99999999) as works_high
    from logits
),

take_all as (
    select
        group_id,
        (n1 + 1) * (n2 + 1) / (m + 1) - 1 as works,
        (n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) * (m + 1) * (m + 2)) as variance,
        works_low,
        works_high,
        n2 as recorded,
        n2 / works_high as coverage_low,
        n2 / works_low as coverage_high
    from limits
),

ranked as (
    select
        group_id,
        linked_share,
        linked_works,
        row_number() over (partition by group_id order by linked_share) as share_place,
        row_number() over (partition by group_id order by linked_works) as works_place
    from {{ ref('int_capture_replicates') }}
),

-- Of 399 replicates the 10th and the 390th are the limits of 95 %.
replicated as (
    select
        group_id,
        cast(sum(cast(1 / linked_share as decimal(38, 12))) as double) / count(*) as mean_inverse,
        cast(sum(cast(1 / (linked_share * linked_share) as decimal(38, 12))) as double)
        / count(*) as mean_square_inverse,
        max(case when share_place = 10 then linked_share end) as share_low,
        max(case when share_place = 390 then linked_share end) as share_high,
        max(case when works_place = 10 then linked_works end) as linked_low,
        max(case when works_place = 390 then linked_works end) as linked_high
    from ranked
    group by group_id
),

sampled as (
    select
        counted.group_id,
        counted.n1 * counted.weighted_survey / counted.weighted_matched as works,
        counted.n1
        * counted.n1
        * greatest(replicated.mean_square_inverse - replicated.mean_inverse * replicated.mean_inverse, 0) as variance,
        counted.n1 / replicated.share_high as works_low,
        least(counted.n1 / replicated.share_low, 99999999) as works_high,
        counted.weighted_survey as recorded,
        replicated.linked_low / counted.n1 as coverage_low,
        replicated.linked_high / counted.n1 as coverage_high
    from counted
    inner join replicated on counted.group_id = replicated.group_id
    where counted.selection = 'sample' and counted.is_estimated
),

estimated as (
    select * from take_all
    union all
    select * from sampled
),

-- No more is counted than there is, and the estimate lies between its limits, also where every unit drawn is linked.
bounded as (
    select
        group_id,
        works,
        variance,
        least(works_low, works) as works_low,
        works_high,
        recorded,
        least(recorded / works, 1) as coverage,
        least(coverage_low, recorded / works, 1) as coverage_low,
        least(greatest(coverage_high, recorded / works), 1) as coverage_high
    from estimated
)

select
    counted.group_id,
    counted.selection,
    counted.n_permits,
    counted.n_survey,
    counted.n_matched,
    counted.is_estimated,
    cast(round(estimated.works, 4) as decimal(18, 4)) as chapman_estimate,
    cast(round(estimated.variance, 4) as decimal(24, 4)) as chapman_variance,
    cast(round(estimated.works_low, 4) as decimal(18, 4)) as chapman_low,
    cast(round(estimated.works_high, 4) as decimal(18, 4)) as chapman_high,
    cast(round(estimated.recorded, 4) as decimal(18, 4)) as works_recorded,
    cast(round(estimated.coverage, 4) as decimal(12, 4)) as coverage,
    cast(round(estimated.coverage_low, 4) as decimal(12, 4)) as coverage_low,
    cast(round(estimated.coverage_high, 4) as decimal(12, 4)) as coverage_high
from counted
left join bounded as estimated on counted.group_id = estimated.group_id
