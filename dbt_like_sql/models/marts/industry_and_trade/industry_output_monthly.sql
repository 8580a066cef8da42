-- Industry month by month: the index of production by activity and the output of products, each on a year before,
-- with the peak season of its trade marked, and the months whose comparison Tết distorts. An index measures volume and
-- is no evidence for the target of industry.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'industry_output' and option = 'area_code'
),

series as (
    select
        area_code,
        'index' as series_kind,
        activity_code as series_code,
        month,
        calendar_year,
        month_of_year,
        index_level,
        base_year,
        cast(null as decimal(18, 3)) as quantity,
        'index' as unit,
        cast(null as decimal(18, 3)) as value_mn,
        output_yoy_pct,
        output_ytd_yoy_pct,
        yoy_basis,
        cast(null as integer) as enterprises,
        cast(null as integer) as enterprises_year_before,
        released_on,
        delivery_id,
        is_simulated
    from {{ ref('int_index_growth') }}
    union all
    select
        office.area_code,
        'product' as series_kind,
        products.product_code as series_code,
        products.month,
        products.calendar_year,
        products.month_of_year,
        cast(null as decimal(14, 6)) as index_level,
        cast(null as integer) as base_year,
        products.quantity,
        products.unit,
        products.value_mn,
        products.output_yoy_pct,
        products.output_ytd_yoy_pct,
        case when products.output_yoy_pct is not null then 'computed_from_levels' end as yoy_basis,
        products.enterprises,
        products.enterprises_year_before,
        products.released_on,
        products.delivery_id,
        products.is_simulated
    from {{ ref('int_product_output') }} as products
    cross join office
)

select
    series.area_code,
    series.series_kind,
    series.series_code,
    names.label_vi,
    names.label_en,
    series.month,
    series.calendar_year,
    series.month_of_year,
    cast(round(series.index_level, 4) as decimal(14, 4)) as index_level_100,
    series.base_year,
    series.quantity,
    series.unit,
    series.value_mn,
    series.output_yoy_pct,
    series.output_ytd_yoy_pct,
    series.yoy_basis,
    series.enterprises,
    series.enterprises_year_before,
    coalesce(series.month_of_year between seasons.first_month and seasons.last_month, false) as is_peak_season,
    seasons.season_code,
    periods.is_distorted_by_tet,
    series.released_on,
    series.delivery_id,
    series.is_simulated
from series
left join {{ ref('industrial_series') }} as names
    on series.series_kind = names.series_kind and series.series_code = names.series_code
left join {{ ref('peak_seasons') }} as seasons on names.season_code = seasons.season_code
left join {{ ref('int_periods') }} as periods on series.month = periods.period
