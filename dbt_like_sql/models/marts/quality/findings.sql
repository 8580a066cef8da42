-- Which rule failed in which delivery, and how often. Values of cells are left out: they may lead to a person. Money
-- beyond a plan or a total investment is found only beside the plan and the register, and counts for the delivery whose
-- voucher was the last.
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
),

beyond as (
    select
        'disbursed_is_never_above_plan' as rule,
        delivery_id,
        source_row,
        project_code,
        budget_year,
        over_disbursed_vnd as excess_vnd
    from {{ ref('int_money_beside_plan') }}
    where
        over_disbursed_vnd > 0
        and delivery_id is not null
        -- of a budget year without any plan there is nothing to be beyond of
        and budget_year in (
            select planned.budget_year
            from {{ ref('int_money_beside_plan') }} as planned
            where planned.plan_vnd > 0
        )
    union all
    select
        'disbursed_is_never_above_total_investment' as rule,
        delivery_id,
        source_row,
        project_code,
        cast(null as integer) as budget_year,
        beyond_total_investment_vnd as excess_vnd
    from {{ ref('int_money_beside_total_investment') }}
    where beyond_total_investment_vnd > 0 and delivery_id is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by rule, delivery_id order by excess_vnd desc, project_code asc, budget_year desc
        ) as row_number
    from beyond
),

money as (
    select
        rule,
        delivery_id,
        cast(count(*) as integer) as n_found,
        cast(count(distinct project_code) as integer) as n_projects,
        min(source_row) as first_source_row,
        max(case when row_number = 1 then project_code end) as project_code,
        max(case when row_number = 1 then budget_year end) as budget_year,
        max(excess_vnd) as excess_vnd
    from ranked
    group by rule, delivery_id
),

money_in_words as (
    select
        money.*,
        case money.rule
            when 'disbursed_is_never_above_plan' then 'money_beyond_plan'
            else 'money_beyond_total_investment'
        end as money_codes,
        to_json({
            'n_found': money.n_found,
            'n_projects': money.n_projects,
            'project': money.project_code,
            'budget_year': money.budget_year,
            'excess_vnd': money.excess_vnd,
            'what_to_do_vi': coalesce(remedies.remedy_vi, ''),
            'what_to_do_en': message_en('money_beyond_what_to_do', '{}')
        }) as money_values
    from money
    left join {{ ref('finding_remedies') }} as remedies on money.rule = remedies.rule
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
    money_in_words.delivery_id,
    deliveries.source_file,
    deliveries.supplier,
    deliveries.period,
    deliveries.released_on,
    money_in_words.rule,
    'warning' as severity,
    'amount_vnd' as column_names,
    money_in_words.first_source_row,
    money_in_words.n_found as findings,
    0 as findings_waived,
    message_en(money_in_words.money_codes, money_in_words.money_values) as next_step_en,
    message_vi(money_in_words.money_codes, money_in_words.money_values) as next_step_vi,
    deliveries.is_simulated
from money_in_words
inner join {{ ref('stg_deliveries') }} as deliveries on money_in_words.delivery_id = deliveries.delivery_id
