-- Tourism: visits in the months of the period that are known, overnight stays among them, on the same months a year
-- before where both are known and are of one kind, and the festivals held of those that were due by the plan. Published
-- figures come before simulated months, and grow by what was published; an estimate of a year that is not over is shown
-- but is no figure.
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
        now_told.is_simulated
    from {{ ref('int_item_spans') }} as spans
    inner join {{ ref('tourism_monthly') }} as now
        on
            spans.area_code = now.area_code
            and now.month between {{ month_of('spans.first_on') }}
            and {{ month_of('spans.last_on') }}
    inner join {{ ref('stg_tourism') }} as now_told on now.month = now_told.month
    left join {{ ref('stg_tourism') }} as before
        on
            now_told.month_year_before = before.month
            and now_told.is_simulated = before.is_simulated
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
        {{ any_simulated('is_simulated') }} as is_visitors_simulated
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
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_item_events') }}
    group by directive, item
),

counted as (
    select
        summed.*,
        newest.delivery_id,
        summed.is_visitors_simulated or coalesce(festivals.is_simulated, false) as is_simulated,
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

headlines as (
    select
        spans.directive,
        spans.item,
        case
            when not counted.is_simulated then 'counted'
            when published.item is not null then 'published'
            when counted.item is not null then 'counted'
            when announced.item is not null then 'announced'
        end as headline,
        counted.first_month,
        counted.last_month,
        counted.is_over,
        counted.n_months,
        counted.n_months_overnight,
        counted.visitors,
        counted.overnight_visitors,
        counted.comparable_visitors,
        counted.visitors_before,
        counted.is_known_before,
        counted.n_due,
        counted.n_done,
        counted.item is not null as is_counted,
        coalesce(counted.is_simulated, false) as is_count_simulated,
        counted.released_on as counted_on,
        counted.delivery_id as counted_delivery_id,
        published.evidence_period as published_period,
        published.is_whole,
        published.value as published_visitors,
        published.published_year_before,
        published.growth_of_published_pct,
        published.released_on as published_on,
        published.publisher,
        published.delivery_id as published_delivery_id,
        published.is_simulated as is_published_simulated,
        announced.evidence_period as announced_period,
        announced.value as announced_visitors,
        announced.released_on as announced_on,
        announced.publisher as announced_by,
        announced.delivery_id as announced_delivery_id,
        announced.is_simulated as is_announced_simulated
    from {{ ref('int_item_spans') }} as spans
    left join counted
        on
            spans.directive = counted.directive
            and spans.item = counted.item
    left join {{ ref('int_item_published_figures') }} as published
        on
            spans.directive = published.directive
            and spans.item = published.item
            and not published.is_forecast
    left join {{ ref('int_item_published_figures') }} as announced
        on
            spans.directive = announced.directive
            and spans.item = announced.item
            and announced.is_forecast
    where spans.indicator = 'tourism_visitors'
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            case headline
                when 'counted' then 'tourism_visits'
                when 'published' then 'tourism_published'
            end,
            case
                when headline = 'published' and growth_of_published_pct is not null then 'tourism_published_growth'
            end,
            case when headline = 'published' and is_counted then 'tourism_simulated_beside' end,
            case when headline = 'counted' and visitors_before is not null then 'tourism_growth' end,
            case when n_months_overnight > 0 then 'tourism_overnight' end,
            case when n_months_overnight > 0 and n_months_overnight < n_months then 'tourism_overnight_months' end,
            case when n_due > 0 then 'tourism_events' end,
            case
                when announced_visitors is null then null
                when headline = 'announced' then 'tourism_announced'
                else 'tourism_announced_beside'
            end
        ) as detail_codes,
        to_json({
            'n_months': n_months,
            'visitors': cast(visitors as bigint),
            'overnight_visitors': cast(overnight_visitors as bigint),
            'n_months_overnight': n_months_overnight,
            'visitors_moved': case when comparable_visitors >= visitors_before then 'up' else 'down' end,
            'visitors_change_pct': cast(
                abs(round(100 * (cast(comparable_visitors as double) / visitors_before - 1), 2)) as decimal(12, 2)
            ),
            'published_moved': case when growth_of_published_pct >= 0 then 'up' else 'down' end,
            'published_change_pct': abs(growth_of_published_pct),
            'n_done': n_done,
            'n_due': n_due,
            'announced_visitors': cast(round(announced_visitors, 0) as bigint),
            'announced_when': announced_period,
            'announced_on': announced_on,
            'announced_by': announced_by
        }) as detail_values
    from headlines
    where headline is not null
)

select
    evidence.directive,
    evidence.item,
    case evidence.headline when 'counted' then 'computed_from_counts' else 'published_level' end as evidence_basis,
    case
        when evidence.headline = 'published' then evidence.published_period
        when evidence.headline = 'announced' then evidence.announced_period
        else {{ span_of('evidence.first_month', 'evidence.last_month') }}
    end as evidence_period,
    case evidence.headline when 'counted' then evidence.is_over when 'published' then evidence.is_whole else false end
        as covers_target_period,
    cast(
        case evidence.headline
            when 'counted' then evidence.visitors
            when 'published' then evidence.published_visitors
        end as decimal(12, 4)
    ) as actual,
    cast(
        case
            when evidence.headline = 'published' then evidence.published_year_before
            when evidence.headline = 'counted' and evidence.is_known_before then evidence.visitors_before
        end as decimal(12, 4)
    ) as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    message_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    case evidence.headline
        when 'counted' then evidence.counted_on
        when 'published' then evidence.published_on
        else evidence.announced_on
    end as released_on,
    case evidence.headline
        when 'counted' then deliveries.supplier
        when 'published' then evidence.publisher
        else evidence.announced_by
    end as publisher,
    case evidence.headline
        when 'counted' then evidence.counted_delivery_id
        when 'published' then evidence.published_delivery_id
        else evidence.announced_delivery_id
    end as delivery_id,
    evidence.is_count_simulated
    or coalesce(evidence.is_published_simulated, false)
    or coalesce(evidence.is_announced_simulated, false) as is_simulated
from with_messages as evidence
left join {{ ref('stg_deliveries') }} as deliveries on evidence.counted_delivery_id = deliveries.delivery_id
