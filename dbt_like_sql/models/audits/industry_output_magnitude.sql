-- A row is the monthly output of one enterprise and product beside its capacity and beside the quantity that its first
-- earlier delivery gave for the same month. It fails when output exceeds what the plant can make, or when a quantity
-- was restated by an order of magnitude: a unit is wrong (a 72 MW wind farm makes 631 GWh in a year at most).
-- A quantity beyond ten times the capacity is no yardstick for others.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        enterprise_code,
        product_code,
        month,
        unit,
        quantity,
        capacity
    from {{ source('candidates', 'industry_output') }}
),

trusted as (
    select
        *,
        row_number() over (
            partition by enterprise_code, product_code, month, unit
            order by released_on asc, revision asc, delivery_id asc
        ) as place
    from figures
    where quantity > 0 and (capacity is null or capacity = 0 or quantity <= 10 * capacity)
)

select
    figures.delivery_id,
    figures.source_row,
    figures.enterprise_code,
    figures.product_code,
    figures.month,
    figures.unit,
    figures.quantity,
    figures.capacity,
    earlier.delivery_id as reference_delivery_id,
    case
        when figures.capacity > 0
            then cast(round(cast(figures.quantity as double) / cast(figures.capacity as double), 4) as decimal(38, 4))
    end as capacity_ratio,
    cast(round(cast(figures.quantity as double) / cast(earlier.quantity as double), 6) as decimal(38, 6))
        as magnitude_ratio
from figures
left join trusted as earlier
    on
        figures.enterprise_code = earlier.enterprise_code
        and figures.product_code = earlier.product_code
        and figures.month = earlier.month
        and figures.unit = earlier.unit
        and figures.delivery_id <> earlier.delivery_id
        and figures.released_on >= earlier.released_on
        and earlier.place = 1
where figures.capacity > 0 or earlier.quantity is not null
