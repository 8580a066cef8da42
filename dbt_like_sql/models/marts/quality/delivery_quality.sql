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
        cast(sum(case when waived then 0 else findings end) as integer) as beyond_rows,
        cast(sum(case when waived then findings else 0 end) as integer) as waived_rows
    from {{ ref('int_money_findings') }}
    group by feed, delivery_id
),

-- what is to be done about what was found, each rule once, the gravest first
remedies as (
    select
        feed,
        delivery_id,
        string_agg(next_step_en, ' ' order by case severity when 'critical' then 0 else 1 end, rule) as next_steps_en,
        string_agg(next_step_vi, ' ' order by case severity when 'critical' then 0 else 1 end, rule) as next_steps_vi
    from {{ ref('findings') }}
    where severity in ('critical', 'warning') and findings > findings_waived
    group by feed, delivery_id
),

waived_findings as (
    select distinct
        found.feed,
        found.delivery_id,
        waivers.waived_on,
        to_json({
            'waived_on': waivers.waived_on,
            'why': waivers.reason
        }) as waiver_values
    from {{ ref('findings') }} as found
    inner join {{ ref('stg_finding_waivers') }} as waivers
        on
            found.source_file = waivers.delivery_file
            and found.rule = waivers.rule
    where found.findings_waived > 0 and waivers.waived_on <= {{ var('as_of') }}
),

waivers as (
    select
        feed,
        delivery_id,
        string_agg(
            message_en('delivery_waived_one', waiver_values), '; ' order by waived_on, waiver_values
        ) as waivers_en,
        string_agg(
            message_vi('delivery_waived_one', waiver_values), '; ' order by waived_on, waiver_values
        ) as waivers_vi
    from waived_findings
    group by feed, delivery_id
),

-- What was decided, in a sentence without codes; what was found where stands in `reason`.
coded as (
    select
        deliveries.feed,
        deliveries.delivery_id,
        nullif(
            concat_ws(
                ' ',
                case when waivers.waivers_vi is not null then 'delivery_waived' end,
                case
                    when deliveries.status = 'withdrawn' and withdrawals.withdrawn_on is not null
                        then 'delivery_withdrawn'
                    when deliveries.status = 'rejected' and remedies.next_steps_vi is not null
                        then 'delivery_refused'
                    when deliveries.status = 'rejected' then 'delivery_refused_whole'
                    when deliveries.status = 'accepted_in_part' then 'delivery_in_part'
                    when deliveries.findings_warning + coalesce(beyond.beyond_rows, 0) > 0 then 'delivery_warned'
                    when deliveries.reason is not null and waivers.waivers_vi is null then 'delivery_noted'
                end
            ),
            ''
        ) as reason_codes,
        to_json({
            'withdrawn_on': withdrawals.withdrawn_on,
            'why': withdrawals.reason,
            'n_critical': deliveries.findings_critical,
            'n_warning': deliveries.findings_warning + coalesce(beyond.beyond_rows, 0),
            'n_rejected': deliveries.rows_rejected,
            'n_in': deliveries.rows_in,
            'waivers_en': waivers.waivers_en,
            'waivers_vi': waivers.waivers_vi,
            'what_to_do_en': coalesce(remedies.next_steps_en, ''),
            'what_to_do_vi': coalesce(remedies.next_steps_vi, '')
        }) as reason_values
    from {{ ref('stg_deliveries') }} as deliveries
    left join beyond
        on
            deliveries.feed = beyond.feed
            and deliveries.delivery_id = beyond.delivery_id
    left join remedies
        on
            deliveries.feed = remedies.feed
            and deliveries.delivery_id = remedies.delivery_id
    left join waivers
        on
            deliveries.feed = waivers.feed
            and deliveries.delivery_id = waivers.delivery_id
    left join {{ ref('stg_delivery_withdrawals') }} as withdrawals on deliveries.source_file = withdrawals.delivery_file
),

-- after it what the delivery names in vain
in_words as (
    select
        coded.feed,
        coded.delivery_id,
        idle.idle_rows,
        idle.idle_reasons,
        nullif(concat_ws(' ', trim(message_en(coded.reason_codes, coded.reason_values)), idle.idle_reasons), '')
            as reason_en,
        nullif(concat_ws(' ', trim(message_vi(coded.reason_codes, coded.reason_values)), idle.idle_reasons_vi), '')
            as reason_vi
    from coded
    left join idle
        on
            coded.feed = idle.feed
            and coded.delivery_id = idle.delivery_id
)

select
    deliveries.delivery_id,
    deliveries.feed,
    deliveries.source_file,
    deliveries.supplier,
    deliveries.period,
    deliveries.released_on,
    case when deliveries.is_superseded then 'superseded' else deliveries.status end as status,
    in_words.reason_en,
    nullif(concat_ws(' ', deliveries.reason, in_words.idle_reasons), '') as reason,
    deliveries.rows_in,
    deliveries.rows_accepted,
    deliveries.rows_rejected,
    deliveries.findings_critical,
    cast(
        deliveries.findings_warning + coalesce(in_words.idle_rows, 0) + coalesce(beyond.beyond_rows, 0) as integer
    ) as findings_warning,
    deliveries.is_simulated,
    cast(deliveries.rows_in - deliveries.rows_accepted - deliveries.rows_rejected as bigint) as rows_unaccounted,
    cast(deliveries.findings_waived + coalesce(beyond.waived_rows, 0) as integer) as findings_waived,
    deliveries.revision,
    deliveries.note,
    deliveries.rows_held,
    deliveries.rows_set_aside,
    deliveries.set_aside_as,
    deliveries.cells_corrected,
    in_words.reason_vi
from {{ ref('stg_deliveries') }} as deliveries
left join in_words
    on
        deliveries.feed = in_words.feed
        and deliveries.delivery_id = in_words.delivery_id
left join beyond
    on
        deliveries.feed = beyond.feed
        and deliveries.delivery_id = beyond.delivery_id
order by deliveries.feed, deliveries.released_on, deliveries.delivery_id
