-- Shares of aquaculture over the months of an item's period: damaged and high-technology area of the area stocked,
-- failed lots of the seed lots checked. The months covered and the rows left out are said. The share a year before is
-- given where the same months are known.
with summed as (
    select
        directive,
        item,
        indicator,
        min(case when is_in_share then month end) as first_known_month,
        max(case when is_in_share then month end) as last_known_month,
        count(distinct case when is_in_share then month end) as months_known,
        max(item_months) as item_months,
        sum(case when is_in_share then part_value end) as part_value,
        sum(case when is_in_share then whole_value end) as whole_value,
        sum(warnings_issued) as warnings_issued,
        count(case when not is_in_share then 1 end) as rows_left_out,
        {{ any_simulated('is_in_share and is_simulated') }} as is_simulated
    from {{ ref('int_aquaculture_item_rows') }}
    where not is_year_before
    group by directive, item, indicator
),

before as (
    select
        directive,
        item,
        count(distinct month) as months_known,
        cast(
            round(
                100 * cast(sum(part_value) as double) / cast(nullif(sum(whole_value), 0) as double), 4
            ) as decimal(12, 4)
        ) as share_pct,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_aquaculture_item_rows') }}
    where is_year_before and is_in_share
    group by directive, item
),

newest as (
    select
        directive,
        item,
        delivery_id,
        released_on,
        row_number() over (
            partition by directive, item order by released_on desc, revision desc, delivery_id desc
        ) as row_number
    from {{ ref('int_aquaculture_item_rows') }}
    where is_in_share and not is_year_before
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            case
                when indicator = 'aquaculture_damaged_area' then 'aquaculture_damaged'
                when indicator = 'aquaculture_high_technology_area' then 'aquaculture_high_technology'
                else 'aquaculture_lots_failed'
            end,
            case
                when indicator <> 'aquaculture_damaged_area' then null
                when warnings_issued is null then 'aquaculture_warnings_unknown'
                else 'aquaculture_warnings'
            end,
            'aquaculture_months',
            case when rows_left_out > 0 then 'aquaculture_left_out' end
        ) as detail_codes,
        to_json({
            'part': cast(round(part_value, 0) as decimal(18, 0)),
            'whole': cast(round(whole_value, 0) as decimal(18, 0)),
            'warnings_issued': cast(warnings_issued as bigint),
            'months_known': months_known,
            'item_months': item_months,
            'rows_left_out': rows_left_out
        }) as detail_values
    from summed
    where whole_value > 0
)

select
    with_messages.directive,
    with_messages.item,
    case
        when with_messages.indicator = 'shrimp_seed_lots_failed' then 'computed_from_counts' else 'computed_from_areas'
    end as evidence_basis,
    {{ span_of('with_messages.first_known_month', 'with_messages.last_known_month') }} as evidence_period,
    with_messages.months_known = with_messages.item_months as covers_target_period,
    cast(
        round(
            cast(with_messages.part_value as double) * 100 / cast(with_messages.whole_value as double), 4
        ) as decimal(12, 4)
    ) as actual,
    before.share_pct as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(with_messages.detail_codes, with_messages.detail_values) as detail_en,
    message_vi(with_messages.detail_codes, with_messages.detail_values) as detail_vi,
    newest.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    with_messages.is_simulated or coalesce(before.is_simulated, false) as is_simulated
from with_messages
left join before
    on
        with_messages.directive = before.directive
        and with_messages.item = before.item
        and with_messages.months_known = before.months_known
inner join newest
    on
        with_messages.directive = newest.directive
        and with_messages.item = newest.item
        and newest.row_number = 1
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id
