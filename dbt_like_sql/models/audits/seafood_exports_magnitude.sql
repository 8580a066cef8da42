-- A row is one figure of exports beside what an earlier delivery gave for the same month, else for the same
-- month a year before. It fails when the two differ by two orders of magnitude: a unit is wrong. Figures below 1 are no
-- yardstick, and a price that seafood cannot have is judged by seafood_exports_price alone.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        market,
        product_code,
        month,
        cast(cast(substr(month, 1, 4) as integer) - 1 as varchar) || substr(month, 5) as month_year_before,
        'tonnes' as figure_name,
        cast(tonnes as decimal(20, 4)) as figure
    from {{ source('candidates', 'seafood_exports') }}
    where
        tonnes >= 1
        and (coalesce(tonnes, 0) = 0 or value_usd between 100 * tonnes and 200000 * tonnes)
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        market,
        product_code,
        month,
        cast(cast(substr(month, 1, 4) as integer) - 1 as varchar) || substr(month, 5) as month_year_before,
        'value_usd' as figure_name,
        cast(value_usd as decimal(20, 4)) as figure
    from {{ source('candidates', 'seafood_exports') }}
    where
        value_usd >= 1
        and (coalesce(tonnes, 0) = 0 or value_usd between 100 * tonnes and 200000 * tonnes)
),

in_order as (
    select
        *,
        row_number() over (
            partition by market, product_code, month, figure_name
            order by released_on asc, revision asc, delivery_id asc
        ) as place
    from figures
),

referred as (
    select
        figures.*,
        coalesce(same_month.delivery_id, year_before.delivery_id) as reference_delivery_id,
        coalesce(same_month.month, year_before.month) as reference_period,
        coalesce(same_month.figure, year_before.figure) as reference_figure
    from figures
    left join in_order as same_month
        on
            figures.market = same_month.market
            and figures.product_code = same_month.product_code
            and figures.month = same_month.month
            and figures.figure_name = same_month.figure_name
            and figures.delivery_id <> same_month.delivery_id
            and figures.released_on >= same_month.released_on
            and same_month.place = 1
    left join in_order as year_before
        on
            figures.market = year_before.market
            and figures.product_code = year_before.product_code
            and figures.month_year_before = year_before.month
            and figures.figure_name = year_before.figure_name
            and figures.delivery_id <> year_before.delivery_id
            and figures.released_on >= year_before.released_on
            and year_before.place = 1
)

select
    delivery_id,
    source_row,
    market,
    product_code,
    month,
    figure_name,
    figure,
    reference_delivery_id,
    reference_period,
    cast(round(cast(figure as double) / cast(reference_figure as double), 6) as decimal(38, 6)) as magnitude_ratio
from referred
where reference_figure is not null
