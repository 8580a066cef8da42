-- Thresholds are compared on exact numbers: growth computed from levels is compared on the levels.
select
    progress.directive,
    progress.item,
    progress.evidence_basis,
    progress.evidence_period,
    progress.covers_target_period,
    progress.growth_yoy_pct as actual,
    progress.growth_progress_ratio as progress_ratio,
    cast(null as varchar) as detail_en,
    cast(null as varchar) as detail_vi,
    progress.required_growth_rest_pct,
    progress.is_required_within_history,
    progress.is_evidence_expected,
    progress.released_on,
    progress.publisher,
    progress.delivery_id,
    coalesce(progress.estimate_stage <> 'official', true) as is_estimate,
    coalesce(progress.is_simulated, false) as is_simulated,
    case
        when
            progress.evidence_basis = 'computed_from_levels'
            and evidence.level_constant_bn is not null
            and evidence.level_year_before_constant_bn is not null
            then
                cast(
                    evidence.level_constant_bn - evidence.level_year_before_constant_bn as decimal(22, 4)
                )
                * cast(100 as decimal(12, 4))
                - cast(evidence.level_year_before_constant_bn as decimal(22, 4)) * progress.target_growth_pct
        else cast(progress.growth_yoy_pct - progress.target_growth_pct as decimal(38, 8))
    end as exact_difference,
    cast(null as decimal(12, 4)) as value_year_before,
    errors.revision_kind,
    errors.revision_basis_en,
    errors.revision_basis_vi,
    errors.mean_absolute_revision_pp
from {{ ref('int_growth_progress') }} as progress
left join {{ ref('int_growth_evidence') }} as evidence
    on
        progress.area_code = evidence.area_code
        and progress.sector_code = evidence.sector_code
        and progress.evidence_period = evidence.period
left join {{ ref('int_revision_errors') }} as errors
    on
        evidence.area_code = errors.area_code
        and evidence.sector_code = errors.sector_code
        and evidence.period_type = errors.period_type
        and evidence.evidence_basis = errors.evidence_basis
        and evidence.is_simulated = errors.is_simulated
