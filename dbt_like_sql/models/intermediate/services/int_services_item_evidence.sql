-- The remaining services: growth of their levels taken together, with the slowest and the fastest named, and those of
-- which nothing is known.
with activity_counts as (
    select
        indicator,
        count(*) as n_activities
    from {{ ref('indicator_sectors') }}
    group by indicator
),

ranked as (
    select
        *,
        row_number() over (partition by directive, item order by growth_yoy_pct asc, sector_code asc) as slowest,
        row_number() over (partition by directive, item order by growth_yoy_pct desc, sector_code asc) as fastest,
        max(released_on) over (partition by directive, item) as newest_on
    from {{ ref('int_service_activities') }}
),

summed as (
    select
        ranked.directive,
        ranked.item,
        max(ranked.period) as evidence_period,
        max(case when ranked.is_over then 1 else 0 end) = 1 as is_over,
        count(*) as n_known,
        sum(ranked.value_constant_bn) as value_now,
        sum(ranked.value_year_before_constant_bn) as value_before,
        max(case when ranked.slowest = 1 then ranked.sector_code end) as slowest_code,
        max(case when ranked.slowest = 1 then ranked.growth_yoy_pct end) as slowest_pct,
        max(case when ranked.fastest = 1 then ranked.sector_code end) as fastest_code,
        max(case when ranked.fastest = 1 then ranked.growth_yoy_pct end) as fastest_pct,
        max(ranked.released_on) as released_on,
        max(case when ranked.released_on = ranked.newest_on then ranked.delivery_id end) as delivery_id,
        {{ any_simulated('ranked.is_simulated') }} as is_simulated
    from ranked
    group by ranked.directive, ranked.item
),

-- the same activities over the same part of the year before, where each is known
before as (
    select
        activities.directive,
        activities.item,
        count(*) as n_known,
        cast(
            round(
                100 * (
                    cast(sum(growth.value_constant_bn) as double)
                    / cast(nullif(sum(growth.value_year_before_constant_bn), 0) as double) - 1
                ), 4
            ) as decimal(12, 4)
        ) as growth_pct
    from {{ ref('int_service_activities') }} as activities
    inner join {{ ref('int_sector_growth') }} as growth
        on
            activities.area_code = growth.area_code
            and activities.sector_code = growth.sector_code
            and growth.period = {{ year_before('activities.period') }}
            and growth.growth_yoy_pct is not null
            and not growth.is_base_break
    group by activities.directive, activities.item
),

missing as (
    select
        spans.directive,
        spans.item,
        string_agg(names.label_en, '; ' order by names.sort_order) as missing_en,
        string_agg(names.label_vi, '; ' order by names.sort_order) as missing_vi
    from {{ ref('int_item_spans') }} as spans
    inner join {{ ref('indicator_sectors') }} as sectors on spans.indicator = sectors.indicator
    inner join {{ ref('sectors') }} as names on sectors.sector_code = names.sector_code
    left join {{ ref('int_service_activities') }} as known
        on
            spans.directive = known.directive
            and spans.item = known.item
            and sectors.sector_code = known.sector_code
    where known.sector_code is null
    group by spans.directive, spans.item
),

with_messages as (
    select
        summed.*,
        concat_ws(
            ' ',
            case
                when round(summed.slowest_pct, 2) = round(summed.fastest_pct, 2) and summed.fastest_pct > 0
                    then 'services_grown_alike'
                else 'services_grown'
            end,
            case when missing.item is not null then 'services_missing' end
        ) as detail_codes,
        to_json({
            'n_known': summed.n_known,
            'n_activities': activity_counts.n_activities,
            'slowest_en': slow.label_en,
            'slowest_vi': slow.label_vi,
            'slowest_pct': cast(round(summed.slowest_pct, 2) as decimal(12, 2)),
            'fastest_en': fast.label_en,
            'fastest_vi': fast.label_vi,
            'fastest_pct': cast(round(summed.fastest_pct, 2) as decimal(12, 2)),
            'missing_en': missing.missing_en,
            'missing_vi': missing.missing_vi
        }) as detail_values
    from summed
    inner join {{ ref('int_item_spans') }} as spans
        on
            summed.directive = spans.directive
            and summed.item = spans.item
    inner join activity_counts on spans.indicator = activity_counts.indicator
    inner join {{ ref('sectors') }} as slow on summed.slowest_code = slow.sector_code
    inner join {{ ref('sectors') }} as fast on summed.fastest_code = fast.sector_code
    left join missing
        on
            summed.directive = missing.directive
            and summed.item = missing.item
    where summed.value_before > 0
)

select
    evidence.directive,
    evidence.item,
    'computed_from_levels' as evidence_basis,
    evidence.evidence_period,
    evidence.is_over as covers_target_period,
    try_cast(
        round(100 * (cast(evidence.value_now as double) / cast(evidence.value_before as double) - 1), 4)
        as decimal(12, 4)
    ) as actual,
    before.growth_pct as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    message_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    evidence.delivery_id,
    evidence.is_simulated
from with_messages as evidence
left join before
    on
        evidence.directive = before.directive
        and evidence.item = before.item
        and evidence.n_known = before.n_known
left join {{ ref('stg_deliveries') }} as deliveries on evidence.delivery_id = deliveries.delivery_id
