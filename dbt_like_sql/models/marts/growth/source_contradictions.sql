-- Published figures that contradict each other: one figure stated in two ways, a published rate beside the one computed
-- from levels, shares of GRDP that do not add to 100, a year that its months leave no room for; and what two offices
-- deliver of one thing, the electricity of wind farms. Both sides are kept, and each says whether it is simulated.
with figures as (
    select
        published.*,
        names.sector_code,
        names.label_vi,
        names.label_en
    from {{ ref('stg_published_figures') }} as published
    inner join {{ ref('published_indicators') }} as names
        on published.indicator = names.indicator and published.measure = names.measure
),

statements as (
    select
        'two_statements' as contradiction,
        indicator,
        measure,
        label_vi,
        label_en,
        area_code,
        period,
        unit,
        value as first_value,
        publisher as first_publisher,
        said_on as first_said_on,
        source_url as first_source_url,
        lead(value) over later as second_value,
        lead(publisher) over later as second_publisher,
        lead(said_on) over later as second_said_on,
        lead(source_url) over later as second_source_url,
        is_simulated as first_is_simulated,
        lead(is_simulated) over later as second_is_simulated
    from figures
    window later as (partition by indicator, measure, area_code, period, unit order by said_on, source_url)
),

computed as (
    select
        'published_and_computed' as contradiction,
        figures.indicator,
        figures.measure,
        figures.label_vi,
        figures.label_en,
        figures.area_code,
        figures.period,
        figures.unit,
        figures.value as first_value,
        figures.publisher as first_publisher,
        figures.said_on as first_said_on,
        figures.source_url as first_source_url,
        growth.growth_yoy_pct as second_value,
        message_vi('publisher_computed', '{}') as second_publisher,
        growth.released_on as second_said_on,
        cast(null as varchar) as second_source_url,
        figures.is_simulated as first_is_simulated,
        growth.is_simulated as second_is_simulated
    from figures
    inner join {{ ref('int_sector_growth') }} as growth
        on
            figures.area_code = growth.area_code
            and figures.sector_code = growth.sector_code
            and figures.period = growth.period
    where figures.measure = 'growth_yoy' and abs(figures.value - growth.growth_yoy_pct) > 0.1
),

shares as (
    select
        'shares_do_not_add_up' as contradiction,
        'grdp_shares' as indicator,
        measure,
        message_vi('contradiction_shares_label', '{}') as label_vi,
        message_en('contradiction_shares_label', '{}') as label_en,
        area_code,
        period,
        unit,
        sum(value) as first_value,
        publisher as first_publisher,
        said_on as first_said_on,
        min(source_url) as first_source_url,
        cast(100 as decimal(20, 6)) as second_value,
        cast(null as varchar) as second_publisher,
        cast(null as date) as second_said_on,
        cast(null as varchar) as second_source_url,
        {{ any_simulated('is_simulated') }} as first_is_simulated,
        false as second_is_simulated
    from figures
    where measure = 'share_of_grdp_current' and sector_code in ('I', 'II', 'III', 'TAX')
    group by measure, area_code, period, unit, publisher, said_on
    having
        count(distinct case when sector_code <> 'TAX' then sector_code end) = 3
        and abs(sum(value) - 100) > 0.1
),

-- with the months in proportion to their number, the rest of the year is more than 12 points off the months before
months as (
    select
        'year_and_its_months' as contradiction,
        years.indicator,
        years.measure,
        years.label_vi,
        years.label_en,
        years.area_code,
        years.period,
        years.unit,
        months.value as first_value,
        months.publisher as first_publisher,
        months.said_on as first_said_on,
        months.source_url as first_source_url,
        years.value as second_value,
        years.publisher as second_publisher,
        years.said_on as second_said_on,
        years.source_url as second_source_url,
        months.is_simulated as first_is_simulated,
        years.is_simulated as second_is_simulated
    from figures as years
    inner join figures as months
        on
            years.indicator = months.indicator
            and years.measure = months.measure
            and years.area_code = months.area_code
            and years.calendar_year = months.calendar_year
    where
        years.measure = 'growth_yoy'
        and years.period_type = 'year'
        and months.period_type = 'ytd'
        and months.last_month_of_year between 6 and 11
        and abs(12 * (years.value - months.value)) > 12 * (12 - months.last_month_of_year)
),

-- what enterprises report of a product and what the farms themselves generated, over the years that both know whole
products as (
    select
        calendar_year,
        min(unit) as unit,
        sum(quantity) as quantity,
        max(released_on) as said_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_product_output') }}
    where product_code = 'wind_power'
    group by calendar_year
    having count(distinct month) = 12
),

farms as (
    select
        stg_wind_power.calendar_year,
        sum(stg_wind_power.generation_mwh) as generation_mwh,
        max(stg_wind_power.released_on) as said_on,
        {{ any_simulated('stg_wind_power.is_simulated') }} as is_simulated
    from {{ ref('stg_wind_power') }} as stg_wind_power
    group by stg_wind_power.calendar_year
    having count(distinct stg_wind_power.month) = 12
),

offices as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'wind_power' and option = 'area_code'
),

feeds as (
    select
        'two_feeds' as contradiction,
        'wind_power' as indicator,
        'level' as measure,
        names.label_vi,
        names.label_en,
        offices.area_code,
        cast(products.calendar_year as varchar) as period,
        products.unit,
        cast(products.quantity as decimal(20, 6)) as first_value,
        message_vi('publisher_enterprises', '{}') as first_publisher,
        products.said_on as first_said_on,
        cast('' as varchar) as first_source_url,
        cast(farms.generation_mwh as decimal(20, 6)) as second_value,
        message_vi('publisher_wind_farms', '{}') as second_publisher,
        farms.said_on as second_said_on,
        cast(null as varchar) as second_source_url,
        products.is_simulated as first_is_simulated,
        farms.is_simulated as second_is_simulated
    from products
    inner join farms on products.calendar_year = farms.calendar_year
    cross join offices
    left join {{ ref('industrial_series') }} as names
        on names.series_kind = 'product' and names.series_code = 'wind_power'
    where products.unit = 'MWh' and abs(products.quantity - farms.generation_mwh) > 0.05 * products.quantity
),

found as (
    select * from statements
    where first_value <> second_value
    union all
    select * from computed
    union all
    select * from shares
    union all
    select * from months
    union all
    select * from feeds
),

marked as (
    select
        *,
        coalesce(first_is_simulated, false) as is_first_simulated,
        coalesce(second_is_simulated, false) as is_second_simulated
    from found
),

with_messages as (
    select
        *,
        case contradiction
            when 'two_statements' then 'contradiction_two_statements'
            when 'published_and_computed' then 'contradiction_published_and_computed'
            when 'shares_do_not_add_up' then 'contradiction_shares_do_not_add_up'
            when 'year_and_its_months' then 'contradiction_year_and_its_months'
            when 'two_feeds' then 'contradiction_two_feeds'
        end as reason_codes,
        to_json({
            'first_value': cast(first_value as decimal(20, 2)),
            'first_simulated': is_first_simulated,
            'first_publisher': first_publisher,
            'first_said_on': first_said_on,
            'second_value': cast(second_value as decimal(20, 2)),
            'second_simulated': is_second_simulated,
            'second_publisher': second_publisher,
            'second_said_on': second_said_on
        }) as reason_values
    from marked
)

select
    contradiction,
    indicator,
    measure,
    label_vi as indicator_label_vi,
    label_en as indicator_label_en,
    area_code,
    period,
    unit,
    cast(first_value as decimal(20, 4)) as first_value,
    first_publisher,
    first_said_on,
    first_source_url,
    cast(second_value as decimal(20, 4)) as second_value,
    second_publisher,
    second_said_on,
    second_source_url,
    cast(second_value - first_value as decimal(20, 4)) as difference,
    message_vi(reason_codes, reason_values) as reason_vi,
    message_en(reason_codes, reason_values) as reason_en,
    is_first_simulated or is_second_simulated as is_simulated,
    is_second_simulated as second_is_simulated
from with_messages
