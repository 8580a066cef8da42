-- The estimate of each group, in sites. Take-all strata: Chapman's estimator and variance between lists and survey or,
-- where tax declarations share enough sites with either, between the two of these together and the declarations. Listed
-- sites that an office found not begun are off the list; of those that nobody answered for, and could be asked about,
-- the share that was answered is taken out with its error; where too few cases were answered, only the limits say what
-- it would do. Limits are those of the logit form (Sadinle 2009) where every link rests on a number, else log-normal
-- limits of the unseen count; the error of the share widens them by squares (Zou and Donner 2008). Sampled strata:
-- listed sites times the weight of all returns over the weight of the linked ones, with limits from the replicates.
-- There is no estimate below the minimum number of links and there are no limits below the minimum number of units,
-- both of which are data.
with thresholds as (
    select
        {{ threshold('minimum_links_take_all') }} as minimum_take_all,
        {{ threshold('minimum_links_sample') }} as minimum_sample,
        {{ threshold('minimum_units_sample') }} as minimum_units
    from {{ ref('capture_thresholds') }}
),

counted as (
    select
        groups.group_id,
        groups.selection,
        groups.n_permits,
        groups.n_survey,
        groups.n_matched,
        cast(groups.n_permits - groups.n_not_begun as double) as n_listed,
        cast(groups.n_survey as double) as n_surveyed,
        cast(groups.n_matched as double) as found,
        cast(groups.n_declared as double) as declared,
        cast(groups.n_declared_seen as double) as declared_found,
        cast(groups.weighted_survey as double) as weighted_survey,
        cast(groups.weighted_matched as double) as weighted_matched,
        cast(groups.n_open as double) as n_open,
        cast(shares.not_begun_share as double) as not_begun,
        coalesce(cast(shares.not_begun_share_error as double), 0) as not_begun_error,
        shares.n_cases_answered,
        case
            when shares.not_begun_share is null then coalesce(cast(shares.answered_not_begun_share as double), 0) else 0
        end as not_begun_perhaps,
        groups.area_code,
        coalesce(groups.stratum, 'total') as stratum,
        groups.n_links_keyed as keyed,
        groups.n_matched - groups.n_links_keyed as scored,
        groups.n_survey - groups.n_links_keyed as unkeyed,
        groups.n_declared_keyed as declared_keyed,
        groups.n_declared_seen - groups.n_declared_keyed as declared_scored,
        groups.n_declared - groups.n_declared_keyed as declared_unkeyed,
        groups.n_declared_seen >= thresholds.minimum_take_all as has_third_list,
        thresholds.minimum_units,
        case
            when groups.n_permits = 0 then false
            when groups.selection = 'take_all' then groups.n_matched >= thresholds.minimum_take_all
            else groups.n_matched >= thresholds.minimum_sample and groups.weighted_matched > 0
        end as is_estimated
    from {{ ref('int_capture_groups') }} as groups
    cross join thresholds
    left join {{ ref('int_capture_never_begun') }} as shares
        on
            coalesce(groups.area_code, '') = shares.area_code
            and groups.quarter = shares.quarter
),

-- Of the returns that no number links a share is linked wrongly, and a share of the true pairs is missed; so it is with
-- declarations. Where nobody knows these shares the links stand.
with_errors as (
    select
        counted.*,
        cast(errors.link_recall as double) as recall,
        cast(errors.link_false_share as double) as false_share,
        errors.n_links_tried as tried,
        cast(declaration_errors.link_recall as double) as declared_recall,
        cast(declaration_errors.link_false_share as double) as declared_false_share,
        declaration_errors.n_links_tried as declared_tried
    from counted
    left join {{ ref('int_link_errors') }} as errors
        on counted.area_code = errors.area_code and counted.stratum = errors.stratum
    left join {{ ref('int_tax_declaration_link_errors') }} as declaration_errors
        on counted.area_code = declaration_errors.area_code and counted.stratum = declaration_errors.stratum
    where counted.selection = 'take_all' and counted.is_estimated
),

true_links as (
    select
        *,
        scored > 0 and coalesce(recall > false_share, false) as is_corrected,
        {{ true_links('scored', 'unkeyed', 'recall', 'false_share') }} as true_scored,
        declared_scored > 0 and coalesce(declared_recall > declared_false_share, false) as are_declared_corrected,
        {{ true_links('declared_scored', 'declared_unkeyed', 'declared_recall', 'declared_false_share') }}
            as declared_true_scored
    from with_errors
),

linked as (
    select
        *,
        scored > 0 and not is_corrected as is_uncorrected,
        has_third_list and are_declared_corrected as is_declaration_corrected,
        has_third_list and declared_scored > 0 and not are_declared_corrected as is_declaration_uncorrected,
        round(least(keyed + true_scored, n_listed, n_surveyed), 8) as n_both,
        {{ true_links_variance('is_corrected', 'true_scored', 'unkeyed', 'recall', 'false_share', 'tried') }}
            as n_both_variance,
        round(least(declared_keyed + declared_true_scored, declared), 8) as true_declared,
        {{
            true_links_variance(
                'are_declared_corrected', 'declared_true_scored', 'declared_unkeyed', 'declared_recall',
                'declared_false_share', 'declared_tried'
            )
        }} as declared_seen_variance
    from true_links
),

-- Better links would have found some of the open sites as of the others.
opened as (
    select
        *,
        coalesce((n_listed - n_both) * n_open / nullif(n_listed - found, 0), 0) as open_works
    from linked
),

begun as (
    select
        *,
        n_listed - open_works * coalesce(not_begun, 0) as listed,
        n_surveyed + n_listed - n_both - open_works * coalesce(not_begun, 0) as seen_by_either
    from opened
),

two_lists as (
    select
        *,
        least(true_declared, seen_by_either) as declared_seen,
        (listed + 1) * (n_surveyed + 1) / (n_both + 1) - 1 as two_list_works,
        (listed + 1) * (n_surveyed + 1) * (listed - n_both) * (n_surveyed - n_both)
        / ((n_both + 1) * (n_both + 1) * (n_both + 2))
        + (listed + 1) * (n_surveyed + 1) / ((n_both + 1) * (n_both + 1))
        * (listed + 1) * (n_surveyed + 1) / ((n_both + 1) * (n_both + 1)) * n_both_variance as two_list_variance
    from begun
),

-- The two lists that the estimate is made from: the first, the second, and what is on both.
chosen as (
    select
        *,
        case when has_third_list then seen_by_either else listed end as first_list,
        case when has_third_list then declared else n_surveyed end as second_list,
        case when has_third_list then declared_seen else n_both end as on_both,
        case
            when has_third_list then (seen_by_either + 1) * (declared + 1) / (declared_seen + 1) - 1
            else two_list_works
        end as works,
        case
            when has_third_list
                then
                    (seen_by_either + 1) * (declared + 1) * (seen_by_either - declared_seen)
                    * (declared - declared_seen)
                    / ((declared_seen + 1) * (declared_seen + 1) * (declared_seen + 2))
                    + (declared + 1) / (declared_seen + 1) * (declared + 1) / (declared_seen + 1)
                    * (
                        n_both_variance
                        + (seen_by_either + 1) / (declared_seen + 1) * (seen_by_either + 1) / (declared_seen + 1)
                        * declared_seen_variance
                    )
            else two_list_variance
        end as variance,
        is_corrected or is_uncorrected or is_declaration_corrected or is_declaration_uncorrected as has_scored
    from two_lists
),

-- Counts with the half that the logit form adds: on both, on the first only, on the second only.
halves as (
    select
        *,
        first_list + second_list - on_both as seen,
        (first_list - on_both) * (second_list - on_both) / (on_both + 1) as unseen,
        -- A listed site makes so many more that nobody has seen.
        open_works * (second_list - on_both) / (on_both + 1) as open_unseen,
        on_both + 0.5 as both_half,
        first_list - on_both + 0.5 as first_half,
        second_list - on_both + 0.5 as second_half
    from chosen
),

-- Where hardly anything is missed the upper limit grows without bound; it is cut far out, where it says no more.
reaches as (
    select
        *,
        not_begun_error * (open_works + open_unseen) as works_error,
        first_half * second_half / both_half as unseen_half,
        least(
            {{ normal_quantile_95() }} * sqrt(
                1 / both_half + 1 / first_half + 1 / second_half + both_half / (first_half * second_half)
            ),
            40
        ) as logit_reach,
        -- How many links of declarations are true is an estimate, and so is what is seen: no limits are narrower.
        case when is_declaration_corrected then {{ normal_quantile_95() }} * sqrt(variance) else 0 end as plain_reach,
        case
            when has_scored and unseen > 0
                then least({{ normal_quantile_95() }} * sqrt(ln(1 + variance / (unseen * unseen))), 40)
        end as log_reach
    from halves
),

limited as (
    select
        *,
        least(
            greatest(
                least(
                    case
                        when log_reach is not null then seen + unseen * exp(-log_reach)
                        else first_list + second_list - on_both - 0.5 + unseen_half * exp(-logit_reach)
                    end,
                    works - plain_reach
                ),
                case when has_scored then greatest(first_list, second_list) else seen end
            ),
            works
        ) as low_of_counts,
        greatest(
            case
                when log_reach is not null then seen + unseen * exp(log_reach)
                else first_list + second_list - on_both - 0.5 + unseen_half * exp(logit_reach)
            end,
            works + plain_reach
        ) as high_of_counts,
        {{ normal_quantile_95() }} * works_error as error_reach
    from reaches
),

take_all as (
    select
        group_id,
        case when has_third_list then 'three_lists' else 'chapman' end as estimate_method,
        is_corrected,
        is_uncorrected,
        is_declaration_corrected,
        is_declaration_uncorrected,
        case
            when open_works = 0 then 'none_open'
            when n_cases_answered is null then 'unanswered'
            when not_begun is null then 'too_few'
            else 'taken_out'
        end as never_begun_state,
        works,
        variance + works_error * works_error as variance,
        -- No fewer than the survey reports; with too few answers, what there is if all other cases are like them.
        greatest(
            least(
                works
                - sqrt((works - low_of_counts) * (works - low_of_counts) + error_reach * error_reach),
                low_of_counts
                - not_begun_perhaps
                * (open_works + coalesce((low_of_counts - seen) * open_unseen / nullif(unseen, 0), 0))
            ),
            n_surveyed
        ) as works_low,
        least(
            works
            + sqrt((high_of_counts - works) * (high_of_counts - works) + error_reach * error_reach),
            99999999
        ) as works_high,
        seen,
        n_listed - n_both as not_found,
        case
            when has_third_list then (declared - declared_seen) / nullif(declared - declared_found, 0)
        end as declared_alone_kept,
        open_works,
        open_unseen,
        works_error,
        n_surveyed as recorded,
        case when has_third_list then two_list_works end as two_list_works,
        case when has_third_list then n_surveyed / two_list_works end as two_list_coverage,
        seen + 2 * unseen as works_if_odds_ratio_2,
        seen + 5 * unseen as works_if_odds_ratio_5
    from limited
),

ranked as (
    select
        group_id,
        linked_share,
        linked_works,
        row_number() over (partition by group_id order by linked_share) as share_rank,
        row_number() over (partition by group_id order by linked_works) as works_rank
    from {{ ref('int_capture_replicates') }}
),

-- Of 399 replicates the 10th and the 390th are the limits of 95 %.
drawn as (
    select
        group_id,
        cast(sum(cast(1 / linked_share as decimal(38, 12))) as double) / count(*) as mean_inverse,
        cast(sum(cast(1 / (linked_share * linked_share) as decimal(38, 12))) as double)
        / count(*) as mean_square_inverse,
        cast(sum(cast(linked_works as decimal(38, 12))) as double) / count(*) as mean_linked,
        cast(sum(cast(linked_works * linked_works as decimal(38, 12))) as double) / count(*) as mean_square_linked,
        max(case when share_rank = 10 then linked_share end) as share_low,
        max(case when share_rank = 390 then linked_share end) as share_high,
        max(case when works_rank = 10 then linked_works end) as linked_low,
        max(case when works_rank = 390 then linked_works end) as linked_high
    from ranked
    group by group_id
),

units as (
    select
        group_id,
        count(*) as n_units
    from {{ ref('int_capture_group_units') }}
    group by group_id
),

sampled as (
    select
        counted.group_id,
        counted.n_listed * counted.weighted_survey / counted.weighted_matched as works,
        case
            when drawn.mean_inverse is not null
                then
                    counted.n_listed * counted.n_listed
                    * greatest(drawn.mean_square_inverse - drawn.mean_inverse * drawn.mean_inverse, 0)
        end as variance,
        counted.n_listed / drawn.share_high as works_low,
        least(counted.n_listed / drawn.share_low, 99999999) as works_high,
        counted.n_listed + counted.n_surveyed - counted.found as seen,
        counted.n_listed,
        counted.weighted_survey,
        least(counted.weighted_matched, counted.n_listed) as linked,
        drawn.linked_low / counted.n_listed as coverage_low,
        drawn.linked_high / counted.n_listed as coverage_high,
        -- A recorded site stands for one over the coverage; its variance by the first derivative (delta method).
        case
            when drawn.mean_linked is not null
                then
                    greatest(drawn.mean_square_linked - drawn.mean_linked * drawn.mean_linked, 0)
                    * counted.n_listed * counted.n_listed
                    / (counted.weighted_matched * counted.weighted_matched)
                    / (counted.weighted_matched * counted.weighted_matched)
        end as inverse_variance
    from counted
    inner join units on counted.group_id = units.group_id
    left join drawn on counted.group_id = drawn.group_id and counted.minimum_units <= units.n_units
    where counted.selection = 'sample' and counted.is_estimated
),

estimated as (
    select
        group_id,
        estimate_method,
        is_corrected,
        is_uncorrected,
        is_declaration_corrected,
        is_declaration_uncorrected,
        never_begun_state,
        works,
        variance,
        works_low,
        works_high,
        seen,
        not_found,
        declared_alone_kept,
        open_works,
        open_unseen,
        works_error,
        recorded,
        two_list_works,
        two_list_coverage,
        works_if_odds_ratio_2,
        works_if_odds_ratio_5,
        recorded / works_high as coverage_low,
        recorded / works_low as coverage_high,
        cast(null as double) as inverse_variance
    from take_all
    union all
    select
        group_id,
        'weighted' as estimate_method,
        false as is_corrected,
        false as is_uncorrected,
        false as is_declaration_corrected,
        false as is_declaration_uncorrected,
        'none_open' as never_begun_state,
        works,
        variance,
        works_low,
        works_high,
        seen,
        n_listed - linked as not_found,
        cast(null as double) as declared_alone_kept,
        0 as open_works,
        0 as open_unseen,
        0 as works_error,
        weighted_survey as recorded,
        cast(null as double) as two_list_works,
        cast(null as double) as two_list_coverage,
        works + (n_listed - linked) * greatest(weighted_survey - linked, 0) / linked as works_if_odds_ratio_2,
        works + 4 * (n_listed - linked) * greatest(weighted_survey - linked, 0) / linked as works_if_odds_ratio_5,
        coverage_low,
        coverage_high,
        inverse_variance
    from sampled
),

-- No more is counted than there is, and the estimate lies between its limits even where every sampled unit is linked.
bounded as (
    select
        *,
        case when variance is not null then least(works_low, works) end as bounded_low,
        case when variance is not null then greatest(works_high, works) end as bounded_high,
        least(recorded / works, 1) as covered,
        case when variance is not null then least(coverage_low, recorded / works, 1) end as covered_low,
        case when variance is not null then least(greatest(coverage_high, recorded / works), 1) end as covered_high
    from estimated
)

select
    counted.group_id,
    counted.selection,
    counted.n_permits,
    counted.n_survey,
    counted.n_matched,
    counted.is_estimated,
    bounded.estimate_method,
    coalesce(bounded.is_corrected, false) as is_corrected,
    coalesce(bounded.is_uncorrected, false) as is_uncorrected,
    coalesce(bounded.is_declaration_corrected, false) as is_declaration_corrected,
    coalesce(bounded.is_declaration_uncorrected, false) as is_declaration_uncorrected,
    bounded.never_begun_state,
    counted.n_cases_answered,
    cast(counted.not_begun as decimal(12, 8)) as not_begun_share,
    cast(round(counted.not_begun_error, 8) as decimal(12, 8)) as not_begun_share_error,
    cast(round(counted.not_begun_perhaps, 8) as decimal(12, 8)) as not_begun_share_perhaps,
    cast(round(bounded.works, 8) as decimal(24, 8)) as works_estimated,
    cast(round(bounded.variance, 8) as decimal(30, 8)) as works_variance,
    cast(round(bounded.bounded_low, 8) as decimal(24, 8)) as works_low,
    cast(round(bounded.bounded_high, 8) as decimal(24, 8)) as works_high,
    cast(round(bounded.seen, 8) as decimal(24, 8)) as works_seen,
    cast(round(bounded.not_found, 8) as decimal(24, 8)) as works_not_found,
    cast(round(bounded.declared_alone_kept, 8) as decimal(24, 8)) as declared_alone_kept,
    cast(round(bounded.open_works, 8) as decimal(24, 8)) as works_open,
    cast(round(bounded.open_unseen, 8) as decimal(24, 8)) as works_open_unseen,
    cast(round(bounded.works_error, 8) as decimal(24, 8)) as works_not_begun_error,
    cast(round(bounded.recorded, 4) as decimal(18, 4)) as works_recorded,
    cast(round(bounded.works_if_odds_ratio_2, 8) as decimal(24, 8)) as works_if_odds_ratio_2,
    cast(round(bounded.works_if_odds_ratio_5, 8) as decimal(24, 8)) as works_if_odds_ratio_5,
    cast(round(bounded.two_list_works, 4) as decimal(18, 4)) as two_list_estimate,
    cast(round(bounded.two_list_coverage, 4) as decimal(12, 4)) as two_list_coverage,
    cast(round(bounded.covered, 4) as decimal(12, 4)) as coverage,
    cast(round(bounded.covered_low, 4) as decimal(12, 4)) as coverage_low,
    cast(round(bounded.covered_high, 4) as decimal(12, 4)) as coverage_high,
    cast(round(bounded.inverse_variance, 12) as decimal(30, 12)) as inverse_coverage_variance
from counted
left join bounded on counted.group_id = bounded.group_id
