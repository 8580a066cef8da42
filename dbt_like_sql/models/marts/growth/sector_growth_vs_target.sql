-- Growth of each area, sector and period as known on the day, and against the target where one is set. Rows whose level
-- is known but whose growth cannot be computed (a first year, a break of base) are kept with growth null. A target is
-- given with its own period and, where that has no target of its own, a yearly one with the cumulative periods of its
-- year too; never with a quarter. A figure of a period that is not over is a forecast: it meets no target.
with level_only as (
    select growth.*
    from {{ ref('int_sector_growth') }} as growth
    left join {{ ref('int_growth_evidence') }} as evidence
        on
            growth.area_code = evidence.area_code
            and growth.sector_code = evidence.sector_code
            and growth.period = evidence.period
    where evidence.period is null
),

figures as (
    select
        evidence.area_code,
        evidence.sector_code,
        evidence.period,
        evidence.period_type,
        evidence.calendar_year,
        evidence.last_month_of_year,
        evidence.released_on,
        evidence.estimate_stage,
        evidence.level_constant_bn,
        evidence.level_year_before_constant_bn,
        evidence.base_year,
        evidence.level_basis,
        evidence.growth_yoy_pct,
        evidence.contribution_pp,
        evidence.is_contribution_simulated,
        evidence.is_one_vintage,
        evidence.is_linked,
        evidence.link_year,
        evidence.exact_linking_factor,
        evidence.evidence_basis,
        evidence.published_growth_pct,
        evidence.publisher,
        evidence.source_url,
        {{ source_row_of('evidence') }},
        evidence.is_simulated
    from {{ ref('int_growth_evidence') }} as evidence
    union all
    select
        level_only.area_code,
        level_only.sector_code,
        level_only.period,
        level_only.period_type,
        level_only.calendar_year,
        level_only.last_month_of_year,
        level_only.released_on,
        level_only.estimate_stage,
        cast(round(level_only.value_constant_bn, 4) as decimal(18, 4)) as level_constant_bn,
        cast(null as decimal(18, 4)) as level_year_before_constant_bn,
        level_only.base_year,
        level_only.level_basis,
        cast(null as decimal(12, 4)) as growth_yoy_pct,
        cast(null as decimal(12, 4)) as contribution_pp,
        cast(null as boolean) as is_contribution_simulated,
        level_only.is_one_vintage,
        false as is_linked,
        cast(null as integer) as link_year,
        cast(null as decimal(24, 12)) as exact_linking_factor,
        'level_only' as evidence_basis,
        cast(null as decimal(12, 4)) as published_growth_pct,
        coalesce(offices.publisher, message_vi('publisher_statistics_office', '{}')) as publisher,
        cast(null as varchar) as source_url,
        {{ source_row_of('level_only') }},
        level_only.is_simulated
    from level_only
    left join {{ ref('statistics_offices') }} as offices on level_only.area_code = offices.area_code
),

targets as (
    select
        figures.area_code,
        figures.sector_code,
        figures.period,
        targets.directive,
        targets.item,
        targets.period as target_period,
        targets.target_comparator,
        targets.target_growth_pct,
        row_number() over (
            partition by figures.area_code, figures.sector_code, figures.period
            order by case when targets.period = figures.period then 0 else 1 end asc
        ) as row_number
    from figures
    inner join {{ ref('int_growth_targets') }} as targets
        on
            figures.area_code = targets.area_code
            and figures.sector_code = targets.sector_code
            and figures.calendar_year = targets.calendar_year
            and (
                figures.period = targets.period
                or (figures.period_type = 'ytd' and targets.period_type = 'year')
            )
            and targets.is_leading_target
),

against_target as (
    select
        figures.*,
        coalesce(periods.last_day_on >= {{ var('as_of') }}, false) as is_forecast,
        targets.target_period,
        targets.directive,
        targets.item,
        targets.target_comparator,
        targets.target_growth_pct,
        cast(figures.growth_yoy_pct - targets.target_growth_pct as decimal(12, 4)) as gap_to_target_pp,
        -- Exact where there are levels: (level - base) * 100 - base * target, without a quotient or rounding, and wide
        -- enough for the product.
        case
            when figures.evidence_basis = 'computed_from_levels'
                then
                    cast(figures.level_constant_bn - figures.level_year_before_constant_bn as decimal(22, 4))
                    * cast(100 as decimal(12, 4))
                    - cast(figures.level_year_before_constant_bn as decimal(22, 4)) * targets.target_growth_pct
            else cast(figures.growth_yoy_pct - targets.target_growth_pct as decimal(38, 8))
        end as sign_exact_difference,
        errors.mean_absolute_revision_pp,
        errors.revision_kind,
        errors.revision_basis_en,
        errors.revision_basis_vi
    from figures
    left join targets
        on
            figures.area_code = targets.area_code
            and figures.sector_code = targets.sector_code
            and figures.period = targets.period
            and targets.row_number = 1
    left join {{ ref('int_periods') }} as periods on figures.period = periods.period
    left join {{ ref('int_revision_errors') }} as errors
        on
            figures.area_code = errors.area_code
            and figures.sector_code = errors.sector_code
            and figures.period_type = errors.period_type
            and figures.evidence_basis = errors.evidence_basis
            and figures.is_simulated = errors.is_simulated
)

select
    against_target.area_code,
    against_target.sector_code,
    against_target.period,
    against_target.period_type,
    against_target.calendar_year,
    against_target.last_month_of_year,
    against_target.released_on,
    against_target.estimate_stage,
    against_target.level_constant_bn,
    against_target.level_year_before_constant_bn,
    against_target.base_year,
    against_target.level_basis,
    against_target.growth_yoy_pct,
    against_target.contribution_pp,
    against_target.is_contribution_simulated,
    against_target.target_comparator,
    against_target.target_growth_pct,
    against_target.gap_to_target_pp,
    case
        when
            against_target.period <> against_target.target_period or against_target.sign_exact_difference is null
            then null
        when against_target.is_forecast then null
        when against_target.target_comparator = '>' then against_target.sign_exact_difference > 0
        when against_target.target_comparator = '>=' then against_target.sign_exact_difference >= 0
        when against_target.target_comparator = '<' then against_target.sign_exact_difference < 0
        when against_target.target_comparator = '<=' then against_target.sign_exact_difference <= 0
    end as is_target_met,
    coalesce(abs(against_target.gap_to_target_pp) < against_target.mean_absolute_revision_pp, false)
        as within_revision_error,
    case
        when against_target.gap_to_target_pp is not null then against_target.revision_basis_en
    end as revision_basis_en,
    required.required_growth_rest_pct,
    coalesce(required.rest_growth_history_years, bounded.rest_growth_history_years) as rest_growth_history_years,
    coalesce(required.rest_growth_history_min_pct, bounded.rest_growth_history_min_pct) as rest_growth_history_min_pct,
    coalesce(required.rest_growth_history_max_pct, bounded.rest_growth_history_max_pct) as rest_growth_history_max_pct,
    required.required_growth_place,
    required.required_growth_percentile,
    coalesce(required.is_required_within_history, bounded.is_required_within_history) as is_required_within_history,
    against_target.evidence_basis,
    against_target.published_growth_pct,
    against_target.is_one_vintage,
    coalesce(against_target.estimate_stage <> 'official', true) as provisional,
    against_target.directive,
    against_target.item,
    against_target.publisher,
    against_target.source_url,
    {{ source_row_of('against_target') }},
    against_target.is_simulated,
    against_target.is_forecast,
    against_target.target_period,
    bounded.required_growth_rest_low_pct,
    bounded.required_growth_rest_high_pct,
    bounded.part_share_low_pct,
    bounded.part_share_high_pct,
    bounded.part_share_sources,
    case when against_target.period <> progress.target_period then progress.office_forecast end as office_forecast,
    case when against_target.period <> progress.target_period then progress.office_forecast_released_on end
        as office_forecast_released_on,
    case when against_target.gap_to_target_pp is not null then against_target.revision_kind end as revision_kind,
    case when against_target.gap_to_target_pp is not null then against_target.revision_basis_vi end
        as revision_basis_vi,
    case when against_target.gap_to_target_pp is not null then against_target.mean_absolute_revision_pp end
        as mean_absolute_revision_pp,
    against_target.is_linked,
    coalesce(against_target.link_year, linked.link_year) as link_year,
    cast(round(coalesce(against_target.exact_linking_factor, linked.exact_linking_factor), 4) as decimal(18, 4))
        as linking_factor,
    linked.linked_base_year,
    cast(round(linked.linked_value_bn, 4) as decimal(18, 4)) as linked_level_constant_bn,
    linked.linking_residual_bn
from against_target
left join {{ ref('int_linked_levels') }} as linked
    on
        against_target.area_code = linked.area_code
        and against_target.sector_code = linked.sector_code
        and against_target.period = linked.period
        and {{ simulated_only_beside_simulated('against_target', 'linked') }}
left join {{ ref('int_required_growth') }} as required
    on
        against_target.directive = required.directive
        and against_target.item = required.item
        and against_target.period = required.period
        and against_target.evidence_basis = 'computed_from_levels'
        and against_target.is_simulated = required.is_simulated
left join {{ ref('int_required_growth_bounds') }} as bounded
    on
        against_target.directive = bounded.directive
        and against_target.item = bounded.item
        and against_target.period = bounded.period
        and against_target.evidence_basis = 'published_growth'
left join {{ ref('int_growth_item_evidence') }} as progress
    on
        against_target.directive = progress.directive
        and against_target.item = progress.item
        and {{ simulated_only_beside_simulated('against_target', 'progress') }}
