-- The rows of exports and of processing on which the items of the peak season rest: of the item's months, and of the
-- same months a year before. Only months known in both years count; a row of processing without a value makes its
-- month unknown, because its size is not known. A simulated feed has no place beside a real one. The season a year
-- before is compared alike where the months before it are known.
with offices as (
    select
        feed,
        value as area_code
    from {{ source('contracts', 'options') }}
    where option = 'area_code' and feed in ('seafood_exports', 'industry_output')
),

figures as (
    select
        'seafood_exports' as feed,
        month,
        month_year_before,
        value_usd as season_value,
        tonnes,
        delivery_id,
        released_on,
        revision,
        is_simulated,
        source_file,
        source_sheet,
        source_row
    from {{ ref('stg_seafood_exports') }}
    union all
    select
        'industry_output' as feed,
        output.month,
        output.month_year_before,
        cast(output.value_mn as decimal(20, 4)) as season_value,
        cast(null as decimal(18, 3)) as tonnes,
        output.delivery_id,
        output.released_on,
        output.revision,
        output.is_simulated,
        output.source_file,
        output.source_sheet,
        output.source_row
    from {{ ref('stg_industry_output') }} as output
    inner join {{ ref('industrial_series') }} as names
        on
            names.series_kind = 'product'
            and output.product_code = names.series_code
            and names.season_code = 'seafood'
),

known_months as (
    select
        feed,
        month,
        max(month_year_before) as month_year_before
    from figures
    group by feed, month
    having count(season_value) = count(*)
),

compared_months as (
    select
        items.directive,
        items.item,
        items.item_months,
        items.is_year_before,
        now_known.feed,
        now_known.month,
        now_known.month_year_before
    from {{ ref('int_item_months_and_before') }} as items
    inner join offices on items.area_code = offices.area_code
    inner join known_months as now_known
        on
            offices.feed = now_known.feed
            and now_known.month between items.item_first_month and items.item_last_month
    inner join known_months as before
        on
            now_known.feed = before.feed
            and now_known.month_year_before = before.month
    where items.indicator = 'seafood_processing_and_exports'
),

found as (
    select
        compared_months.directive,
        compared_months.item,
        compared_months.item_months,
        compared_months.is_year_before,
        compared_months.month as compared_month,
        case when figures.month = compared_months.month then 'value' else 'year_before' end as evidence_role,
        figures.feed,
        figures.month,
        figures.season_value,
        figures.tonnes,
        figures.delivery_id,
        figures.released_on,
        figures.revision,
        figures.is_simulated,
        figures.source_file,
        figures.source_sheet,
        figures.source_row,
        max(case when figures.is_simulated then 1 else 0 end) over (
            partition by compared_months.directive, compared_months.item, compared_months.feed
        ) as feed_simulated
    from compared_months
    inner join figures
        on
            compared_months.feed = figures.feed
            and figures.month in (compared_months.month, compared_months.month_year_before)
),

beside as (
    select
        *,
        min(feed_simulated) over (partition by directive, item) as least_simulated
    from found
)

select
    directive,
    item,
    item_months,
    is_year_before,
    compared_month,
    evidence_role,
    feed,
    month,
    season_value,
    tonnes,
    delivery_id,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from beside
where feed_simulated = least_simulated
