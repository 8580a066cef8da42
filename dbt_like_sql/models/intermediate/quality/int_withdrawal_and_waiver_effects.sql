-- Withdrawals and waivers in force, with how many deliveries and findings each names. One that names none was misspelt,
-- or what it names never came. Those that a later delivery of the same feed and period corrected are left out.
with declared as (
    select
        'delivery_withdrawals' as feed,
        delivery_id,
        source_file,
        source_row,
        delivery_file,
        '' as rule
    from {{ ref('stg_delivery_withdrawals') }}
    where withdrawn_on <= {{ var('as_of') }}
    union all
    select
        'finding_waivers' as feed,
        delivery_id,
        source_file,
        source_row,
        delivery_file,
        rule
    from {{ ref('stg_finding_waivers') }}
    where waived_on <= {{ var('as_of') }}
),

in_order as (
    select
        delivery_id,
        feed,
        row_number() over (
            partition by feed, period order by released_on desc, revision desc, delivery_id desc
        ) as row_number
    from {{ ref('stg_deliveries') }}
    where feed in ('delivery_withdrawals', 'finding_waivers') and status = 'accepted'
),

deliveries as (
    select
        source_file as delivery_file,
        count(*) as deliveries_named,
        sum(case when status = 'withdrawn' then 1 else 0 end) as withdrawn
    from {{ ref('stg_deliveries') }}
    group by source_file
),

findings as (
    select
        source_file as delivery_file,
        rule,
        count(*) as findings_named
    from {{ source('ledger', 'findings') }}
    group by source_file, rule
    union all
    select
        source_file as delivery_file,
        rule,
        findings as findings_named
    from {{ ref('int_money_findings') }}
),

-- What would be found in a delivery that is withdrawn no longer matters.
named as (
    select
        declared.*,
        cast(coalesce(deliveries.deliveries_named, 0) as integer) as deliveries_named,
        case
            when declared.rule = '' or deliveries.deliveries_named is null or deliveries.withdrawn > 0 then null
            else cast(coalesce(findings.findings_named, 0) as integer)
        end as findings_named
    from declared
    inner join in_order
        on
            declared.feed = in_order.feed
            and declared.delivery_id = in_order.delivery_id
            and in_order.row_number = 1
    left join deliveries on declared.delivery_file = deliveries.delivery_file
    left join findings
        on
            declared.delivery_file = findings.delivery_file
            and declared.rule = findings.rule
),

with_messages as (
    select
        *,
        case
            when deliveries_named = 0 then 'declaration_names_no_delivery'
            when findings_named = 0 then 'declaration_waives_nothing'
        end as idle_codes,
        to_json({
            'row': source_row,
            'delivery': delivery_file,
            'rule': rule
        }) as idle_values
    from named
)

select
    feed,
    delivery_id,
    source_file,
    source_row,
    delivery_file,
    rule,
    deliveries_named,
    findings_named,
    message_en(idle_codes, idle_values) as idle_reason,
    message_vi(idle_codes, idle_values) as idle_reason_vi
from with_messages
