-- Duties with a due day: building permits to be answered and reviews of planning schemes to be done. Of those due in
-- the period of the item, those done in time; one that is overdue is late. The same share of those due up to the same
-- day a year before is given with it.
with duties as (
    select
        'permits' as subject,
        directive,
        item,
        first_on,
        last_on,
        known_until_on,
        is_due,
        is_done,
        is_year_before,
        answered_on,
        released_on,
        delivery_id,
        is_simulated
    from {{ ref('int_item_permits') }}
    union all
    select
        'reviews' as subject,
        directive,
        item,
        first_on,
        last_on,
        known_until_on,
        is_due,
        is_done,
        is_year_before,
        answered_on,
        released_on,
        delivery_id,
        is_simulated
    from {{ ref('int_item_reviews') }}
),

counted as (
    select
        subject,
        directive,
        item,
        min(first_on) as first_on,
        max(least(known_until_on, last_on)) as until_on,
        min(case when known_until_on >= last_on then 1 else 0 end) = 1 as is_over,
        count(case when is_due then 1 end) as n_due,
        count(case when is_due and is_done then 1 end) as n_in_time,
        count(case when is_due and answered_on is null then 1 end) as n_late_unanswered,
        count(case when not is_due and answered_on is null then 1 end) as n_pending,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from duties
    where not is_year_before
    group by subject, directive, item
),

before as (
    select
        directive,
        item,
        cast(
            round(
                100 * cast(count(case when is_due and is_done then 1 end) as double)
                / nullif(count(case when is_due then 1 end), 0),
                4
            ) as decimal(12, 4)
        ) as share_pct
    from duties
    where is_year_before
    group by directive, item
),

with_messages as (
    select
        *,
        case subject
            when 'permits'
                then
                    concat_ws(
                        ' ',
                        'permits_in_time',
                        case when n_late_unanswered > 0 then 'permits_overdue' end,
                        case when n_pending > 0 then 'permits_not_yet_due' end
                    )
            else
                concat_ws(
                    ' ',
                    'reviews_in_time',
                    case when n_late_unanswered > 0 then 'reviews_overdue' end,
                    case when n_pending > 0 then 'reviews_not_yet_due' end
                )
        end as detail_codes,
        to_json({
            'in_time': n_in_time,
            'due': n_due,
            'overdue': n_late_unanswered,
            'not_yet_due': n_pending
        }) as detail_values
    from counted
),

newest as (
    select
        duties.directive,
        duties.item,
        max(duties.delivery_id) as delivery_id
    from duties
    inner join counted
        on
            duties.directive = counted.directive
            and duties.item = counted.item
            and duties.released_on = counted.released_on
    where not duties.is_year_before
    group by duties.directive, duties.item
)

select
    evidence.directive,
    evidence.item,
    'computed_from_counts' as evidence_basis,
    {{ months_until('evidence.first_on', 'evidence.until_on') }} as evidence_period,
    evidence.is_over as covers_target_period,
    cast(round(100 * cast(evidence.n_in_time as double) / evidence.n_due, 4) as decimal(12, 4)) as actual,
    before.share_pct as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    message_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    evidence.is_simulated
from with_messages as evidence
inner join newest
    on
        evidence.directive = newest.directive
        and evidence.item = newest.item
left join before
    on
        evidence.directive = before.directive
        and evidence.item = before.item
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id
where evidence.n_due > 0
