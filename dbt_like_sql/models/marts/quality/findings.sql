-- Which rule failed in which delivery, and how often. Values of cells are left out: they may lead to a person.
with counted as (
    select
        delivery_id,
        feed,
        rule,
        severity,
        string_agg(distinct column_name, ', ' order by column_name) as column_names,
        min(source_row) as first_source_row,
        min(next_step) as next_step_en,
        cast(count(*) as integer) as findings,
        cast(sum(case when waived then 1 else 0 end) as integer) as findings_waived
    from {{ ref('stg_findings') }}
    group by delivery_id, feed, rule, severity
)

select
    counted.feed,
    counted.delivery_id,
    deliveries.source_file,
    deliveries.supplier,
    deliveries.period,
    deliveries.released_on,
    counted.rule,
    counted.severity,
    counted.column_names,
    counted.first_source_row,
    counted.findings,
    counted.findings_waived,
    counted.next_step_en,
    coalesce(
        remedies.remedy_vi,
        message_vi(
            case counted.severity
                when 'critical' then 'finding_next_critical'
                when 'warning' then 'finding_next_warning'
                when 'info' then 'finding_next_info'
            end,
            '{}'
        )
    ) as next_step_vi,
    deliveries.is_simulated
from counted
inner join {{ ref('stg_deliveries') }} as deliveries
    on
        counted.delivery_id = deliveries.delivery_id
        and counted.feed = deliveries.feed
left join {{ ref('finding_remedies') }} as remedies on counted.rule = remedies.rule
union all
select
    deliveries.feed,
    money.delivery_id,
    deliveries.source_file,
    deliveries.supplier,
    deliveries.period,
    deliveries.released_on,
    money.rule,
    'warning' as severity,
    'amount_vnd' as column_names,
    money.first_source_row,
    money.findings,
    case when money.waived then money.findings else 0 end as findings_waived,
    money.next_step_en,
    money.next_step_vi,
    deliveries.is_simulated
from {{ ref('int_money_findings') }} as money
inner join {{ ref('stg_deliveries') }} as deliveries
    on
        money.delivery_id = deliveries.delivery_id
        and money.feed = deliveries.feed
