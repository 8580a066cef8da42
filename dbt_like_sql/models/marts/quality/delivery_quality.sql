-- Every delivery known on the day and what became of it, including refused ones. A withdrawal or a waiver that names
-- nothing is a warning about the delivery that brought it; so is money beyond a plan or a total investment.
with idle as (
    select
        feed,
        delivery_id,
        cast(count(*) as integer) as idle_rows,
        string_agg(idle_reason, '; ' order by source_row, rule) as idle_reasons,
        string_agg(idle_reason_vi, '; ' order by source_row, rule) as idle_reasons_vi
    from {{ ref('int_withdrawal_and_waiver_effects') }}
    where idle_reason is not null
    group by feed, delivery_id
),

-- what only the plan and the register show of a delivery, and no rule of its feed
beyond as (
    select
        feed,
        delivery_id,
        cast(sum(findings) as integer) as beyond_rows
    from {{ ref('findings') }}
    where rule in ('disbursed_is_never_above_plan', 'disbursed_is_never_above_total_investment')
    group by feed, delivery_id
),

-- what is to be done about what was found, each rule once, the gravest first
remedies as (
    select
        feed,
        delivery_id,
        string_agg(next_step_vi, ' ' order by case severity when 'critical' then 0 else 1 end, rule) as next_steps_vi
    from {{ ref('findings') }}
    where severity in ('critical', 'warning')
    group by feed, delivery_id
),

in_words as (
    select
        deliveries.feed,
        deliveries.delivery_id,
        message_vi(
            case
                when deliveries.reason is null then null
                when deliveries.status = 'withdrawn' and withdrawals.withdrawn_on is not null then 'delivery_withdrawn'
                when deliveries.status = 'rejected' and remedies.next_steps_vi is not null then 'delivery_refused'
                when deliveries.status = 'rejected' then 'delivery_refused_whole'
                when deliveries.status = 'accepted_in_part' then 'delivery_in_part'
                when deliveries.findings_warning > 0 then 'delivery_warned'
                else 'delivery_told'
            end,
            to_json({
                'withdrawn_on': withdrawals.withdrawn_on,
                'why': withdrawals.reason,
                'n_critical': deliveries.findings_critical,
                'n_warning': deliveries.findings_warning,
                'n_rejected': deliveries.rows_rejected,
                'n_in': deliveries.rows_in,
                'what_to_do': coalesce(remedies.next_steps_vi, '')
            })
        ) as reason_vi
    from {{ ref('stg_deliveries') }} as deliveries
    left join remedies
        on
            deliveries.feed = remedies.feed
            and deliveries.delivery_id = remedies.delivery_id
    left join {{ ref('stg_delivery_withdrawals') }} as withdrawals on deliveries.source_file = withdrawals.delivery_file
)

select
    deliveries.delivery_id,
    deliveries.feed,
    deliveries.source_file,
    deliveries.supplier,
    deliveries.period,
    deliveries.released_on,
    case when deliveries.is_superseded then 'superseded' else deliveries.status end as status,
    case
        when idle.idle_reasons is null then deliveries.reason
        else coalesce(deliveries.reason || ' ', '') || idle.idle_reasons
    end as reason_en,
    case
        when idle.idle_reasons is null then deliveries.reason
        else coalesce(deliveries.reason || ' ', '') || idle.idle_reasons
    end as reason,
    deliveries.rows_in,
    deliveries.rows_accepted,
    deliveries.rows_rejected,
    deliveries.findings_critical,
    cast(deliveries.findings_warning + coalesce(idle.idle_rows, 0) + coalesce(beyond.beyond_rows, 0) as integer)
        as findings_warning,
    deliveries.is_simulated,
    cast(deliveries.rows_in - deliveries.rows_accepted - deliveries.rows_rejected as bigint) as rows_unaccounted,
    deliveries.findings_waived,
    deliveries.revision,
    deliveries.note,
    deliveries.rows_held,
    deliveries.rows_set_aside,
    deliveries.set_aside_as,
    deliveries.cells_corrected,
    case
        when idle.idle_reasons_vi is null then in_words.reason_vi
        else coalesce(in_words.reason_vi || ' ', '') || idle.idle_reasons_vi
    end as reason_vi
from {{ ref('stg_deliveries') }} as deliveries
left join in_words
    on
        deliveries.feed = in_words.feed
        and deliveries.delivery_id = in_words.delivery_id
left join idle
    on
        deliveries.feed = idle.feed
        and deliveries.delivery_id = idle.delivery_id
left join beyond
    on
        deliveries.feed = beyond.feed
        and deliveries.delivery_id = beyond.delivery_id
order by deliveries.feed, deliveries.released_on, deliveries.delivery_id
