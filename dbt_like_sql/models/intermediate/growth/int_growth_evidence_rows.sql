-- The source rows under each growth figure of the scorecard: the published statement, or the level and that of the year
-- before, quarter by quarter where a cumulative level is a sum of quarters.
with figures as (
    select
        progress.directive,
        progress.item,
        evidence.area_code,
        evidence.sector_code,
        evidence.period,
        evidence.evidence_basis,
        {{ source_row_of('evidence') }},
        evidence.is_simulated
    from {{ ref('int_growth_item_evidence') }} as progress
    inner join {{ ref('int_growth_evidence') }} as evidence
        on
            progress.area_code = evidence.area_code
            and progress.sector_code = evidence.sector_code
            and progress.evidence_period = evidence.period
),

levels as (
    select
        figures.directive,
        figures.item,
        parts.area_code,
        parts.sector_code,
        {{ year_before('parts.period') }} as period_year_before,
        {{ source_row_of('parts') }},
        parts.base_code,
        parts.is_simulated
    from figures
    inner join {{ ref('int_sector_growth') }} as whole
        on
            figures.area_code = whole.area_code
            and figures.sector_code = whole.sector_code
            and figures.period = whole.period
    inner join {{ ref('int_sector_growth') }} as parts
        on
            whole.area_code = parts.area_code
            and whole.sector_code = parts.sector_code
            and parts.level_basis = 'delivered'
            and whole.base_code = parts.base_code
            and (
                (whole.level_basis = 'delivered' and whole.period = parts.period)
                or (
                    whole.level_basis = 'sum_of_quarters'
                    and parts.period_type = 'quarter'
                    and whole.calendar_year = parts.calendar_year
                    and whole.last_month_of_year >= parts.last_month_of_year
                )
            )
    where figures.evidence_basis = 'computed_from_levels'
),

{{ growth_levels_and_year_before('levels.directive, levels.item') }}
union all
select
    directive,
    item,
    'published_figures' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'value' as evidence_role,
    is_simulated
from figures
where evidence_basis = 'published_growth'
