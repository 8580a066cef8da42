-- Output of each product and month over all enterprises, with the same month a year before and the months so far. The
-- number of enterprises is given with it: growth also comes from one that joined or stopped reporting.
with monthly as (
    select
        product_code,
        unit,
        month,
        calendar_year,
        month_of_year,
        month_year_before,
        sum(quantity) as quantity,
        case when count(value_mn) = count(*) then sum(value_mn) end as value_mn,
        count(*) as enterprises,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('stg_industry_output') }}
    group by product_code, unit, month, calendar_year, month_of_year, month_year_before
),

-- One delivery is named for each month: the newest of those that its rows came with.
newest_delivery as (
    select
        product_code,
        unit,
        month,
        delivery_id,
        row_number() over (
            partition by product_code, unit, month order by released_on desc, revision desc, delivery_id desc
        ) as row_number
    from {{ ref('stg_industry_output') }}
),

so_far as (
    select
        *,
        sum(quantity) over (
            partition by product_code, unit, calendar_year
            order by month_of_year asc
            rows between unbounded preceding and current row
        ) as quantity_so_far,
        count(*) over (
            partition by product_code, unit, calendar_year
            order by month_of_year asc
            rows between unbounded preceding and current row
        ) as months_so_far
    from monthly
)

select
    now_known.product_code,
    now_known.unit,
    now_known.month,
    now_known.calendar_year,
    now_known.month_of_year,
    cast(now_known.quantity as decimal(18, 3)) as quantity,
    cast(now_known.value_mn as decimal(18, 3)) as value_mn,
    cast(now_known.enterprises as integer) as enterprises,
    cast(before.enterprises as integer) as enterprises_year_before,
    case
        when before.quantity > 0
            then
                try_cast(
                    round(100 * (cast(now_known.quantity as double) / cast(before.quantity as double) - 1), 4)
                    as decimal(12, 4)
                )
    end as output_yoy_pct,
    case
        when
            before.quantity_so_far > 0
            and now_known.months_so_far = now_known.month_of_year
            and before.months_so_far = now_known.month_of_year
            then
                try_cast(
                    round(
                        100
                        * (cast(now_known.quantity_so_far as double) / cast(before.quantity_so_far as double) - 1),
                        4
                    ) as decimal(12, 4)
                )
    end as output_ytd_yoy_pct,
    now_known.released_on,
    newest_delivery.delivery_id,
    now_known.is_simulated or coalesce(before.is_simulated, false) as is_simulated
from so_far as now_known
inner join newest_delivery
    on
        now_known.product_code = newest_delivery.product_code
        and now_known.unit = newest_delivery.unit
        and now_known.month = newest_delivery.month
        and newest_delivery.row_number = 1
left join so_far as before
    on
        now_known.product_code = before.product_code
        and now_known.unit = before.unit
        and now_known.month_year_before = before.month
