-- Control and preparation of public investment, from the projects with a plan in the item's year. A project whose total
-- investment, or stage, the register leaves out is named and not counted. It speaks of the day on which the newest
-- register came out, not of a later one.
with items as (
    select
        directive,
        item,
        indicator,
        {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator in ('total_investment_held', 'projects_prepared') and {{ is_year('period') }}
),

controls as (
    select
        items.directive,
        items.item,
        items.indicator,
        control.*
    from items
    inner join {{ ref('project_control') }} as control on items.budget_year = control.budget_year
),

-- the median of the days
placed as (
    select
        directive,
        item,
        days_to_first_disbursement,
        row_number() over (
            partition by directive, item order by days_to_first_disbursement, project_code
        ) as row_number,
        count(*) over (partition by directive, item) as cases
    from controls
    where days_to_first_disbursement is not null
),

medians as (
    select
        directive,
        item,
        cast(round(cast(sum(days_to_first_disbursement) as double) / count(*), 1) as decimal(12, 1)) as median_days
    from placed
    where 2 * row_number between cases and cases + 2
    group by directive, item
),

stages as (
    select
        counted.directive,
        counted.item,
        string_agg(
            message_en('projects_at_stage', counted.stage_values), ', ' order by counted.preparation_stage
        ) as stages_en,
        string_agg(
            message_vi('projects_at_stage', counted.stage_values), ', ' order by counted.preparation_stage
        ) as stages_vi
    from (
        select
            directive,
            item,
            preparation_stage,
            to_json({
                'stage': preparation_stage,
                'projects': count(*)
            }) as stage_values
        from controls
        where not is_prepared
        group by directive, item, preparation_stage
    ) as counted
    group by counted.directive, counted.item
),

totals as (
    select
        directive,
        item,
        indicator,
        budget_year,
        least(max(control_on), max(register_released_on)) as evidence_on,
        max(money_known_on) as money_known_on,
        max(register_released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated,
        count(is_total_investment_held) as controlled,
        count(*) - count(is_total_investment_held) as uncontrolled,
        sum(
            case when is_total_investment_held and coalesce(is_allocation_held, true) then 1 else 0 end
        ) as held,
        sum(case when not is_total_investment_held then 1 else 0 end) as raised,
        sum(case when not is_total_investment_held then total_investment_change_bn else 0 end) as raised_bn,
        sum(case when is_total_investment_held is not null and not is_allocation_held then 1 else 0 end) as overlong,
        count(is_prepared) as staged,
        count(*) - count(is_prepared) as unstaged,
        sum(case when is_prepared then 1 else 0 end) as prepared,
        sum(case when is_without_disbursement then 1 else 0 end) as without_disbursement
    from controls
    group by directive, item, indicator, budget_year
),

newest_deliveries as (
    select
        released_on,
        max(delivery_id) as delivery_id,
        max(supplier) as publisher
    from {{ ref('stg_deliveries') }}
    where feed = 'investment_projects' and status in ('accepted', 'accepted_in_part', 'superseded')
    group by released_on
),

counts as (
    select
        totals.*,
        case totals.indicator when 'total_investment_held' then totals.held else totals.prepared end as good,
        case totals.indicator when 'total_investment_held' then totals.controlled else totals.staged end as judged,
        case totals.indicator when 'total_investment_held' then totals.uncontrolled else totals.unstaged end
            as unjudged,
        medians.median_days,
        stages.stages_en,
        stages.stages_vi
    from totals
    left join medians
        on
            totals.directive = medians.directive
            and totals.item = medians.item
    left join stages
        on
            totals.directive = stages.directive
            and totals.item = stages.item
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            case
                when indicator = 'total_investment_held'
                    then
                        concat_ws(
                            ' ',
                            'projects_held',
                            case when raised > 0 then 'projects_raised_by' end,
                            'projects_overlong',
                            'projects_scope_unknown'
                        )
                else
                    concat_ws(
                        ' ',
                        'projects_prepared_of_judged',
                        case when stages_vi is not null then 'projects_not_yet' end,
                        case when median_days is not null then 'projects_median_days' end,
                        case
                            when money_known_on is not null then 'projects_without_disbursement'
                            else 'projects_no_treasury_data'
                        end
                    )
            end,
            case when unjudged > 0 then 'projects_not_counted' end
        ) as detail_codes,
        to_json({
            'good': good,
            'judged': judged,
            'raised': raised,
            'raised_bn': raised_bn,
            'overlong': overlong,
            'stages_en': stages_en,
            'stages_vi': stages_vi,
            'median_days': median_days,
            'without_disbursement': without_disbursement,
            'money_known_on': money_known_on,
            'unjudged': unjudged
        }) as detail_values
    from counts
)

select
    with_messages.directive,
    with_messages.item,
    'computed_from_counts' as evidence_basis,
    case
        when with_messages.evidence_on = make_date(with_messages.budget_year, 12, 31)
            then cast(with_messages.budget_year as varchar)
        else cast(with_messages.evidence_on as varchar)
    end as evidence_period,
    with_messages.evidence_on = make_date(with_messages.budget_year, 12, 31) as covers_target_period,
    cast(
        round(cast(with_messages.good as double) * 100 / cast(with_messages.judged as double), 4) as decimal(12, 4)
    ) as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    cast(null as decimal(12, 4)) as value_year_before,
    message_en(with_messages.detail_codes, with_messages.detail_values) as detail_en,
    message_vi(with_messages.detail_codes, with_messages.detail_values) as detail_vi,
    with_messages.released_on,
    newest_deliveries.publisher,
    newest_deliveries.delivery_id,
    with_messages.is_simulated
from with_messages
left join newest_deliveries on with_messages.released_on = newest_deliveries.released_on
where with_messages.judged > 0
