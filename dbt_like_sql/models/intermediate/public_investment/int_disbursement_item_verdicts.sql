-- Each target by its own threshold: what is still needed by its milestone, and whether the board has ever paid so fast.
with items as (
    select
        directive,
        item,
        board_code,
        comparator,
        threshold,
        deadline_on,
        denominator,
        {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate' and threshold is not null
),

milestones as (
    select
        items.directive,
        items.item,
        items.comparator,
        items.threshold,
        days.plan_vnd,
        days.money_known_on,
        days.disbursed_pct,
        days.counted_vnd,
        round(
            cast(days.counted_vnd as double) * 100
            / (cast(days.plan_vnd as double) * cast(nullif(expected.expected_share_pct, 0) as double)),
            10
        ) as exact_ratio,
        ways.is_final,
        ways.final_due_on,
        ways.working_days_left,
        pace.best_paid_vnd,
        pace.best_plan_vnd,
        pace.best_pace_pct,
        {{ money_asked('days.plan_vnd', 'items.threshold') }} as asked_vnd
    from items
    inner join {{ ref('int_disbursement_item_days') }} as days
        on
            items.directive = days.directive
            and items.item = days.item
    inner join {{ ref('int_milestone_days') }} as ways
        on
            items.budget_year = ways.budget_year
            and days.on_date = ways.on_date
            and items.deadline_on = ways.milestone_on
    left join {{ ref('int_disbursement_expected') }} as expected
        on
            items.board_code = expected.board_code
            and items.budget_year = expected.budget_year
            and days.money_known_on = expected.on_date
            and items.denominator = expected.denominator
            and days.is_simulated = expected.for_simulated
    left join {{ ref('int_disbursement_pace') }} as pace
        on
            items.board_code = pace.board_code
            and items.budget_year = pace.budget_year
            and items.denominator = pace.denominator
            and days.is_simulated = pace.for_simulated
            and days.money_known_on = pace.money_known_on
            and case when ways.working_days_left = 0 then 1 else ways.working_days_left end = pace.working_days_left
    where items.threshold is not null and days.disbursed_pct is not null
),

compared as (
    select
        *,
        {{ is_money_reached('milestones') }} as is_reached,
        {{ money_needed('milestones') }} as needed_vnd
    from milestones
),

limits as (
    {{ status_limits() }}
),

paced as (
    select
        compared.*,
        limits.on_track_from,
        limits.at_risk_from,
        limits.off_track_from,
        limits.on_track_pace_to,
        limits.at_risk_pace_to,
        {{ pace_ratio('compared') }} as pace_ratio
    from compared
    cross join limits
),

with_messages as (
    select
        *,
        {{ disbursement_status('paced') }} as status,
        concat_ws(
            ' ',
            case
                when is_final then null
                when final_due_on >= {{ var('as_of') }} then 'milestone_figures_to'
                else 'milestone_figures_late'
            end,
            case when not is_final and needed_vnd > 0 then 'detail_and' end,
            case
                when is_final or needed_vnd = 0 then null
                when working_days_left = 0 then 'milestone_still_short'
                else 'milestone_needed'
            end,
            case
                when is_final or needed_vnd = 0 or working_days_left = 0 then null
                when best_pace_pct is not null then 'milestone_best_pace'
                else 'milestone_no_pace'
            end,
            case
                when not is_final or abs(disbursed_pct - threshold) >= 0.005 then null
                when is_reached then 'milestone_over_by'
                else 'milestone_short_by'
            end
        ) as milestone_codes,
        to_json({
            'money_known_on': money_known_on,
            'final_due_on': final_due_on,
            'needed_vnd': cast(needed_vnd as decimal(18, 0)),
            'over_by_vnd': cast(floor(counted_vnd - asked_vnd) as decimal(18, 0)),
            'working_days_left': working_days_left,
            'needed_per_working_day_pct': {{ needed_per_working_day('paced') }},
            'best_pace_pct': best_pace_pct
        }) as milestone_values
    from paced
)

select
    directive,
    item,
    status,
    cast(needed_vnd as decimal(18, 0)) as needed_vnd,
    cast(working_days_left as integer) as working_days_left,
    message_en(nullif(milestone_codes, ''), milestone_values) as detail_en,
    message_vi(nullif(milestone_codes, ''), milestone_values) as detail_vi
from with_messages
