-- What each release moved in the projection of GRDP, by sector and source, from one month end to the next and to the
-- day itself, as then known. A sector's contribution to growth of GRDP is its projection x its share of the year
-- before; its accounts alone explain one part of that, the months after them another, and reconciling parts and whole
-- the rest. Each change is the difference of two days, so all rows of a day add up to the change in the projection of
-- GRDP.
with main_sectors as (
    select sectors.sector_code
    from {{ ref('sectors') }} as sectors
    left join {{ ref('sectors') }} as parts
        on
            sectors.sector_code = parts.parent_sector_code
            and parts.sector_depth = 2
    where sectors.sector_depth in (1, 2) and parts.sector_code is null
),

projected as (
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        projected_growth_pct,
        own_growth_pct,
        accounts_growth_pct,
        year_before_constant_bn,
        is_simulated,
        on_date
    from {{ source('history', 'int_growth_projections') }}
    where knowledge = 'as_then_known' and on_date = last_day(on_date)
    union all
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        projected_growth_pct,
        own_growth_pct,
        accounts_growth_pct,
        year_before_constant_bn,
        is_simulated,
        {{ var('as_of') }} as on_date
    from {{ ref('int_growth_projections') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, target_year, on_date order by quarters_known desc
        ) as row_number
    from projected
    where
        projected_growth_pct is not null
        and on_date between make_date(target_year, 1, 1) and make_date(target_year, 12, 31)
),

newest as (
    select *
    from ranked
    where row_number = 1
),

parts as (
    select
        part.area_code,
        part.target_year,
        part.on_date,
        part.sector_code,
        whole.projected_growth_pct as grdp_projected_pct,
        cast(part.year_before_constant_bn as double) / cast(whole.year_before_constant_bn as double) as share,
        cast(part.projected_growth_pct as double) as reconciled,
        cast(part.own_growth_pct as double) as own,
        cast(part.accounts_growth_pct as double) as accounts,
        part.is_simulated or whole.is_simulated as is_simulated,
        count(*) over (partition by part.area_code, part.target_year, part.on_date) as n_parts
    from newest as part
    inner join main_sectors on part.sector_code = main_sectors.sector_code
    inner join newest as whole
        on
            part.area_code = whole.area_code
            and part.target_year = whole.target_year
            and part.on_date = whole.on_date
            and whole.sector_code = 'GRDP'
    where whole.year_before_constant_bn > 0
),

whole_days as (
    select *
    from parts
    where n_parts = (select count(*) from main_sectors)
),

sourced as (
    select
        area_code,
        target_year,
        on_date,
        sector_code,
        'accounts' as news_source,
        grdp_projected_pct,
        share * accounts as points,
        is_simulated
    from whole_days
    union all
    select
        area_code,
        target_year,
        on_date,
        sector_code,
        'months' as news_source,
        grdp_projected_pct,
        share * (own - accounts) as points,
        is_simulated
    from whole_days
    union all
    select
        area_code,
        target_year,
        on_date,
        sector_code,
        'adding_up' as news_source,
        grdp_projected_pct,
        share * (reconciled - own) as points,
        is_simulated
    from whole_days
),

followed as (
    select
        *,
        lag(on_date) over earlier as previous_on_date,
        lag(points) over earlier as previous_points,
        lag(grdp_projected_pct) over earlier as grdp_previous_pct
    from sourced
    window earlier as (partition by area_code, target_year, sector_code, news_source order by on_date)
),

releases as (
    select distinct
        area_code,
        sector_code,
        'accounts' as news_source,
        released_on,
        source_file
    from {{ ref('stg_grdp') }}
    union
    select distinct
        months.area_code,
        indicators.sector_code,
        'months' as news_source,
        months.released_on,
        deliveries.source_file
    from {{ ref('int_monthly_growth') }} as months
    inner join {{ ref('projection_indicators') }} as indicators
        on months.monthly_indicator = indicators.monthly_indicator
    inner join {{ ref('stg_deliveries') }} as deliveries
        on
            months.released_on = deliveries.released_on
            and months.feed = deliveries.feed
            and deliveries.status in ('accepted', 'accepted_in_part')
),

brought as (
    select
        followed.area_code,
        followed.sector_code,
        followed.news_source,
        followed.on_date,
        string_agg(releases.source_file, ', ' order by releases.source_file) as news_files
    from followed
    inner join releases
        on
            followed.area_code = releases.area_code
            and followed.sector_code = releases.sector_code
            and followed.news_source = releases.news_source
            and followed.previous_on_date < releases.released_on
            and followed.on_date >= releases.released_on
    group by followed.area_code, followed.sector_code, followed.news_source, followed.on_date
)

select
    followed.area_code,
    followed.target_year,
    followed.on_date,
    followed.previous_on_date,
    followed.sector_code,
    followed.news_source,
    cast(round(followed.points - followed.previous_points, 4) as decimal(12, 4)) as news_pp,
    brought.news_files,
    followed.grdp_projected_pct,
    followed.grdp_previous_pct,
    followed.is_simulated
from followed
left join brought
    on
        followed.area_code = brought.area_code
        and followed.sector_code = brought.sector_code
        and followed.news_source = brought.news_source
        and followed.on_date = brought.on_date
where followed.previous_on_date is not null
