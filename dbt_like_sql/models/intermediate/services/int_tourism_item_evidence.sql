-- Tourism: visits in the months of the period that are known, overnight stays among them, on the same months a year
-- before where both are known, and the festivals held of those that were due by the plan.
with months as (
    select
        spans.directive,
        spans.item,
        spans.last_on,
        now.month,
        now.visitors,
        now.overnight_visitors,
        now.released_on,
        now.delivery_id,
        case when before.visitors > 0 then now.visitors end as comparable_visitors,
        case when before.visitors > 0 then before.visitors end as visitors_before,
        now.is_simulated or coalesce(before.is_simulated, false) as is_simulated
    from {{ ref('int_item_spans') }} as spans
    inner join {{ ref('tourism_monthly') }} as now
        on
            spans.area_code = now.area_code
            and now.month between substr(cast(spans.first_on as varchar), 1, 7)
            and substr(cast(spans.last_on as varchar), 1, 7)
    left join {{ ref('tourism_monthly') }} as before
        on
            now.area_code = before.area_code
            and now.calendar_year = before.calendar_year + 1
            and now.month_of_year = before.month_of_year
    where spans.indicator = 'tourism_visitors'
),

summed as (
    select
        directive,
        item,
        min(month) as first_month,
        max(month) as last_month,
        max(month) = substr(cast(max(last_on) as varchar), 1, 7) as is_over,
        count(*) as n_months,
        count(overnight_visitors) as n_months_overnight,
        sum(visitors) as visitors,
        sum(overnight_visitors) as overnight_visitors,
        sum(comparable_visitors) as comparable_visitors,
        sum(visitors_before) as visitors_before,
        max(released_on) as released_on,
        max(case when is_simulated then 1 else 0 end) as simulated
    from months
    group by directive, item
),

newest as (
    select
        months.directive,
        months.item,
        max(months.delivery_id) as delivery_id
    from months
    inner join summed
        on
            months.directive = summed.directive
            and months.item = summed.item
            and months.released_on = summed.released_on
    group by months.directive, months.item
),

festivals as (
    select
        directive,
        item,
        count(case when is_due then 1 end) as n_due,
        count(case when is_due and is_done then 1 end) as n_done,
        max(case when is_simulated then 1 else 0 end) as simulated
    from {{ ref('int_item_events') }}
    group by directive, item
),

worded as (
    select
        summed.*,
        newest.delivery_id,
        greatest(summed.simulated, coalesce(festivals.simulated, 0)) = 1 as is_simulated,
        festivals.n_due,
        festivals.n_done,
        regexp_replace(
            regexp_replace(cast(summed.overnight_visitors as varchar), '([0-9]{3})$', '.\1'),
            '([0-9]{3})[.]', '.\1.'
        ) as overnight_text,
        regexp_replace(
            cast(
                cast(
                    round(100 * (cast(summed.comparable_visitors as double) / summed.visitors_before - 1), 2)
                    as decimal(12, 2)
                ) as varchar
            ),
            '[.]?0+$', ''
        ) as growth_text
    from summed
    inner join newest
        on
            summed.directive = newest.directive
            and summed.item = newest.item
    left join festivals
        on
            summed.directive = festivals.directive
            and summed.item = festivals.item
)

select
    evidence.directive,
    evidence.item,
    'computed_from_counts' as evidence_basis,
    case
        when evidence.first_month = evidence.last_month then evidence.first_month
        else evidence.first_month || '..' || evidence.last_month
    end as evidence_period,
    evidence.is_over as covers_target_period,
    cast(evidence.visitors as decimal(12, 4)) as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    'visits in ' || cast(evidence.n_months as varchar)
    || ' months'
    || coalesce(', ' || replace(ltrim(evidence.overnight_text, '.'), '.', ',') || ' of them with an overnight stay', '')
    || case
        when evidence.n_months_overnight > 0 and evidence.n_months_overnight < evidence.n_months
            then ' (known for ' || cast(evidence.n_months_overnight as varchar) || ' of these months)'
        else ''
    end
    || coalesce(', growth of visits ' || evidence.growth_text || ' % on the same months a year before', '')
    || case
        when evidence.n_due > 0
            then
                '; ' || cast(evidence.n_done as varchar) || ' of ' || cast(evidence.n_due as varchar)
                || ' events planned by then were held'
        else ''
    end as detail_en,
    'lượt khách trong ' || cast(evidence.n_months as varchar) || ' tháng'
    || coalesce(', trong đó ' || ltrim(evidence.overnight_text, '.') || ' lượt khách lưu trú', '')
    || case
        when evidence.n_months_overnight > 0 and evidence.n_months_overnight < evidence.n_months
            then ' (mới có số liệu ' || cast(evidence.n_months_overnight as varchar) || ' tháng)'
        else ''
    end
    || coalesce(', lượt khách so với cùng kỳ: ' || replace(evidence.growth_text, '.', ',') || '%', '')
    || case
        when evidence.n_due > 0
            then
                '; đã tổ chức ' || cast(evidence.n_done as varchar) || '/' || cast(evidence.n_due as varchar)
                || ' hoạt động, lễ hội đến hạn theo kế hoạch'
        else ''
    end as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    evidence.delivery_id,
    evidence.is_simulated
from worded as evidence
left join {{ ref('stg_deliveries') }} as deliveries on evidence.delivery_id = deliveries.delivery_id
