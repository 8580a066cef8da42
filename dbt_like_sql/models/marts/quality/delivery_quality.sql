-- Every delivery known on the day and what became of it, including refused ones. A withdrawal or a waiver that names
-- nothing is a warning about the delivery that brought it.
with idle as (
    select
        feed,
        delivery_id,
        cast(count(*) as integer) as idle_rows,
        string_agg(idle_reason, '; ' order by source_row, rule) as idle_reasons
    from {{ ref('int_withdrawal_and_waiver_effects') }}
    where idle_reason is not null
    group by feed, delivery_id
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
    message_vi(
        nullif(
            concat_ws(
                ' ',
                case
                    when deliveries.reason is null then null
                    when deliveries.status = 'withdrawn' then 'delivery_withdrawn'
                    when deliveries.status = 'rejected' and deliveries.findings_critical = 0
                        then 'delivery_refused_whole'
                    when deliveries.status = 'rejected' then 'delivery_refused'
                    when deliveries.findings_critical > 0 then 'delivery_in_part'
                    else 'delivery_with_warnings'
                end,
                case when idle.idle_reasons is not null then 'delivery_idle' end
            ),
            ''
        ),
        to_json({
            'n_critical': deliveries.findings_critical,
            'n_warning': deliveries.findings_warning,
            'n_waived': deliveries.findings_waived,
            'n_rejected': deliveries.rows_rejected,
            'n_idle': idle.idle_rows
        })
    ) as reason_vi,
    deliveries.rows_in,
    deliveries.rows_accepted,
    deliveries.rows_rejected,
    deliveries.findings_critical,
    cast(deliveries.findings_warning + coalesce(idle.idle_rows, 0) as integer) as findings_warning,
    deliveries.is_simulated,
    cast(deliveries.rows_in - deliveries.rows_accepted - deliveries.rows_rejected as bigint) as rows_unaccounted,
    deliveries.findings_waived,
    deliveries.revision,
    deliveries.note,
    deliveries.rows_held,
    deliveries.rows_set_aside,
    deliveries.set_aside_as,
    deliveries.cells_corrected
from {{ ref('stg_deliveries') }} as deliveries
left join idle
    on
        deliveries.feed = idle.feed
        and deliveries.delivery_id = idle.delivery_id
order by deliveries.feed, deliveries.released_on, deliveries.delivery_id
