-- Money beyond a plan or a total investment is found only beside the plan and the register, and counts for the delivery
-- whose voucher was the last. It is waived as any other finding, for that delivery and rule.
with beyond as (
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

waivers as (
    select
        delivery_file,
        rule,
        waived_on,
        reason
    from {{ ref('stg_finding_waivers') }}
    where waived_on <= {{ var('as_of') }}
),

in_words as (
    select
        money.*,
        deliveries.feed,
        deliveries.source_file,
        waivers.rule is not null as waived,
        concat_ws(
            ' ',
            case money.rule
                when 'disbursed_is_never_above_plan' then 'money_beyond_plan'
                else 'money_beyond_total_investment'
            end,
            case when waivers.rule is not null then 'money_beyond_waived' else 'money_beyond_what_to_do' end
        ) as money_codes,
        to_json({
            'n_found': money.n_found,
            'n_projects': money.n_projects,
            'project': money.project_code,
            'budget_year': money.budget_year,
            'excess_vnd': money.excess_vnd,
            'waived_on': waivers.waived_on,
            'why': waivers.reason,
            'what_to_do': coalesce(remedies.remedy_vi, '')
        }) as money_values
    from money
    inner join {{ ref('stg_deliveries') }} as deliveries
        on
            money.delivery_id = deliveries.delivery_id
            and deliveries.feed = 'treasury_disbursement'
    left join waivers
        on
            deliveries.source_file = waivers.delivery_file
            and money.rule = waivers.rule
    left join {{ ref('finding_remedies') }} as remedies on money.rule = remedies.rule
)

select
    feed,
    delivery_id,
    source_file,
    rule,
    first_source_row,
    n_found as findings,
    waived,
    message_en(money_codes, money_values) as next_step_en,
    message_vi(money_codes, money_values) as next_step_vi
from in_words
