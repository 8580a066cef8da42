-- A row is one figure of exports with the price of a tonne that follows from it: thousands of dollars written as
-- dollars, or kilogrammes as tonnes, put the price far outside what seafood costs, already in a first delivery.
select
    delivery_id,
    source_row,
    market,
    product_code,
    month,
    tonnes,
    value_usd,
    cast(round(cast(value_usd as double) / cast(tonnes as double), 2) as decimal(18, 2)) as export_price_usd_per_t
from {{ source('candidates', 'seafood_exports') }}
where tonnes > 0 and value_usd is not null
