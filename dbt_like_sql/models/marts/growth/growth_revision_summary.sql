-- Mean revision (bias), mean absolute revision, and the latter relative to the size of the later figures: the sum of
-- absolute revisions over the sum of absolute later growth. Of one pair of stages the newest later release counts.
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

horizons as (
    select
        area_code,
        sector_code,
        period,
        period_type,
        evidence_basis,
        is_simulated,
        'first_to_next' as revision_horizon,
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
        later_growth_pct,
        revision_pp
    from by_stage
    where newest_of_stage = 1 and first_estimate_stage <> later_estimate_stage
)

select
    area_code,
    sector_code,
    period_type,
    revision_horizon,
    evidence_basis,
    is_simulated,
    cast(count(*) as integer) as revisions,
    min(period) as first_period,
    max(period) as last_period,
    cast(round(cast(sum(revision_pp) as double) / cast(count(*) as double), 4) as decimal(12, 4)) as mean_revision_pp,
    cast(
        round(cast(sum(abs(revision_pp)) as double) / cast(count(*) as double), 4) as decimal(12, 4)
    ) as mean_absolute_revision_pp,
    cast(
        round(
            cast(sum(abs(revision_pp)) as double) / cast(nullif(sum(abs(later_growth_pct)), 0) as double), 4
        ) as decimal(12, 4)
    ) as relative_absolute_revision_ratio
from horizons
group by
    area_code,
    sector_code,
    period_type,
    revision_horizon,
    evidence_basis,
    is_simulated
