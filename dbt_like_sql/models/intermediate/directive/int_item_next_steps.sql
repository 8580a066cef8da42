-- What is to be done next for an item that is not achieved, and whose it is: those who lead it; the statistics office
-- where a figure has to be published or awaited; where nobody leads, those who co-ordinate. Whoever heads an agency on
-- the day is named as the register of heads has it.
with stale as (
    select
        {{ assumption('stale_evidence_days') }} as stale_days,
        {{ assumption('worse_than_before_points') }} as worse_points
    from {{ ref('assumptions') }}
),

-- of what an item waits for, what was due last
late as (
    select
        directive,
        item,
        period,
        due_on,
        supplier,
        days_late,
        row_number() over (partition by directive, item order by due_on desc, feed asc) as row_number
    from {{ ref('int_items_waiting') }}
    where status = 'late'
),

-- what is due next of what the item rests on; for full capture that is the survey
served as (
    {{ all_indicators() }}
),

coming as (
    select
        items.directive,
        items.item,
        calendar.period,
        calendar.due_on,
        calendar.supplier,
        row_number() over (
            partition by items.directive, items.item order by calendar.due_on asc, calendar.feed asc
        ) as row_number
    from {{ ref('int_item_spans') }} as items
    inner join served
        on
            items.indicator = served.indicator
            and (items.indicator <> 'construction_coverage' or served.feed = 'construction_survey')
    inner join {{ ref('int_delivery_periods') }} as calendar on served.feed = calendar.feed
    inner join {{ ref('int_periods') }} as periods
        on
            calendar.period = periods.period
            and items.first_on <= periods.last_day_on
            and periods.first_day_on <= items.last_on
    where calendar.status = 'due' and calendar.due_on >= {{ var('as_of') }}
),

-- the day on which the law has the figure of the whole period released next, and its stage
releases as (
    select
        items.directive,
        items.item,
        calendar.estimate_stage,
        make_date(periods.calendar_year + calendar.release_year_offset, calendar.release_month, calendar.release_day)
            as release_on,
        row_number() over (
            partition by items.directive, items.item
            order by
                make_date(
                    periods.calendar_year + calendar.release_year_offset, calendar.release_month, calendar.release_day
                )
        ) as row_number
    from {{ ref('directive_items') }} as items
    inner join {{ ref('int_periods') }} as periods on items.period = periods.period
    inner join {{ ref('release_calendar') }} as calendar
        on
            periods.period_type = calendar.period_type
            and periods.last_month_of_year = calendar.last_month_of_year
    where
        make_date(periods.calendar_year + calendar.release_year_offset, calendar.release_month, calendar.release_day)
        > {{ var('as_of') }}
),

judged as (
    select
        status.directive,
        status.item,
        status.indicator,
        status.status,
        status.evidence_family,
        status.title_vi,
        status.title_en,
        status.period,
        status.within_revision_error,
        status.is_area_ended,
        status.covers_target_period,
        status.required_growth_rest_pct,
        status.deadline_on,
        status.required_growth_rest_low_pct,
        status.required_growth_rest_high_pct,
        beside.evidence_until_on,
        coalesce(beside.evidence_age_days > stale.stale_days and not status.covers_target_period, false) as is_stale,
        case beside.direction_of_good
            when 'higher' then status.value_year_before - status.actual
            when 'lower' then status.actual - status.value_year_before
        end > case when status.unit = 'percent' then stale.worse_points else 0 end as is_worse,
        budget_years.closes_on < {{ var('as_of') }} as is_budget_year_closed,
        money.responsible_agency_code,
        money.is_in_time,
        money.needed_bn,
        money.needed_per_working_day_bn,
        money.working_days_left,
        money.slowest_project_vi,
        money.slowest_project_en,
        money.slowest_short_bn,
        money.slowest_board_vi,
        money.slowest_board_en,
        money.n_projects as n_projects_followed,
        status.threshold,
        status.actual,
        late.period as late_period,
        late.due_on as late_due_on,
        late.days_late,
        late.supplier as late_supplier,
        coming.supplier as coming_supplier,
        coming.period as coming_period,
        coming.due_on as coming_due_on,
        releases.estimate_stage as release_stage,
        releases.release_on,
        plans.below_scenario_en,
        plans.below_scenario_vi,
        surveys.n_units_drawn - surveys.n_units_answered as n_units_missing,
        surveys.n_units_drawn,
        surveys.silent_districts_en,
        surveys.silent_districts_vi,
        covered.n_wrong_returns,
        contracts.n_contracts,
        work.work_left_en,
        work.work_left_vi
    from {{ ref('int_item_status') }} as status
    left join {{ ref('int_item_direction_and_age') }} as beside
        on
            status.directive = beside.directive
            and status.item = beside.item
    left join {{ ref('budget_years') }} as budget_years
        on
            status.evidence_family = 'disbursement'
            and year(status.deadline_on) = budget_years.budget_year
    left join {{ ref('int_disbursement_next_steps') }} as money
        on
            status.directive = money.directive
            and status.item = money.item
    left join late
        on
            status.directive = late.directive
            and status.item = late.item
            and late.row_number = 1
    left join coming
        on
            status.directive = coming.directive
            and status.item = coming.item
            and coming.row_number = 1
    left join releases
        on
            status.directive = releases.directive
            and status.item = releases.item
            and releases.row_number = 1
    left join {{ ref('int_plan_item_evidence') }} as plans
        on
            status.directive = plans.directive
            and status.item = plans.item
    left join {{ ref('int_survey_response_item_evidence') }} as surveys
        on
            status.directive = surveys.directive
            and status.item = surveys.item
    left join {{ ref('int_coverage_item_evidence') }} as covered
        on
            status.directive = covered.directive
            and status.item = covered.item
    left join {{ ref('int_item_contracts_without_site') }} as contracts
        on
            status.directive = contracts.directive
            and status.item = contracts.item
    left join {{ ref('int_item_work_left') }} as work
        on
            status.directive = work.directive
            and status.item = work.item
    cross join stale
    where status.status <> 'achieved'
),

stepped as (
    select
        *,
        case
            when indicator = 'plan_32_carried_out' and status = 'no_indicator' then 'step_send_plan'
            when indicator = 'construction_projects_on_schedule' and status = 'no_indicator'
                then 'step_send_schedules'
            when status = 'no_indicator' then 'step_find_indicator'
            when status = 'not_yet_due' and coming_due_on is not null then 'step_await_figures_of'
            when status = 'not_yet_due' then 'step_await_figures'
            when status = 'not_comparable' and is_area_ended then 'step_set_anew'
            when status = 'not_comparable' then 'step_check_figures'
            when status = 'no_data' and indicator in ('industry_growth', 'construction_growth')
                then
                    concat_ws(
                        ' ', 'step_split_sector_ii', case when release_on is not null then 'step_at_next_release' end
                    )
            when
                status = 'no_data'
                and indicator in ('grdp_growth', 'sector_i_growth', 'sector_iii_growth', 'other_services_growth')
                then
                    case
                        when late_due_on is not null then 'step_publish_growth_late'
                        when coming_due_on is not null then 'step_publish_growth_by'
                        else 'step_publish_growth'
                    end
            when status = 'no_data' and late_due_on is not null then 'step_deliver_late'
            when status = 'no_data' and coming_due_on is not null then 'step_deliver_by'
            when status = 'no_data' then 'step_deliver'
            when status = 'missed' and within_revision_error and release_on is not null
                then 'step_await_revision_on'
            when status = 'missed' and within_revision_error then 'step_await_revision'
            when indicator = 'construction_coverage'
                then
                    concat_ws(
                        ' ',
                        'step_answer_omissions',
                        case when n_wrong_returns > 0 then 'step_put_returns_right' end,
                        case when n_contracts > 0 then 'step_tax_adds_sites' end
                    )
            when indicator = 'survey_response_rate'
                then
                    concat_ws(
                        ' ',
                        case when n_units_missing > 0 then 'step_collect_returns_of' else 'step_collect_returns' end,
                        case when silent_districts_vi is not null then 'step_collect_from_silent' end
                    )
            when status = 'missed' then 'step_explain'
            when status in ('at_risk', 'off_track', 'deteriorating') and deadline_on < {{ var('as_of') }}
                then 'step_report_what_was_due'
            when status in ('at_risk', 'off_track', 'deteriorating') and evidence_family = 'growth'
                then
                    case
                        when required_growth_rest_pct is not null then 'step_reach_rest_of_year'
                        when required_growth_rest_low_pct is not null then 'step_reach_rest_between'
                        else 'step_speed_up'
                    end
            when status in ('at_risk', 'off_track', 'deteriorating') and evidence_family = 'disbursement'
                then
                    case
                        when needed_bn > 0 and working_days_left > 0
                            then
                                concat_ws(
                                    ' ',
                                    'step_disburse_by',
                                    case when slowest_short_bn > 0 then 'step_slowest_project' end
                                )
                        else 'step_disburse'
                    end
            when
                status in ('at_risk', 'off_track', 'deteriorating')
                and indicator = 'social_housing_projects_started'
                and actual < threshold
                then 'step_start_more'
            when status in ('at_risk', 'off_track', 'deteriorating') then 'step_speed_up'
            when status = 'on_track' then 'step_go_on'
            when status = 'monitored' and is_budget_year_closed then 'step_report_budget_year'
            when status = 'monitored' and is_stale then 'step_send_newer_figures'
            when status = 'monitored' and work_left_vi is not null then 'step_work_left'
            when status = 'monitored' and indicator = 'building_permits_answered_in_time' then 'step_answer_permits'
            when status = 'monitored' and indicator = 'planning_reviews_in_time' then 'step_finish_reviews'
            when status = 'monitored' and indicator = 'obstacles_resolved_in_time' then 'step_resolve_obstacles'
            when status = 'monitored' and indicator = 'wind_farms_in_commercial_operation'
                then 'step_finish_dossiers'
            when status = 'monitored' and covers_target_period then 'step_report_result'
            when status = 'monitored' and evidence_family = 'disbursement' and is_in_time then 'step_go_on'
            when status = 'monitored' and evidence_family = 'disbursement' and slowest_short_bn > 0
                then
                    case
                        when n_projects_followed = 1 then 'step_disburse_project'
                        when slowest_board_vi is not null
                            then concat_ws(' ', 'step_disburse', 'step_slowest_project_of_board')
                        else concat_ws(' ', 'step_disburse', 'step_slowest_project')
                    end
            when status = 'monitored' and evidence_family = 'disbursement' then 'step_disburse'
            else 'step_next_figures'
        end as step_code,
        case
            when status = 'monitored' and is_worse then 'step_worse_than_before'
            when status = 'monitored' and below_scenario_vi is not null then 'step_below_scenario'
        end as worse_code,
        case
            when
                indicator in ('industry_growth', 'construction_growth')
                and status in ('no_data', 'not_yet_due')
                then 'CTK'
            when
                evidence_family = 'growth' and status in ('missed', 'not_yet_due')
                and (within_revision_error or status = 'not_yet_due')
                then 'CTK'
            when status = 'no_data' and indicator in ('grdp_growth', 'sector_i_growth', 'sector_iii_growth') then 'CTK'
            when indicator = 'plan_32_carried_out' then 'SKHDT'
            else responsible_agency_code
        end as named_agency_code,
        to_json({
            'title_vi': title_vi,
            'title_en': title_en,
            'period_when': period,
            'figure_period': period,
            'required': cast(round(required_growth_rest_pct, 2) as decimal(12, 2)),
            'required_low': cast(round(required_growth_rest_low_pct, 2) as decimal(12, 2)),
            'required_high': cast(round(required_growth_rest_high_pct, 2) as decimal(12, 2)),
            'deadline_on': deadline_on,
            'evidence_until_on': evidence_until_on,
            'n_more': cast(ceil(threshold - actual) as integer),
            'below_scenario_vi': below_scenario_vi,
            'below_scenario_en': below_scenario_en,
            'slowest_board_vi': slowest_board_vi,
            'slowest_board_en': slowest_board_en,
            'needed_bn': needed_bn,
            'needed_per_working_day_bn': needed_per_working_day_bn,
            'slowest_project_vi': slowest_project_vi,
            'slowest_project_en': slowest_project_en,
            'slowest_short_bn': slowest_short_bn,
            'late_period': late_period,
            'late_when': late_period,
            'late_due_on': late_due_on,
            'days_late': days_late,
            'late_supplier': replace(late_supplier, '; ', ', '),
            'coming_supplier': replace(coming_supplier, '; ', ', '),
            'coming_period': coming_period,
            'coming_when': coming_period,
            'coming_due_on': coming_due_on,
            'release_on': release_on,
            'release_stage': release_stage,
            'n_missing': n_units_missing,
            'n_drawn': n_units_drawn,
            'silent_districts_en': silent_districts_en,
            'silent_districts_vi': silent_districts_vi,
            'n_wrong': n_wrong_returns,
            'n_contracts': n_contracts,
            'work_left_en': work_left_en,
            'work_left_vi': work_left_vi
        }) as step_values
    from judged
),

-- Where figures are to follow, which ones and by when: what is late before what is due next.
chosen as (
    select
        *,
        concat_ws(
            ' ',
            case
                when
                    step_code = 'step_send_newer_figures' and coalesce(late_due_on, coming_due_on) is not null
                    then 'step_figures_end'
                else step_code
            end,
            worse_code,
            case
                when
                    step_code not in (
                        'step_go_on', 'step_next_figures', 'step_send_newer_figures', 'step_reach_rest_of_year',
                        'step_reach_rest_between'
                    )
                    and step_code not like 'step_disburse%'
                    then null
                when late_due_on is not null then 'step_and_late'
                when coming_due_on is not null then 'step_and_coming'
                when step_code in ('step_go_on', 'step_next_figures') then 'step_and_next'
            end
        ) as step_codes
    from stepped
),

leads as (
    select
        directive,
        item,
        max(case when agency_role = 'lead' then 1 else 0 end) = 1 as has_lead
    from {{ ref('directive_item_agencies') }}
    group by directive, item
),

responsible as (
    select
        directive,
        item,
        named_agency_code as agency_code
    from chosen
    where named_agency_code is not null
    union all
    select
        chosen.directive,
        chosen.item,
        agencies.agency_code
    from chosen
    inner join leads
        on
            chosen.directive = leads.directive
            and chosen.item = leads.item
    inner join {{ ref('directive_item_agencies') }} as agencies
        on
            chosen.directive = agencies.directive
            and chosen.item = agencies.item
            and agencies.agency_role = case when leads.has_lead then 'lead' else 'co_ordinate' end
    where chosen.named_agency_code is null
),

named as (
    select
        responsible.directive,
        responsible.item,
        responsible.agency_code,
        agencies.name_vi,
        agencies.name_en,
        concat_ws(
            ' ',
            case
                when agencies.agency_kind = 'group' then 'step_heads_of_group'
                when heads.post is null then 'step_head_unknown'
                when heads.name is null then 'step_head_unnamed'
                else 'step_head_named'
            end
        ) as head_codes,
        to_json({
            'post_vi': heads.post,
            'post_en': heads.post_en,
            'person': heads.name,
            'agency_vi': agencies.name_vi,
            'agency_en': agencies.name_en
        }) as head_values
    from responsible
    inner join {{ ref('agencies') }} as agencies on responsible.agency_code = agencies.agency_code
    left join {{ ref('int_heads_in_office') }} as heads on responsible.agency_code = heads.unit_code
),

listed as (
    select
        directive,
        item,
        string_agg(agency_code, ', ' order by agency_code) as next_step_agency,
        string_agg(name_en, '; ' order by agency_code) as next_step_agency_en,
        string_agg(name_vi, '; ' order by agency_code) as next_step_agency_vi,
        string_agg(message_en(head_codes, head_values), '; ' order by agency_code) as next_step_head_en,
        string_agg(message_vi(head_codes, head_values), '; ' order by agency_code) as next_step_head_vi
    from named
    group by directive, item
)

select
    chosen.directive,
    chosen.item,
    message_en(chosen.step_codes, chosen.step_values) as next_step_en,
    message_vi(chosen.step_codes, chosen.step_values) as next_step_vi,
    listed.next_step_agency,
    listed.next_step_agency_en,
    listed.next_step_agency_vi,
    listed.next_step_head_en,
    listed.next_step_head_vi
from chosen
left join listed
    on
        chosen.directive = listed.directive
        and chosen.item = listed.item
