-- Retail sales and consumer services month by month at current prices, each group on a year before and since January.
-- Growth is at current prices, so it includes the rise in prices.
with running as (
    select
        *,
        case
            when
                count(*) over (
                    partition by area_code, service_group, calendar_year
                    order by month_of_year
                    rows between unbounded preceding and current row
                ) = month_of_year
                then
                    sum(value_bn) over (
                        partition by area_code, service_group, calendar_year
                        order by month_of_year
                        rows between unbounded preceding and current row
                    )
        end as value_ytd_bn
    from {{ ref('stg_retail_services') }}
)

select
    figures.area_code,
    figures.service_group,
    names.label_vi,
    names.label_en,
    figures.month,
    figures.calendar_year,
    figures.month_of_year,
    figures.value_bn,
    year_before.value_bn as value_year_before_bn,
    try_cast(
        round(100 * (cast(figures.value_bn as double) / cast(nullif(year_before.value_bn, 0) as double) - 1), 4)
        as decimal(12, 4)
    ) as value_yoy_pct,
    cast(figures.value_ytd_bn as decimal(18, 4)) as value_ytd_bn,
    try_cast(
        round(
            100 * (cast(figures.value_ytd_bn as double) / cast(nullif(year_before.value_ytd_bn, 0) as double) - 1), 4
        ) as decimal(12, 4)
    ) as value_ytd_yoy_pct,
    periods.is_distorted_by_tet,
    figures.released_on,
    figures.delivery_id,
    coalesce(figures.is_simulated or year_before.is_simulated, figures.is_simulated) as is_simulated,
    coalesce(names.is_total, false) as is_total
from running as figures
left join running as year_before
    on
        figures.area_code = year_before.area_code
        and figures.service_group = year_before.service_group
        and figures.month_year_before = year_before.month
left join {{ ref('service_groups') }} as names on figures.service_group = names.service_group
left join {{ ref('int_periods') }} as periods on figures.month = periods.period
order by figures.area_code, names.sort_order, figures.service_group, figures.month
