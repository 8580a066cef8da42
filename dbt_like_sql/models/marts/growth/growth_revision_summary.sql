-- Mean revision (bias), mean absolute revision, and the latter relative to the size of the later figures: the sum of
-- absolute revisions over the sum of absolute later growth. Of one pair of stages the newest later release counts. Two
-- kinds of revision are never mixed: from the first figure released about the end of its period (31 days before to 100
-- after), shown from eight periods on; and from the oldest vintage known, back data among them. The seed's figures
-- are of the second kind.
with by_stage as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, period, evidence_basis, is_simulated, later_estimate_stage
            order by vintage_number desc
        ) as newest_of_stage
    from {{ ref('growth_revisions') }}
    where first_estimate_stage is not null and later_estimate_stage is not null
),

first_releases as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, period, evidence_basis, is_simulated order by vintage_number asc
        ) as row_number
    from {{ ref('int_growth_vintages') }}
    where
        date_diff('day', last_day(make_date(calendar_year, last_month_of_year, 1)), released_on) between -31 and 100
),

horizons as (
    select
        area_code,
        sector_code,
        period,
        period_type,
        evidence_basis,
        is_simulated,
        'first_to_next' as revision_horizon,
        first_released_on,
        later_released_on,
        later_growth_pct,
        revision_pp
    from {{ ref('growth_revisions') }}
    where is_next_release
    union all
    select
        area_code,
        sector_code,
        period,
        period_type,
        evidence_basis,
        is_simulated,
        'first_to_latest' as revision_horizon,
        first_released_on,
        later_released_on,
        later_growth_pct,
        revision_pp
    from {{ ref('growth_revisions') }}
    where is_latest_release
    union all
    select
        area_code,
        sector_code,
        period,
        period_type,
        evidence_basis,
        is_simulated,
        first_estimate_stage || '_to_' || later_estimate_stage as revision_horizon,
        first_released_on,
        later_released_on,
        later_growth_pct,
        revision_pp
    from by_stage
    where newest_of_stage = 1 and first_estimate_stage <> later_estimate_stage
    union all
    select
        newest.area_code,
        newest.sector_code,
        newest.period,
        newest.period_type,
        newest.evidence_basis,
        newest.is_simulated,
        'first_release_to_latest' as revision_horizon,
        first_releases.released_on as first_released_on,
        newest.released_on as later_released_on,
        newest.growth_yoy_pct as later_growth_pct,
        cast(newest.growth_yoy_pct - first_releases.growth_yoy_pct as decimal(12, 4)) as revision_pp
    from first_releases
    inner join {{ ref('int_growth_vintages') }} as newest
        on
            first_releases.area_code = newest.area_code
            and first_releases.sector_code = newest.sector_code
            and first_releases.period = newest.period
            and first_releases.evidence_basis = newest.evidence_basis
            and first_releases.is_simulated = newest.is_simulated
            and newest.vintage_number = newest.vintages
            and first_releases.vintage_number < newest.vintage_number
    where first_releases.row_number = 1
),

kinds as (
    select
        *,
        case
            when revision_horizon = 'first_release_to_latest' then 'first_release_revision' else 'vintage_revision'
        end as revision_kind,
        case when revision_horizon = 'first_release_to_latest' then 8 else 1 end as least_revisions
    from horizons
),

summed as (
    select
        area_code,
        sector_code,
        period_type,
        revision_kind,
        revision_horizon,
        evidence_basis,
        is_simulated,
        count(*) as revisions,
        min(period) as first_period,
        max(period) as last_period,
        min(first_released_on) as oldest_vintage_on,
        max(later_released_on) as newest_vintage_on,
        case when count(*) >= min(least_revisions) then cast(count(*) as double) end as enough_revisions,
        cast(sum(revision_pp) as double) as sum_of_revisions,
        cast(sum(abs(revision_pp)) as double) as sum_absolute,
        cast(nullif(sum(abs(later_growth_pct)), 0) as double) as sum_of_later
    from kinds
    group by
        area_code, sector_code, period_type, revision_kind, revision_horizon, evidence_basis, is_simulated
)

select
    area_code,
    sector_code,
    period_type,
    revision_horizon,
    revision_kind,
    'landed_vintages' as revision_source,
    evidence_basis,
    is_simulated,
    cast(revisions as integer) as revisions,
    first_period,
    last_period,
    oldest_vintage_on,
    newest_vintage_on,
    cast(round(sum_of_revisions / enough_revisions, 4) as decimal(12, 4)) as mean_revision_pp,
    cast(round(sum_absolute / enough_revisions, 4) as decimal(12, 4)) as mean_absolute_revision_pp,
    case when enough_revisions is not null then cast(round(sum_absolute / sum_of_later, 4) as decimal(12, 4)) end
        as relative_absolute_revision_ratio
from summed
union all
select
    series_area_code as area_code,
    sector_code,
    frequency as period_type,
    'first_to_latest' as revision_horizon,
    revision_kind,
    'register' as revision_source,
    'computed_from_levels' as evidence_basis,
    false as is_simulated,
    revisions,
    cast(null as varchar) as first_period,
    cast(null as varchar) as last_period,
    cast(null as date) as oldest_vintage_on,
    cast(null as date) as newest_vintage_on,
    mean_revision_pp,
    mean_absolute_revision_pp,
    cast(null as decimal(12, 4)) as relative_absolute_revision_ratio
from {{ ref('revision_errors') }}
