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
        end as status
    from compared
    cross join steps
),

worded as (
    select
        *,
        regexp_replace(cast(disbursed_pct as varchar), '[.]?0+$', '') as disbursed_text,
        regexp_replace(cast(expected_pct as varchar), '[.]?0+$', '') as expected_text,
        regexp_replace(cast(threshold_pct as varchar), '[.]?0+$', '') as threshold_text,
        regexp_replace(cast(cast(exact_ratio as decimal(12, 4)) as varchar), '[.]?0+$', '') as ratio_text,
        case comparator when '>' then 'more than ' else 'at least ' end as comparator_en,
        case comparator when '>' then 'trên ' else 'ít nhất ' end as comparator_vi
    from judged
)

select
    worded.board_code,
    case worded.board_code
        when 'PROVINCE' then 'Toàn tỉnh'
        when 'UNASSIGNED' then 'Chưa rõ chủ đầu tư'
        else boards.name_vi
    end as board_name_vi,
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
    case
        when worded.covered_to_on is null then 'No Treasury data have been accepted: the total is unknown, not zero'
        when worded.gap_from_on is not null
            then
                'No accepted Treasury data from ' || cast(worded.gap_from_on as varchar)
                || ' to ' || cast(worded.gap_to_on as varchar)
                || case worded.gap_reason
                    when 'rejected' then ' (the delivery was rejected)'
                    when 'withdrawn' then ' (the delivery was withdrawn)'
                    else ''
                end
                || ': the total is unknown, not zero'
        when worded.on_date > worded.covered_to_on
            then 'Treasury data end on ' || cast(worded.covered_to_on as varchar) || ', before this day'
        when worded.on_date < worded.covered_from_on
            then 'Treasury data begin on ' || cast(worded.covered_from_on as varchar) || ', after this day'
        when worded.plan_vnd is null or worded.plan_vnd <= 0
            then 'No capital plan is known for this board and denominator'
        when worded.status = 'monitored' then worded.disbursed_text || ' % of the plan disbursed; no share is asked for'
        when worded.on_date = worded.milestone_on
            then
                worded.disbursed_text || ' % disbursed against ' || worded.comparator_en || worded.threshold_text
                || ' %: ' || case when worded.is_reached then 'reached' else 'not reached' end
        else
            worded.disbursed_text || ' % disbursed; ' || worded.expected_text || ' % expected '
            || case
                when worded.expected_basis = 'earlier_years_course'
                    then 'after the course of budget year ' || worded.expected_years || ', on the way to '
                else 'on a straight line to '
            end
            || worded.comparator_en || worded.threshold_text || ' % on ' || cast(worded.milestone_on as varchar)
            || case
                when worded.expected_basis = 'earlier_years_course' then ''
                else ' (assumption: no earlier budget year is wholly known)'
            end
            || ': ratio ' || coalesce(worded.ratio_text, 'unknown, nothing is expected yet')
    end
    || case
        when worded.is_money_known and worded.over_disbursed_vnd > 0
            then '; ' || cast(worded.over_disbursed_vnd as varchar) || ' VND beyond the plan are not counted'
        else ''
    end
    || case
        when worded.is_money_known and worded.covered_from_on > worded.opens_on
            then
                '; Treasury data begin on ' || cast(worded.covered_from_on as varchar)
                || ', nothing is assumed to have been paid before'
        else ''
    end as status_reason,
    case
        when worded.covered_to_on is null
            then 'Chưa có chứng từ Kho bạc nào được chấp nhận: chưa biết số giải ngân, không phải bằng 0'
        when worded.gap_from_on is not null
            then
                'Thiếu chứng từ Kho bạc từ ' || strftime(worded.gap_from_on, '%d/%m/%Y')
                || ' đến ' || strftime(worded.gap_to_on, '%d/%m/%Y')
                || case worded.gap_reason
                    when 'rejected' then ' (tệp bị từ chối)'
                    when 'withdrawn' then ' (tệp đã rút lại)'
                    else ''
                end
                || ': chưa biết số giải ngân, không phải bằng 0'
        when worded.on_date > worded.covered_to_on
            then 'Chứng từ Kho bạc mới có đến ' || strftime(worded.covered_to_on, '%d/%m/%Y')
        when worded.on_date < worded.covered_from_on
            then 'Chứng từ Kho bạc chỉ có từ ' || strftime(worded.covered_from_on, '%d/%m/%Y')
        when worded.plan_vnd is null or worded.plan_vnd <= 0
            then 'Chưa có kế hoạch vốn của đơn vị theo mẫu số này'
        when worded.status = 'monitored'
            then 'Đã giải ngân ' || replace(worded.disbursed_text, '.', ',') || '% kế hoạch vốn; không có mức yêu cầu'
        when worded.on_date = worded.milestone_on
            then
                'Giải ngân ' || replace(worded.disbursed_text, '.', ',') || '% so với yêu cầu ' || worded.comparator_vi
                || replace(worded.threshold_text, '.', ',') || '%: '
                || case when worded.is_reached then 'đạt' else 'không đạt' end
        else
            'Giải ngân ' || replace(worded.disbursed_text, '.', ',') || '%; cần có '
            || replace(worded.expected_text, '.', ',')
            || case
                when worded.expected_basis = 'earlier_years_course'
                    then '% theo nhịp giải ngân niên độ ' || worded.expected_years || ' để đến mốc '
                else '% theo đường thẳng đến mốc '
            end
            || worded.comparator_vi
            || replace(worded.threshold_text, '.', ',') || '% ngày ' || strftime(worded.milestone_on, '%d/%m/%Y')
            || case
                when worded.expected_basis = 'earlier_years_course' then ''
                else ' (giả định, do chưa có niên độ trước nào đủ số liệu)'
            end
            || ': tỷ lệ tiến độ ' || coalesce(replace(worded.ratio_text, '.', ','), 'chưa xác định')
    end
    || case
        when worded.is_money_known and worded.over_disbursed_vnd > 0
            then '; phần vượt kế hoạch ' || cast(worded.over_disbursed_vnd as varchar) || ' đồng không được tính'
        else ''
    end
    || case
        when worded.is_money_known and worded.covered_from_on > worded.opens_on
            then
                '; chứng từ Kho bạc bắt đầu từ ' || strftime(worded.covered_from_on, '%d/%m/%Y')
                || ', coi như trước đó chưa giải ngân'
        else ''
    end as status_reason_vi,
    worded.released_on,
    worded.is_simulated
from worded
left join {{ ref('boards') }} as boards on worded.board_code = boards.board_code
order by worded.board_code, worded.budget_year, worded.on_date, worded.denominator
