-- How many sites of each take-all group are on both of two lists, once links without a permit number are corrected: of
-- the returns that no number links a share is linked wrongly, and a share of the true pairs is missed; so it is with
-- declarations of turnover. What is linked by number is taken as it is. Where nobody knows these shares the links
-- stand as they are.
with counted as (
    select
        groups.group_id,
        cast(groups.n_survey as double) as n_surveyed,
        cast(groups.n_permits - groups.n_not_begun as double) as n_listed,
        cast(groups.n_links_keyed as double) as keyed,
        cast(groups.n_matched - groups.n_links_keyed as double) as scored,
        cast(groups.n_survey - groups.n_links_keyed as double) as unkeyed,
        cast(errors.link_recall as double) as recall,
        cast(errors.link_false_share as double) as false_share,
        cast(errors.n_links_tried as double) as tried,
        cast(groups.n_declared as double) as n_declared,
        cast(groups.n_declared_keyed as double) as declared_keyed,
        cast(groups.n_declared_seen - groups.n_declared_keyed as double) as declared_scored,
        cast(groups.n_declared - groups.n_declared_keyed as double) as declared_unkeyed,
        cast(declaration_errors.link_recall as double) as declared_recall,
        cast(declaration_errors.link_false_share as double) as declared_false_share,
        cast(declaration_errors.n_links_tried as double) as declared_tried
    from {{ ref('int_capture_groups') }} as groups
    left join {{ ref('int_link_errors') }} as errors
        on
            groups.area_code = errors.area_code
            and coalesce(groups.stratum, 'total') = errors.stratum
    left join {{ ref('int_declaration_link_errors') }} as declaration_errors
        on
            groups.area_code = declaration_errors.area_code
            and coalesce(groups.stratum, 'total') = declaration_errors.stratum
    where groups.selection = 'take_all'
),

corrected as (
    select
        *,
        scored > 0 and coalesce(recall > false_share, false) as is_corrected,
        {{ true_links('scored', 'unkeyed', 'recall', 'false_share') }} as true_scored,
        declared_scored > 0 and coalesce(declared_recall > declared_false_share, false) as is_declaration_corrected,
        {{ true_links('declared_scored', 'declared_unkeyed', 'declared_recall', 'declared_false_share') }}
            as declared_true_scored
    from counted
),

spread as (
    select
        *,
        {{ true_links_variance('is_corrected', 'true_scored', 'unkeyed', 'recall', 'false_share', 'tried') }}
            as links_variance,
        {{
            true_links_variance(
                'is_declaration_corrected', 'declared_true_scored', 'declared_unkeyed', 'declared_recall',
                'declared_false_share', 'declared_tried'
            )
        }} as declared_variance
    from corrected
)

select
    group_id,
    is_corrected,
    scored > 0 and not is_corrected as is_uncorrected,
    is_declaration_corrected,
    declared_scored > 0 and not is_declaration_corrected as is_declaration_uncorrected,
    cast(round(least(keyed + true_scored, n_listed, n_surveyed), 8) as decimal(24, 8)) as true_links,
    cast(round(links_variance, 8) as decimal(30, 8)) as true_links_variance,
    cast(round(least(declared_keyed + declared_true_scored, n_declared), 8) as decimal(24, 8)) as true_declared_links,
    cast(round(declared_variance, 8) as decimal(30, 8)) as true_declared_links_variance
from spread
