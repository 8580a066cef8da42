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
            and now.month between {{ month_of('spans.first_on') }}
            and {{ month_of('spans.last_on') }}
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
        max(month) = {{ month_of('max(last_on)') }} as is_over,
        count(*) as n_months,
        count(overnight_visitors) as n_months_overnight,
        sum(visitors) as visitors,
        sum(overnight_visitors) as overnight_visitors,
        sum(comparable_visitors) as comparable_visitors,
        sum(visitors_before) as visitors_before,
        count(visitors_before) = count(*) as is_known_before,
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

counted as (
    select
        summed.*,
        newest.delivery_id,
        greatest(summed.simulated, coalesce(festivals.simulated, 0)) = 1 as is_simulated,
        festivals.n_due,
        festivals.n_done
    from summed
    inner join newest
        on
            summed.directive = newest.directive
            and summed.item = newest.item
    left join festivals
        on
            summed.directive = festivals.directive
            and summed.item = festivals.item
),

worded as (
    select
        *,
        concat_ws(
            ' ',
            'tourism_visits',
            case when n_months_overnight > 0 then 'tourism_overnight' end,
            case when n_months_overnight > 0 and n_months_overnight < n_months then 'tourism_overnight_months' end,
            case when visitors_before is not null then 'tourism_growth' end,
            case when n_due > 0 then 'tourism_events' end
        ) as detail_codes,
        to_json({
            'n_months': n_months,
            'overnight_visitors': cast(overnight_visitors as bigint),
            'n_months_overnight': n_months_overnight,
            'visitors_growth_pct': cast(
                round(100 * (cast(comparable_visitors as double) / visitors_before - 1), 2) as decimal(12, 2)
            ),
            'n_done': n_done,
            'n_due': n_due
        }) as detail_values
    from counted
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
    cast(case when evidence.is_known_before then evidence.visitors_before end as decimal(12, 4)) as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    say_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    say_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    evidence.delivery_id,
    evidence.is_simulated
from worded as evidence
left join {{ ref('stg_deliveries') }} as deliveries on evidence.delivery_id = deliveries.delivery_id
