-- What is said of an item on the quality of surveys: achieved when every quarter of its period has enough answers,
-- missed when one has not and the period is over, else at risk. The weakest stratum is named either way.
with items as (
    select
        directive,
        item,
        area_code,
        {{ first_quarter_of('period') }} as first_quarter,
        {{ last_quarter_of('period') }} as last_quarter
    from {{ ref('directive_items') }}
    where indicator = 'survey_response_rate'
),

thresholds as (
    select
        {{ threshold('minimum_response_rate') }} as minimum_response,
        {{ threshold('minimum_item_response_rate') }} as minimum_items
    from {{ ref('capture_thresholds') }}
),

cells as (
    select
        items.directive,
        items.item,
        items.last_quarter,
        strata.*
    from items
    inner join {{ ref('int_capture_strata') }} as strata
        on
            strata.quarter between items.first_quarter and items.last_quarter
            and items.area_code = strata.area_code
),

known as (
    select
        directive,
        item,
        min(quarter) as first_known_quarter,
        max(quarter) as last_known_quarter,
        max(quarter) = max(last_quarter) as is_over,
        sum(n_units_drawn) as n_units_drawn,
        sum(n_units_answered) as n_units_answered,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from cells
    where not is_total
    group by directive, item
),

quarters_of_items as (
    select
        cells.directive,
        cells.item,
        cells.quarter,
        cells.n_units_answered,
        coalesce(cells.unit_response_rate, 0) < thresholds.minimum_response
        or coalesce(cells.item_response_rate, 0) < thresholds.minimum_items as is_failed
    from cells
    cross join thresholds
    where cells.is_total and cells.district_code = 'total' and cells.stratum = 'total'
),

responses as (
    select
        directive,
        item,
        string_agg(case when coalesce(n_units_answered, 0) = 0 then quarter end, ', ' order by quarter)
            as silent_quarters,
        count(case when is_failed then 1 end) as quarters_failed
    from quarters_of_items
    group by directive, item
),

-- The weakest cell is one of a quarter that fails, where any does.
ranked as (
    select
        cells.*,
        row_number() over (
            partition by cells.directive, cells.item
            order by
                quarters_of_items.is_failed desc,
                cells.unit_response_rate asc,
                cells.value_left_out_mn desc,
                cells.quarter asc,
                cells.district_code asc,
                cells.stratum asc
        ) as row_number
    from cells
    inner join quarters_of_items
        on
            cells.directive = quarters_of_items.directive
            and cells.item = quarters_of_items.item
            and cells.quarter = quarters_of_items.quarter
    where
        not cells.is_total
        and cells.unit_response_rate is not null
),

names as (
    select
        admin_unit_code,
        max(name_vi) as name_vi
    from {{ ref('admin_units') }}
    where admin_level = 'district'
    group by admin_unit_code
),

worst as (
    select
        ranked.directive,
        ranked.item,
        ranked.quarter,
        coalesce(names.name_vi, ranked.district_code) as district,
        coalesce(strata.label_en, ranked.stratum) as stratum_en,
        coalesce(strata.label_vi, ranked.stratum) as stratum_vi,
        ranked.n_units_answered as n_found,
        ranked.n_units_drawn as n_sought
    from ranked
    left join names on ranked.district_code = names.admin_unit_code
    left join {{ ref('construction_strata') }} as strata on ranked.stratum = strata.stratum
    where ranked.row_number = 1
),

newest as (
    select
        released_on,
        max(delivery_id) as delivery_id,
        max(supplier) as publisher
    from {{ ref('stg_deliveries') }}
    where feed = 'construction_survey' and status in ('accepted', 'accepted_in_part')
    group by released_on
),

stated as (
    select
        known.*,
        responses.silent_quarters,
        coalesce(responses.quarters_failed, 0) as quarters_failed,
        silent.silent_district,
        silent.silent_quarter,
        worst.quarter as worst_quarter,
        worst.district as worst_district,
        worst.stratum_en as worst_stratum_en,
        worst.stratum_vi as worst_stratum_vi,
        worst.n_found,
        worst.n_sought,
        case
            when not known.is_over then 'at_risk'
            when coalesce(responses.quarters_failed, 0) = 0 then 'achieved'
            else 'missed'
        end as status,
        case
            when known.first_known_quarter = known.last_known_quarter then known.first_known_quarter
            else known.first_known_quarter || '..' || known.last_known_quarter
        end as evidence_period
    from known
    left join responses
        on
            known.directive = responses.directive
            and known.item = responses.item
    left join {{ ref('int_item_silent_districts') }} as silent
        on
            known.directive = silent.directive
            and known.item = silent.item
    left join worst
        on
            known.directive = worst.directive
            and known.item = worst.item
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            'capture_response_rates',
            'capture_period',
            case when silent_quarters is not null then 'capture_no_returns' end,
            case when not is_over then 'capture_period_not_over' end,
            case when silent_district is not null and silent_quarters is null then 'capture_silent_district' end,
            -- Where nobody answered for a whole quarter, that is the cause, and no district is named.
            case when worst_quarter is not null and silent_quarters is null then 'capture_weakest_by_units' end,
            'capture_thresholds_assumed'
        ) as capture_reason_codes,
        to_json({
            'quarters_failed': quarters_failed,
            'silent_when': silent_quarters,
            'silent_district': silent_district,
            'silent_district_when': silent_quarter,
            'period_when': evidence_period,
            'quarter_when': worst_quarter,
            'district': worst_district,
            'stratum_en': worst_stratum_en,
            'stratum_vi': worst_stratum_vi,
            'n_found': n_found,
            'n_sought': n_sought
        }) as capture_reason_values
    from stated
)

select
    stated.directive,
    stated.item,
    'computed_from_lists' as evidence_basis,
    stated.evidence_period,
    stated.is_over as covers_target_period,
    stated.status,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 8)) as sign_exact_difference,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(null as varchar) as detail_en,
    cast(null as varchar) as detail_vi,
    cast(
        round(100 * cast(stated.n_units_answered as double) / nullif(stated.n_units_drawn, 0), 4) as decimal(12, 4)
    ) as actual,
    message_en(stated.capture_reason_codes, stated.capture_reason_values) as capture_reason_en,
    message_vi(stated.capture_reason_codes, stated.capture_reason_values) as capture_reason_vi,
    stated.released_on,
    newest.publisher,
    newest.delivery_id,
    cast(stated.n_units_drawn as integer) as n_units_drawn,
    cast(stated.n_units_answered as integer) as n_units_answered,
    stated.is_simulated
from with_messages as stated
left join newest on stated.released_on = newest.released_on
where stated.released_on is not null
