-- Thresholds are compared by multiplying out exact numbers: exactly 95 % is not more than 95 %.
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

closed_days as (
    select
        next_milestones.on_date,
        next_milestones.milestone_on,
        count(closed.closed_on) as closed_days
    from (
        select distinct
            on_date,
            milestone_on
        from next_milestones
    ) as next_milestones
    left join {{ ref('treasury_closed_days') }} as closed
        on
            closed.closed_on > next_milestones.on_date
            and closed.closed_on <= next_milestones.milestone_on
    group by next_milestones.on_date, next_milestones.milestone_on
),

joined as (
    select
        boards.board_code,
        boards.budget_year,
        boards.on_date,
        boards.denominator,
        boards.plan_vnd,
        boards.plan_at_directive_vnd,
        boards.disbursed_vnd,
        boards.over_disbursed_vnd,
        boards.advances_outstanding_vnd,
        boards.released_on,
        boards.is_simulated,
        days.opens_on,
        days.covered_from_on,
        days.covered_to_on,
        days.gap_from_on,
        days.gap_to_on,
        days.gap_reason,
        days.is_money_known,
        milestones.milestone,
        milestones.milestone_on,
        milestones.comparator,
        milestones.threshold_pct,
        milestones.target_denominator,
        case
            when days.is_money_known and boards.plan_vnd > 0
                then cast(coalesce(boards.disbursed_vnd, 0) - coalesce(boards.over_disbursed_vnd, 0) as decimal(18, 0))
        end as counted_vnd,
        expected.expected_share_pct,
        expected.expected_basis,
        expected.expected_years,
        -- weekdays since a Monday long ago, less those on which the Treasury is closed
        5 * floor((date_diff('day', date '1900-01-01', milestones.milestone_on) + 1) / 7.0)
        + least(mod(date_diff('day', date '1900-01-01', milestones.milestone_on) + 1, 7), 5)
        - 5 * floor((date_diff('day', date '1900-01-01', boards.on_date) + 1) / 7.0)
        - least(mod(date_diff('day', date '1900-01-01', boards.on_date) + 1, 7), 5)
        - closed_days.closed_days as working_days_left
    from {{ ref('int_board_disbursement') }} as boards
    inner join {{ ref('int_disbursement_days') }} as days
        on
            boards.budget_year = days.budget_year
            and boards.on_date = days.on_date
    left join next_milestones
        on
            boards.board_code = next_milestones.board_code
            and boards.budget_year = next_milestones.budget_year
            and boards.on_date = next_milestones.on_date
            and boards.denominator = next_milestones.denominator
    left join {{ ref('int_disbursement_milestones') }} as milestones
        on
            next_milestones.board_code = milestones.board_code
            and next_milestones.budget_year = milestones.budget_year
            and next_milestones.milestone_on = milestones.milestone_on
    left join {{ ref('int_disbursement_expected') }} as expected
        on
            boards.board_code = expected.board_code
            and boards.budget_year = expected.budget_year
            and boards.on_date = expected.on_date
            and boards.denominator = expected.denominator
            and boards.is_simulated = expected.for_simulated
    left join closed_days
        on
            next_milestones.on_date = closed_days.on_date
            and next_milestones.milestone_on = closed_days.milestone_on
),

measured as (
    select
        *,
        cast(round(cast(counted_vnd as double) * 100 / cast(plan_vnd as double), 4) as decimal(12, 4)) as disbursed_pct,
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
        -- wide on purpose: the engine multiplies two narrow decimals into a narrow one and overflows at 1,000 bn VND
        cast(plan_vnd as decimal(24, 0))
        * cast(threshold_pct * cast(0.01 as decimal(3, 2)) as decimal(12, 6)) as asked_vnd
    from joined
),

compared as (
    select
        *,
        case when comparator = '>' then counted_vnd > asked_vnd else counted_vnd >= asked_vnd end as is_reached,
        case
            when counted_vnd is not null and asked_vnd is not null
                then
                    greatest(
                        case when comparator = '>' then floor(asked_vnd) + 1 else ceil(asked_vnd) end - counted_vnd, 0
                    )
        end as needed_vnd
    from measured
),

steps as (
    select
        max(case when status = 'on_track' then minimum_progress_ratio end) as on_track_from,
        max(case when status = 'at_risk' then minimum_progress_ratio end) as at_risk_from,
        max(case when status = 'off_track' then minimum_progress_ratio end) as off_track_from
    from {{ ref('status_thresholds') }}
),

judged as (
    select
        compared.*,
        case
            when compared.counted_vnd is null then 'no_data'
            when compared.milestone is null then 'monitored'
            when compared.on_date = compared.milestone_on and compared.is_reached then 'achieved'
            when compared.on_date = compared.milestone_on then 'missed'
            when compared.exact_ratio is null then 'on_track'
            when compared.exact_ratio >= steps.on_track_from then 'on_track'
            when compared.exact_ratio >= steps.at_risk_from then 'at_risk'
            when compared.exact_ratio >= steps.off_track_from then 'off_track'
            else 'deteriorating'
        end as status,
        case when compared.comparator = '>' then 'disbursed_more_than' else 'disbursed_at_least' end as asked_codes
    from compared
    cross join steps
),

reasons as (
    select
        *,
        case
            when covered_to_on is null then 'disbursed_no_data'
            when gap_from_on is not null
                then
                    concat_ws(
                        ' ',
                        'disbursed_gap',
                        case
                            when gap_reason = 'rejected' then 'disbursed_gap_rejected'
                            when gap_reason = 'withdrawn' then 'disbursed_gap_withdrawn'
                        end,
                        'disbursed_gap_unknown'
                    )
            when on_date > covered_to_on then 'disbursed_data_end'
            when on_date < covered_from_on then 'disbursed_data_begin'
            when plan_vnd is null or plan_vnd <= 0 then 'disbursed_no_plan'
            when status = 'monitored' then 'disbursed_monitored'
            when on_date = milestone_on
                then
                    concat_ws(
                        ' ',
                        'disbursed_against',
                        asked_codes,
                        case when is_reached then 'disbursed_reached' else 'disbursed_not_reached' end
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
                        case when exact_ratio is not null then 'disbursed_ratio' else 'disbursed_no_ratio' end
                    )
        end as verdict_codes
    from judged
),

worded as (
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
                        case when is_money_known and over_disbursed_vnd > 0 then 'disbursed_beyond_plan' end,
                        case when is_money_known and covered_from_on > opens_on then 'disbursed_from_then_on' end
                    )
        end as reason_codes,
        to_json({
            'gap_from_on': gap_from_on,
            'gap_to_on': gap_to_on,
            'covered_from_on': covered_from_on,
            'covered_to_on': covered_to_on,
            'disbursed_pct': disbursed_pct,
            'threshold_pct': threshold_pct,
            'milestone_on': milestone_on,
            'expected_pct': expected_pct,
            'expected_years': expected_years,
            'progress_ratio': cast(exact_ratio as decimal(12, 4)),
            'over_disbursed_vnd': over_disbursed_vnd
        }) as reason_values
    from reasons
)

select
    worded.board_code,
    coalesce(say_vi(worded.board_codes, null), boards.name_vi) as board_name_vi,
    worded.budget_year,
    worded.on_date,
    worded.denominator,
    worded.denominator = coalesce(worded.target_denominator, '') as is_target_denominator,
    worded.plan_vnd,
    worded.plan_at_directive_vnd,
    case when worded.is_money_known then coalesce(worded.disbursed_vnd, 0) end as disbursed_vnd,
    worded.over_disbursed_vnd,
    worded.disbursed_pct,
    worded.disbursed_of_plan_at_directive_pct,
    worded.advances_outstanding_vnd,
    cast(worded.disbursed_vnd - worded.advances_outstanding_vnd as decimal(18, 0)) as accepted_volume_paid_vnd,
    worded.milestone,
    worded.milestone_on,
    worded.comparator,
    worded.threshold_pct,
    cast(worded.disbursed_pct - worded.threshold_pct as decimal(12, 4)) as gap_pp,
    worded.expected_pct,
    worded.expected_basis,
    worded.expected_years,
    cast(worded.exact_ratio as decimal(12, 4)) as progress_ratio,
    cast(worded.needed_vnd as decimal(18, 0)) as needed_vnd,
    cast(worded.working_days_left as integer) as working_days_left,
    cast(
        case
            when worded.needed_vnd = 0 then 0
            when worded.working_days_left > 0
                then
                    -- rounded up: the part that does not divide is taken off first, so that the division is exact
                    (
                        worded.needed_vnd + worded.working_days_left - 1
                        - mod(worded.needed_vnd + worded.working_days_left - 1, worded.working_days_left)
                    ) / worded.working_days_left
        end as decimal(18, 0)
    ) as needed_per_working_day_vnd,
    worded.status,
    say_en(worded.reason_codes, worded.reason_values) as status_reason,
    say_vi(worded.reason_codes, worded.reason_values) as status_reason_vi,
    worded.released_on,
    worded.is_simulated
from worded
left join {{ ref('boards') }} as boards on worded.board_code = boards.board_code
order by worded.board_code, worded.budget_year, worded.on_date, worded.denominator
