-- Seafood exports by market, product and month on a year before, with the peak season and the months that Tết distorts.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'seafood_exports' and option = 'area_code'
)

select
    office.area_code,
    now_known.market,
    now_known.product_code,
    names.label_vi,
    names.label_en,
    now_known.month,
    now_known.calendar_year,
    now_known.month_of_year,
    now_known.tonnes,
    now_known.value_usd,
    try_cast(
        round(cast(now_known.value_usd as double) / cast(nullif(now_known.tonnes, 0) as double), 2) as decimal(18, 2)
    ) as export_price_usd_per_t,
    try_cast(
        round(
            (cast(now_known.value_usd as double) / cast(nullif(before.value_usd, 0) as double) - 1) * 100, 4
        ) as decimal(12, 4)
    ) as export_value_yoy_pct,
    try_cast(
        round((cast(now_known.tonnes as double) / cast(nullif(before.tonnes, 0) as double) - 1) * 100, 4)
        as decimal(12, 4)
    ) as export_tonnes_yoy_pct,
    coalesce(now_known.month_of_year between seasons.first_month and seasons.last_month, false) as is_peak_season,
    periods.is_distorted_by_tet,
    now_known.released_on,
    now_known.delivery_id,
    now_known.is_simulated or coalesce(before.is_simulated, false) as is_simulated
from {{ ref('stg_seafood_exports') }} as now_known
cross join office
left join {{ ref('peak_seasons') }} as seasons on seasons.season_code = 'seafood'
left join {{ ref('industrial_series') }} as names
    on
        names.series_kind = 'product'
        and now_known.product_code = names.series_code
left join {{ ref('int_periods') }} as periods on now_known.month = periods.period
left join {{ ref('stg_seafood_exports') }} as before
    on
        now_known.market = before.market
        and now_known.product_code = before.product_code
        and now_known.month_year_before = before.month
