-- Duties with a day: building permits to be answered and reviews of planning schemes to be done. Of those due in the
-- period of the item, those done in time; one that is overdue is late.
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
        answered_on,
        released_on,
        delivery_id,
        is_simulated
    from {{ ref('int_item_reviews') }}
),

words as (
    select
        'permits' as subject,
        ' applications due were answered in time' as in_time_en,
        ' overdue and unanswered' as late_en,
        'trả đúng hạn ' as in_time_vi,
        ' hồ sơ' as duty_vi,
        ' quá hạn chưa trả' as late_vi
    union all
    select
        'reviews' as subject,
        ' reviews of planning schemes due were done in time' as in_time_en,
        ' overdue and not done' as late_en,
        'rà soát đúng hạn ' as in_time_vi,
        ' đồ án' as duty_vi,
        ' quá hạn chưa rà soát xong' as late_vi
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
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated
    from duties
    group by subject, directive, item
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
    group by duties.directive, duties.item
)

select
    evidence.directive,
    evidence.item,
    'computed_from_counts' as evidence_basis,
    case
        when substr(cast(evidence.first_on as varchar), 1, 7) = substr(cast(evidence.until_on as varchar), 1, 7)
            then substr(cast(evidence.first_on as varchar), 1, 7)
        else
            substr(cast(evidence.first_on as varchar), 1, 7) || '..' || substr(cast(evidence.until_on as varchar), 1, 7)
    end as evidence_period,
    evidence.is_over as covers_target_period,
    cast(round(100 * cast(evidence.n_in_time as double) / evidence.n_due, 4) as decimal(12, 4)) as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    cast(evidence.n_in_time as varchar) || ' of ' || cast(evidence.n_due as varchar)
    || words.in_time_en
    || case
        when evidence.n_late_unanswered > 0
            then ', ' || cast(evidence.n_late_unanswered as varchar) || words.late_en
        else ''
    end
    || case
        when evidence.n_pending > 0 then '; ' || cast(evidence.n_pending as varchar) || ' not yet due'
        else ''
    end as detail_en,
    words.in_time_vi || cast(evidence.n_in_time as varchar) || '/' || cast(evidence.n_due as varchar)
    || words.duty_vi || ' đến hạn'
    || case
        when evidence.n_late_unanswered > 0
            then ', ' || cast(evidence.n_late_unanswered as varchar) || words.duty_vi || words.late_vi
        else ''
    end
    || case
        when evidence.n_pending > 0 then '; ' || cast(evidence.n_pending as varchar) || words.duty_vi || ' chưa đến hạn'
        else ''
    end as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    evidence.is_simulated
from counted as evidence
inner join words on evidence.subject = words.subject
inner join newest
    on
        evidence.directive = newest.directive
        and evidence.item = newest.item
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id
where evidence.n_due > 0
