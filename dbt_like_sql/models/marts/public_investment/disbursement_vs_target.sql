-- Thresholds are compared on exact products, without division: exactly 95 % is not more than 95 %.
with next_milestones as (
    select
        boards.board_code,
        boards.budget_year,
        boards.on_date,
        boards.denominator,
        min(milestones.milestone_on) as milestone_on
    from {{ ref('int_board_disbursement') }} as boards
    inner join {{ ref('int_disbursement_milestones') }} as milestones
        on
            boards.board_code = milestones.board_code
            and boards.budget_year = milestones.budget_year
            and boards.on_date <= milestones.milestone_on
    group by boards.board_code, boards.budget_year, boards.on_date, boards.denominator
),

plan_days as (
    select
        plans.*,
        row_number() over (
            partition by plans.board_code, plans.budget_year, plans.on_date, plans.denominator
            order by directives.issued_on desc, plans.directive desc
        ) as row_number
    from {{ ref('int_board_plan_at_directive') }} as plans
    inner join {{ ref('directives') }} as directives on plans.directive = directives.directive
),

names as (
    select distinct
        denominator,
        is_default_denominator,
        label_en,
        label_vi
    from {{ ref('denominators') }}
),

-- a milestone whose own money is not known yet shows the newest money before it
joined as (
    select
        shown.board_code,
        shown.budget_year,
        shown.on_date,
        shown.denominator,
        names.is_default_denominator,
        names.label_en,
        names.label_vi,
        boards.plan_vnd,
        coalesce(plans.directive, newest_plans.directive) as directive,
        coalesce(plans.plan_at_directive_vnd, newest_plans.plan_at_directive_vnd) as plan_at_directive_vnd,
        boards.disbursed_vnd,
        boards.over_disbursed_vnd,
        boards.advances_outstanding_vnd,
        boards.adjustments_vnd,
        boards.released_on,
        boards.is_simulated,
        days.opens_on,
        days.covered_from_on,
        days.covered_to_on,
        days.gap_from_on,
        days.gap_to_on,
        days.gap_reason,
        days.money_known_on,
        days.money_known_on is not null as is_money_known,
        milestones.milestone,
        milestones.milestone_on,
        milestones.comparator,
        milestones.threshold_pct,
        milestones.target_denominator,
        to_milestone.is_final,
        to_milestone.final_due_on,
        to_milestone.is_newest_money,
        to_milestone.working_days_left,
        boards.counted_vnd,
        boards.disbursed_pct,
        expected.expected_share_pct,
        expected.expected_basis,
        expected.expected_years,
        pace.best_paid_vnd,
        pace.best_plan_vnd,
        pace.best_pace_pct,
        pace.best_pace_to_on
    from {{ ref('int_board_disbursement') }} as shown
    inner join {{ ref('int_disbursement_days') }} as days
        on
            shown.budget_year = days.budget_year
            and shown.on_date = days.on_date
            and days.is_shown
    inner join names on shown.denominator = names.denominator
    left join {{ ref('int_board_disbursement') }} as boards
        on
            shown.board_code = boards.board_code
            and shown.budget_year = boards.budget_year
            and coalesce(days.money_known_on, days.on_date) = boards.on_date
            and shown.denominator = boards.denominator
    left join next_milestones
        on
            shown.board_code = next_milestones.board_code
            and shown.budget_year = next_milestones.budget_year
            and shown.on_date = next_milestones.on_date
            and shown.denominator = next_milestones.denominator
    left join {{ ref('int_disbursement_milestones') }} as milestones
        on
            next_milestones.board_code = milestones.board_code
            and next_milestones.budget_year = milestones.budget_year
            and next_milestones.milestone_on = milestones.milestone_on
    left join {{ ref('int_milestone_days') }} as to_milestone
        on
            shown.budget_year = to_milestone.budget_year
            and shown.on_date = to_milestone.on_date
            and next_milestones.milestone_on = to_milestone.milestone_on
    left join {{ ref('int_board_plan_at_directive') }} as plans
        on
            boards.board_code = plans.board_code
            and boards.budget_year = plans.budget_year
            and boards.on_date = plans.on_date
            and boards.denominator = plans.denominator
            and milestones.directive = plans.directive
    left join plan_days as newest_plans
        on
            boards.board_code = newest_plans.board_code
            and boards.budget_year = newest_plans.budget_year
            and boards.on_date = newest_plans.on_date
            and boards.denominator = newest_plans.denominator
            and milestones.directive is null
            and newest_plans.row_number = 1
    left join {{ ref('int_disbursement_expected') }} as expected
        on
            boards.board_code = expected.board_code
            and boards.budget_year = expected.budget_year
            and boards.on_date = expected.on_date
            and boards.denominator = expected.denominator
            and boards.is_simulated = expected.for_simulated
    left join {{ ref('int_disbursement_pace') }} as pace
        on
            boards.board_code = pace.board_code
            and boards.budget_year = pace.budget_year
            and boards.denominator = pace.denominator
            and boards.is_simulated = pace.for_simulated
            and days.money_known_on = pace.money_known_on
            and case when to_milestone.working_days_left = 0 then 1 else to_milestone.working_days_left end
            = pace.working_days_left
),

measured as (
    select
        *,
        case
            when plan_at_directive_vnd > 0
                then
                    cast(
                        round(cast(counted_vnd as double) * 100 / cast(plan_at_directive_vnd as double), 4)
                        as decimal(12, 4)
                    )
        end as disbursed_of_plan_at_directive_pct,
        cast(expected_share_pct as decimal(12, 4)) as expected_pct,
        round(
            cast(counted_vnd as double) * 100
            / (cast(plan_vnd as double) * cast(nullif(expected_share_pct, 0) as double)),
            10
        ) as exact_ratio,
        {{ money_asked('plan_vnd', 'threshold_pct') }} as asked_vnd
    from joined
),

compared as (
    select
        *,
        {{ is_money_reached('measured') }} as is_reached,
        {{ money_needed('measured') }} as needed_vnd
    from measured
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
        {{ pace_ratio('compared') }} as pace_ratio,
        {{ needed_per_working_day('compared') }} as needed_per_working_day_pct
    from compared
    cross join limits
),

judged as (
    select
        *,
        case
            when counted_vnd is null then 'no_data'
            when milestone is null then 'monitored'
            else {{ disbursement_status('paced') }}
        end as status,
        case when comparator = '>' then 'disbursed_more_than' else 'disbursed_at_least' end as asked_codes,
        concat_ws(
            ' ',
            'disbursed_gap',
            case
                when gap_reason = 'rejected' then 'disbursed_gap_rejected'
                when gap_reason = 'withdrawn' then 'disbursed_gap_withdrawn'
            end
        ) as gap_codes
    from paced
),

reasons as (
    select
        *,
        case
            when covered_to_on is null then 'disbursed_no_data'
            when not is_money_known and gap_from_on is not null
                then concat_ws(' ', gap_codes, 'disbursed_gap_unknown')
            when not is_money_known and on_date > covered_to_on then 'disbursed_data_end'
            when not is_money_known then 'disbursed_data_begin'
            when plan_vnd is null or plan_vnd <= 0 then 'disbursed_no_plan'
            when status = 'monitored' then 'disbursed_monitored'
            when is_final
                then
                    concat_ws(
                        ' ',
                        'disbursed_against',
                        asked_codes,
                        case when is_reached then 'disbursed_reached' else 'disbursed_not_reached' end,
                        case
                            when abs(disbursed_pct - threshold_pct) >= 0.005 then null
                            when is_reached then 'disbursed_over_by'
                            else 'disbursed_short_by'
                        end
                    )
            when expected_pct is not null
                then
                    concat_ws(
                        ' ',
                        'disbursed_expected',
                        case
                            when expected_basis = 'earlier_years_course' then 'disbursed_on_course'
                            else 'disbursed_on_line'
                        end,
                        asked_codes,
                        'disbursed_by_milestone',
                        case when expected_basis = 'straight_line_assumed' then 'disbursed_line_assumed' end,
                        case when exact_ratio is not null then 'disbursed_ratio' else 'disbursed_no_ratio' end,
                        case
                            when needed_vnd > 0 and working_days_left > 0 then 'disbursed_needed'
                            when needed_vnd > 0 then 'disbursed_still_short'
                        end,
                        case
                            when needed_vnd > 0 and working_days_left > 0 and best_pace_pct is not null
                                then 'disbursed_best_pace'
                            when needed_vnd > 0 and working_days_left > 0 then 'disbursed_no_pace'
                        end
                    )
        end as verdict_codes
    from judged
),

with_messages as (
    select
        *,
        case
            when board_code = 'PROVINCE' then 'board_province'
            when board_code = 'UNASSIGNED' then 'board_unassigned'
        end as board_codes,
        case
            when verdict_codes is not null
                then
                    concat_ws(
                        ' ',
                        verdict_codes,
                        case
                            when is_money_known and money_known_on < on_date and gap_from_on is not null
                                then concat_ws(' ', 'disbursed_but', gap_codes)
                        end,
                        case
                            when not is_final and (is_newest_money or money_known_on < on_date)
                                then
                                    case
                                        when final_due_on >= {{ var('as_of') }} then 'disbursed_figures_to'
                                        else 'disbursed_figures_late'
                                    end
                            when money_known_on < on_date then 'disbursed_known_to'
                        end,
                        case when is_money_known and over_disbursed_vnd > 0 then 'disbursed_beyond_plan' end,
                        case when is_money_known and covered_from_on > opens_on then 'disbursed_from_then_on' end
                    )
        end as reason_codes,
        to_json({
            'label_en': label_en,
            'label_vi': label_vi,
            'gap_from_on': gap_from_on,
            'gap_to_on': gap_to_on,
            'covered_from_on': covered_from_on,
            'covered_to_on': covered_to_on,
            'disbursed_pct': disbursed_pct,
            'threshold_pct': threshold_pct,
            'milestone_on': milestone_on,
            'money_known_on': money_known_on,
            'final_due_on': final_due_on,
            'over_by_vnd': cast(floor(counted_vnd - asked_vnd) as decimal(18, 0)),
            'needed_vnd': cast(needed_vnd as decimal(18, 0)),
            'working_days_left': working_days_left,
            'needed_per_working_day_pct': needed_per_working_day_pct,
            'best_pace_pct': best_pace_pct,
            'expected_pct': expected_pct,
            'expected_years': expected_years,
            'progress_ratio': cast(exact_ratio as decimal(12, 4)),
            'over_disbursed_vnd': over_disbursed_vnd
        }) as reason_values
    from reasons
)

select
    with_messages.board_code,
    coalesce(message_vi(with_messages.board_codes, null), boards.name_vi) as board_name_vi,
    coalesce(message_en(with_messages.board_codes, null), boards.name_en) as board_name_en,
    with_messages.budget_year,
    with_messages.on_date,
    with_messages.denominator,
    with_messages.denominator = coalesce(with_messages.target_denominator, '') as is_target_denominator,
    with_messages.plan_vnd,
    with_messages.directive,
    with_messages.plan_at_directive_vnd,
    case when with_messages.is_money_known then coalesce(with_messages.disbursed_vnd, 0) end as disbursed_vnd,
    with_messages.over_disbursed_vnd,
    with_messages.disbursed_pct,
    with_messages.disbursed_of_plan_at_directive_pct,
    with_messages.advances_outstanding_vnd,
    cast(
        with_messages.disbursed_vnd - with_messages.advances_outstanding_vnd - with_messages.adjustments_vnd
        as decimal(18, 0)
    ) as accepted_volume_paid_vnd,
    with_messages.adjustments_vnd,
    with_messages.money_known_on,
    with_messages.is_final,
    with_messages.final_due_on,
    with_messages.milestone,
    with_messages.milestone_on,
    with_messages.comparator,
    with_messages.threshold_pct,
    cast(with_messages.disbursed_pct - with_messages.threshold_pct as decimal(12, 4)) as gap_pp,
    with_messages.expected_pct,
    with_messages.expected_basis,
    with_messages.expected_years,
    cast(with_messages.exact_ratio as decimal(12, 4)) as progress_ratio,
    cast(with_messages.needed_vnd as decimal(18, 0)) as needed_vnd,
    cast(with_messages.working_days_left as integer) as working_days_left,
    cast(
        case
            when with_messages.needed_vnd = 0 then 0
            when with_messages.working_days_left > 0
                then
                    -- rounded up: the remainder is taken off first, so that the division is exact
                    (
                        with_messages.needed_vnd + with_messages.working_days_left - 1
                        - mod(
                            with_messages.needed_vnd + with_messages.working_days_left - 1,
                            with_messages.working_days_left
                        )
                    ) / with_messages.working_days_left
        end as decimal(18, 0)
    ) as needed_per_working_day_vnd,
    with_messages.needed_per_working_day_pct,
    with_messages.best_pace_pct,
    with_messages.best_pace_to_on,
    cast(with_messages.pace_ratio as decimal(18, 4)) as pace_ratio,
    with_messages.status,
    message_en(with_messages.reason_codes, with_messages.reason_values) as status_reason_en,
    message_vi(with_messages.reason_codes, with_messages.reason_values) as status_reason_vi,
    with_messages.released_on,
    with_messages.is_simulated,
    with_messages.board_code = 'PROVINCE' as is_total,
    with_messages.is_default_denominator,
    coalesce(
        with_messages.on_date = max(case when with_messages.is_money_known then with_messages.on_date end) over (
            partition by with_messages.board_code, with_messages.budget_year, with_messages.denominator
        ),
        false
    ) as is_latest
from with_messages
left join {{ ref('boards') }} as boards on with_messages.board_code = boards.board_code
order by with_messages.board_code, with_messages.budget_year, with_messages.on_date, with_messages.denominator
