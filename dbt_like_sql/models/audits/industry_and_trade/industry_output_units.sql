-- A row is the output of an enterprise and product in a month, with the unit that its product is counted in: by the
-- seed of industrial series, else as in most rows of the first delivery that speaks of it. It fails when it states
-- another one: tonnes reported in kilograms are wrong by a thousand, and no figure of theirs looks wrong.
with stated as (
    select
        delivery_id,
        source_row,
        enterprise_code,
        product_code,
        month,
        unit,
        is_simulated,
        released_on,
        revision,
        lower(trim(unit)) as unit_in_small_letters
    from {{ source('candidates', 'industry_output') }}
    where product_code is not null and unit is not null
),

counted as (
    select
        product_code,
        is_simulated,
        released_on,
        revision,
        delivery_id,
        unit_in_small_letters,
        count(*) as row_count
    from stated
    group by product_code, is_simulated, released_on, revision, delivery_id, unit_in_small_letters
),

in_order as (
    select
        *,
        row_number() over (
            partition by product_code, is_simulated
            order by released_on asc, revision asc, delivery_id asc, row_count desc, unit_in_small_letters asc
        ) as row_number
    from counted
)

select
    stated.delivery_id,
    stated.source_row,
    stated.enterprise_code,
    stated.product_code,
    stated.month,
    case
        when stated.unit_in_small_letters = coalesce(lower(series.unit), firsts.unit_in_small_letters)
            then coalesce(series.unit, firsts.unit_in_small_letters)
        else stated.unit
    end as unit,
    coalesce(series.unit, firsts.unit_in_small_letters) as usual_unit
from stated
inner join in_order as firsts
    on
        stated.product_code = firsts.product_code
        and stated.is_simulated = firsts.is_simulated
        and firsts.row_number = 1
left join {{ ref('industrial_series') }} as series
    on stated.product_code = series.series_code and series.series_kind = 'product'
