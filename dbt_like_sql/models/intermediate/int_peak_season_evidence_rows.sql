-- The source rows under the growth of the peak season: output of its products in the months that could be compared, and
-- in the same months a year before.
with seasons as (
    select
        evidence.directive,
        evidence.item,
        items.area_code,
        substr(evidence.evidence_period, 1, 7) as first_month,
        right(evidence.evidence_period, 7) as last_month
    from {{ ref('int_peak_season_evidence') }} as evidence
    inner join {{ ref('directive_items') }} as items
        on
            evidence.directive = items.directive
            and evidence.item = items.item
),

seasonal as (
    select
        area_code,
        series_code,
        unit,
        month,
        cast(calendar_year - 1 as varchar) || substr(month, 5) as month_year_before
    from {{ ref('industry_output_monthly') }}
    where series_kind = 'product' and season_code = 'seafood' and value_mn is not null
),

compared as (
    select distinct
        seasons.directive,
        seasons.item,
        seasons.area_code,
        now_known.month,
        now_known.month_year_before
    from seasons
    inner join seasonal as now_known
        on
            seasons.area_code = now_known.area_code
            and now_known.month between seasons.first_month and seasons.last_month
    inner join seasonal as before
        on
            now_known.area_code = before.area_code
            and now_known.month_year_before = before.month
),

roles as (
    select
        directive,
        item,
        area_code,
        month,
        'value' as evidence_role
    from compared
    union all
    select
        directive,
        item,
        area_code,
        month_year_before as month,
        'year_before' as evidence_role
    from compared
)

select
    roles.directive,
    roles.item,
    'industry_output' as feed,
    output.delivery_id,
    output.source_file,
    output.source_sheet,
    output.source_row,
    roles.evidence_role,
    output.is_simulated
from roles
inner join seasonal
    on
        roles.area_code = seasonal.area_code
        and roles.month = seasonal.month
inner join {{ ref('stg_industry_output') }} as output
    on
        seasonal.series_code = output.product_code
        and seasonal.unit = output.unit
        and seasonal.month = output.month
