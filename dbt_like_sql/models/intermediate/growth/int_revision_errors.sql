-- How much a growth figure is usually revised, from the kind and series that come closest to it: revisions of first
-- releases before those of vintages, the area's own before the country's, periods of its own length before quarters.
-- Either kind needs at least eight periods. Revisions of simulated figures say nothing about real ones.
with figures as (
    select distinct
        area_code,
        sector_code,
        period_type,
        evidence_basis,
        is_simulated
    from {{ ref('int_growth_evidence') }}
),

measured as (
    select
        summary.area_code,
        summary.sector_code,
        summary.period_type,
        summary.evidence_basis,
        summary.is_simulated,
        summary.revision_kind,
        summary.revision_source,
        summary.revisions,
        summary.first_period,
        summary.last_period,
        summary.mean_absolute_revision_pp,
        areas.name_vi as area_name_vi,
        areas.name_en as area_name_en,
        areas.admin_level = 'country' as is_country
    from {{ ref('growth_revision_summary') }} as summary
    inner join {{ ref('admin_units') }} as areas on summary.area_code = areas.admin_unit_code
    where
        summary.revision_horizon in ('first_release_to_latest', 'first_to_latest')
        and summary.mean_absolute_revision_pp is not null
        and summary.revisions >= 8
),

ranked as (
    select
        figures.*,
        measured.area_code as series_area_code,
        measured.area_name_vi as series_area_name_vi,
        measured.area_name_en as series_area_name_en,
        measured.period_type as frequency,
        measured.revision_kind,
        measured.revision_source,
        measured.revisions,
        measured.first_period,
        measured.last_period,
        measured.mean_absolute_revision_pp,
        row_number() over (
            partition by
                figures.area_code,
                figures.sector_code,
                figures.period_type,
                figures.evidence_basis,
                figures.is_simulated
            order by
                case measured.revision_kind when 'first_release_revision' then 0 else 1 end asc,
                case when measured.area_code = figures.area_code then 0 else 1 end asc,
                case when measured.period_type = figures.period_type then 0 else 1 end asc,
                case when measured.evidence_basis = figures.evidence_basis then 0 else 1 end asc,
                case when measured.revision_source = 'landed_vintages' then 0 else 1 end asc,
                case when measured.is_simulated then 1 else 0 end asc
        ) as row_number
    from figures
    inner join measured
        on
            figures.sector_code = measured.sector_code
            and (figures.area_code = measured.area_code or measured.is_country)
            and measured.period_type in (figures.period_type, 'quarter')
            and {{ simulated_only_beside_simulated('figures', 'measured') }}
),

with_messages as (
    select
        *,
        to_json({
            'area_vi': series_area_name_vi,
            'area_en': series_area_name_en,
            'span': frequency,
            'kind': revision_kind,
            'source': revision_source,
            'first_period': first_period,
            'last_period': last_period,
            'first_when': first_period,
            'last_when': last_period,
            'revisions': revisions,
            'stands_in': case when series_area_code = area_code and frequency = period_type then 'no' else 'yes' end
        }) as revision_values
    from ranked
    where row_number = 1
)

select
    area_code,
    sector_code,
    period_type,
    evidence_basis,
    is_simulated,
    series_area_code,
    frequency,
    revision_kind,
    revision_source,
    revisions,
    mean_absolute_revision_pp,
    message_en('revision_basis', revision_values) as revision_basis_en,
    message_vi('revision_basis', revision_values) as revision_basis_vi
from with_messages
