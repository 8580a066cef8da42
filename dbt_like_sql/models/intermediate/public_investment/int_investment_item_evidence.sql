-- Control and preparation of public investment, from the projects with a plan in the item's year. A project whose total
-- investment, or stage, the register leaves out is named and not counted.
with items as (
    select
        directive,
        item,
        indicator,
        cast(substr(period, 1, 4) as integer) as budget_year
    from {{ ref('directive_items') }}
    where indicator in ('total_investment_held', 'projects_prepared') and length(period) = 4
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

-- the middle one of the days, or the mean of the two in the middle
placed as (
    select
        directive,
        item,
        days_to_first_disbursement,
        row_number() over (
            partition by directive, item order by days_to_first_disbursement, project_code
        ) as place,
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
    where 2 * place between cases and cases + 2
    group by directive, item
),

stages as (
    select
        counted.directive,
        counted.item,
        string_agg(
            replace(counted.preparation_stage, '_', ' ')
            || ' ' || cast(counted.projects as varchar),
            ', ' order by counted.preparation_stage
        ) as stages_en,
        string_agg(
            case counted.preparation_stage
                when 'proposal' then 'đề xuất chủ trương'
                when 'appraisal' then 'thẩm định'
                when 'approval' then 'phê duyệt'
                when 'tender' then 'đấu thầu'
                else 'giải phóng mặt bằng'
            end
            || ' ' || cast(counted.projects as varchar),
            ', ' order by counted.preparation_stage
        ) as stages_vi
    from (
        select
            directive,
            item,
            preparation_stage,
            count(*) as projects
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
        max(control_on) as control_on,
        max(money_known_on) as money_known_on,
        max(register_released_on) as released_on,
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated,
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
        regexp_replace(regexp_replace(cast(totals.raised_bn as varchar), '0+$', ''), '[.]$', '') as raised_text,
        medians.median_days,
        regexp_replace(cast(medians.median_days as varchar), '[.]0$', '') as median_text,
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
)

select
    counts.directive,
    counts.item,
    'computed_from_counts' as evidence_basis,
    case
        when counts.control_on = make_date(counts.budget_year, 12, 31) then cast(counts.budget_year as varchar)
        else cast(counts.control_on as varchar)
    end as evidence_period,
    counts.control_on = make_date(counts.budget_year, 12, 31) as covers_target_period,
    cast(round(cast(counts.good as double) * 100 / cast(counts.judged as double), 4) as decimal(12, 4)) as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    cast(counts.good as varchar) || ' of ' || cast(counts.judged as varchar)
    || case counts.indicator
        when 'total_investment_held'
            then
                ' projects with a plan hold the total investment first approved and the allowed years of allocation; '
                || cast(counts.raised as varchar) || ' raised'
                || case when counts.raised > 0 then ', by ' || counts.raised_text || ' bn VND together' else '' end
                || '; ' || cast(counts.overlong as varchar)
                || ' allocated over more years than allowed; that groups follow total investment alone is an assumption'
        else
            ' projects with a plan are past preparation' || coalesce('; not yet: ' || counts.stages_en, '')
            || coalesce(
                '; ' || counts.median_text || ' days from plan decision to first disbursement at the median', ''
            )
            || coalesce(
                '; ' || cast(
                    case when counts.money_known_on is not null then counts.without_disbursement end as varchar
                )
                || ' with a plan and no disbursement by ' || cast(counts.money_known_on as varchar),
                '; no Treasury data say what was disbursed'
            )
    end
    || case
        when counts.unjudged > 0 then '; not counted, unknown to the register: ' || cast(counts.unjudged as varchar)
        else ''
    end as detail_en,
    cast(counts.good as varchar) || ' trong ' || cast(counts.judged as varchar)
    || case counts.indicator
        when 'total_investment_held'
            then
                ' dự án có kế hoạch vốn giữ tổng mức đầu tư được duyệt lần đầu và số năm bố trí vốn theo quy định; '
                || cast(counts.raised as varchar) || ' dự án tăng tổng mức'
                || case
                    when counts.raised > 0
                        then ', tổng cộng ' || replace(counts.raised_text, '.', ',') || ' tỷ đồng'
                    else ''
                end
                || '; ' || cast(counts.overlong as varchar)
                || ' dự án bố trí vốn quá số năm; phân nhóm chỉ theo tổng mức đầu tư là giả định'
        else
            ' dự án có kế hoạch vốn đã hoàn tất chuẩn bị' || coalesce('; còn lại: ' || counts.stages_vi, '')
            || coalesce(
                '; trung vị ' || replace(counts.median_text, '.', ',')
                || ' ngày từ quyết định giao vốn đến lần giải ngân đầu',
                ''
            )
            || coalesce(
                '; ' || cast(
                    case when counts.money_known_on is not null then counts.without_disbursement end as varchar
                )
                || ' dự án có vốn chưa giải ngân đến ' || strftime(counts.money_known_on, '%d/%m/%Y'),
                '; chưa có chứng từ Kho bạc về giải ngân'
            )
    end
    || case
        when counts.unjudged > 0
            then '; không tính ' || cast(counts.unjudged as varchar) || ' dự án thiếu thông tin trong danh mục'
        else ''
    end as detail_vi,
    counts.released_on,
    newest_deliveries.publisher,
    newest_deliveries.delivery_id,
    counts.is_simulated
from counts
left join newest_deliveries on counts.released_on = newest_deliveries.released_on
where counts.judged > 0
