-- Exports are not in it: it follows processing only, until a feed of exports is there.
with items as (
    select
        directive,
        item,
        area_code,
        substr(period, 1, 7) as first_month,
        right(period, 7) as last_month
    from {{ ref('directive_items') }}
    where indicator = 'seafood_processing_and_exports' and length(period) >= 7
),

monthly as (
    select
        area_code,
        month,
        substr(month, 6, 2) as month_number,
        calendar_year,
        sum(value_mn) as value_mn,
        max(released_on) as released_on,
        max(case when is_simulated then 1 else 0 end) as simulated
    from {{ ref('industry_output_monthly') }}
    where series_kind = 'product' and season_code = 'seafood' and value_mn is not null
    group by area_code, month, calendar_year
),

compared as (
    select
        items.directive,
        items.item,
        min(now.month) as first_known_month,
        max(now.month) as last_known_month,
        sum(now.value_mn) as value_now,
        sum(before.value_mn) as value_before,
        max(now.released_on) as released_on,
        max(greatest(now.simulated, before.simulated)) = 1 as is_simulated
    from items
    inner join monthly as now
        on
            items.area_code = now.area_code
            and now.month between items.first_month and items.last_month
    inner join monthly as before
        on
            now.area_code = before.area_code
            and now.month_number = before.month_number
            and now.calendar_year = before.calendar_year + 1
    group by items.directive, items.item
),

newest_deliveries as (
    select
        released_on,
        max(delivery_id) as delivery_id,
        max(supplier) as publisher
    from {{ ref('stg_deliveries') }}
    where feed = 'industry_output' and status in ('accepted', 'accepted_in_part')
    group by released_on
)

select
    compared.directive,
    compared.item,
    case
        when compared.first_known_month = compared.last_known_month then compared.first_known_month
        else compared.first_known_month || '..' || compared.last_known_month
    end as evidence_period,
    try_cast(
        round(
            (cast(compared.value_now as double) / cast(nullif(compared.value_before, 0) as double) - 1) * 100, 4
        ) as decimal(12, 4)
    ) as output_growth_pct,
    compared.released_on,
    newest_deliveries.publisher,
    newest_deliveries.delivery_id,
    compared.is_simulated
from compared
left join newest_deliveries on compared.released_on = newest_deliveries.released_on
where compared.value_before > 0
