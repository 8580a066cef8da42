-- Of the construction projects that were to begin by the newest report, those that keep to their own schedules.
with counted as (
    select
        directive,
        item,
        min(first_on) as first_on,
        max(until_on) as until_on,
        max(case when is_over then 1 else 0 end) = 1 as is_over,
        count(*) as n_projects,
        count(case when not is_late then 1 end) as n_on_schedule,
        count(case when started_on is null then 1 end) as n_not_started,
        count(case when started_on is not null and completed_on is null and planned_finish_on < until_on then 1 end)
            as n_not_finished,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_item_schedules') }}
    group by directive, item
),

newest as (
    select
        rows.directive,
        rows.item,
        max(rows.delivery_id) as delivery_id
    from {{ ref('int_item_schedules') }} as rows
    inner join counted
        on
            rows.directive = counted.directive
            and rows.item = counted.item
            and rows.released_on = counted.released_on
    group by rows.directive, rows.item
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            'schedules_kept',
            case when n_not_started > 0 then 'schedules_not_started' end,
            case when n_not_finished > 0 then 'schedules_not_finished' end
        ) as detail_codes,
        to_json({
            'on_schedule': n_on_schedule,
            'projects': n_projects,
            'not_started': n_not_started,
            'not_finished': n_not_finished
        }) as detail_values
    from counted
)

select
    evidence.directive,
    evidence.item,
    'computed_from_counts' as evidence_basis,
    {{ months_until('evidence.first_on', 'evidence.until_on') }} as evidence_period,
    evidence.is_over as covers_target_period,
    cast(round(100 * cast(evidence.n_on_schedule as double) / evidence.n_projects, 4) as decimal(12, 4)) as actual,
    cast(null as decimal(12, 4)) as value_year_before,
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
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id
