-- What the scenario of a plan foresaw for the newest part of an item's year that is over and of which growth is known.
with compared as (
    select
        spans.directive,
        spans.item,
        scenario.sector_code,
        scenario.period,
        scenario.growth_pct,
        growth.growth_yoy_pct,
        growth.last_month_of_year,
        scenario.released_on,
        scenario.delivery_id,
        scenario.is_simulated or growth.is_simulated as is_simulated,
        scenario.is_simulated as is_scenario_simulated,
        scenario.source_file,
        scenario.source_sheet,
        scenario.source_row,
        dense_rank() over (
            partition by spans.directive, spans.item
            order by growth.last_month_of_year desc, scenario.period asc
        ) as row_number
    from {{ ref('int_item_spans') }} as spans
    inner join {{ ref('stg_growth_scenario') }} as scenario on spans.area_code = scenario.area_code
    inner join {{ ref('int_periods') }} as periods
        on
            scenario.period = periods.period
            and periods.first_day_on >= spans.first_on
            and periods.last_day_on <= spans.last_on
            and periods.last_day_on < {{ var('as_of') }}
            and periods.period_type in ('year', 'ytd', 'quarter')
            and (periods.period_type <> 'quarter' or periods.last_month_of_year = 3)
    inner join {{ ref('int_growth_evidence') }} as growth
        on
            scenario.area_code = growth.area_code
            and scenario.sector_code = growth.sector_code
            and scenario.period = growth.period
    where spans.indicator = 'plan_32_carried_out'
)

select
    directive,
    item,
    sector_code,
    period,
    growth_pct,
    growth_yoy_pct,
    released_on,
    delivery_id,
    is_simulated,
    is_scenario_simulated,
    source_file,
    source_sheet,
    source_row
from compared
where row_number = 1
