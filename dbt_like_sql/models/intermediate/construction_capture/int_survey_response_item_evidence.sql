-- What is said of an item on the quality of surveys: achieved when every quarter of its period has enough answers,
-- missed when one has not and the period is over, else at risk. The weakest stratum is named either way.
with items as (
    select * from {{ ref('int_capture_items') }}
    where indicator = 'survey_response_rate'
),

thresholds as (
    select
        {{ threshold('minimum_response_rate') }} as minimum_response,
        {{ threshold('minimum_item_response_rate') }} as minimum_items
    from {{ ref('capture_thresholds') }}
),

strata_of_items as (
    {{ capture_strata_of('items') }}
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
    from strata_of_items
    where not is_total
    group by directive, item
),

quarters_of_items as (
    select
        strata_of_items.directive,
        strata_of_items.item,
        strata_of_items.quarter,
        strata_of_items.n_units_answered,
        coalesce(strata_of_items.unit_response_rate, 0) < thresholds.minimum_response
        or coalesce(strata_of_items.item_response_rate, 0) < thresholds.minimum_items as is_failed
    from strata_of_items
    cross join thresholds
    where strata_of_items.is_total and strata_of_items.district_code = 'total' and strata_of_items.stratum = 'total'
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

-- The weakest stratum is one of a quarter that fails, where any does.
ranked as (
    select
        strata_of_items.*,
        row_number() over (
            partition by strata_of_items.directive, strata_of_items.item
            order by
                quarters_of_items.is_failed desc,
                strata_of_items.unit_response_rate asc,
                strata_of_items.value_left_out_mn desc,
                strata_of_items.quarter asc,
                strata_of_items.district_code asc,
                strata_of_items.stratum asc
        ) as row_number
    from strata_of_items
    inner join quarters_of_items
        on
            strata_of_items.directive = quarters_of_items.directive
            and strata_of_items.item = quarters_of_items.item
            and strata_of_items.quarter = quarters_of_items.quarter
    where
        not strata_of_items.is_total
        and strata_of_items.unit_response_rate is not null
),

names as (
    {{ names_of_districts() }}
),

worst as (
    select
        ranked.directive,
        ranked.item,
        ranked.quarter,
        coalesce(names.name_en, ranked.district_code) as district_en,
        coalesce(names.name_vi, ranked.district_code) as district_vi,
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
    {{ surveys_released() }}
),

stated as (
    select
        known.*,
        responses.silent_quarters,
        coalesce(responses.quarters_failed, 0) as quarters_failed,
        silent.silent_districts_en,
        silent.silent_districts_vi,
        silent.n_units_unheard,
        worst.quarter as worst_quarter,
        worst.district_en as worst_district_en,
        worst.district_vi as worst_district_vi,
        worst.stratum_en as worst_stratum_en,
        worst.stratum_vi as worst_stratum_vi,
        worst.n_found,
        worst.n_sought,
        case
            when not known.is_over then 'at_risk'
            when coalesce(responses.quarters_failed, 0) = 0 then 'achieved'
            else 'missed'
        end as status,
        {{ span_of('known.first_known_quarter', 'known.last_known_quarter') }} as evidence_period
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
            -- A share of those asked says nothing where nobody was heard of for a whole quarter.
            case when silent_quarters is null then 'capture_response_share' end,
            'capture_response_rates',
            'capture_period',
            case when silent_quarters is not null then 'capture_no_returns' end,
            case when not is_over then 'capture_period_not_over' end,
            case when silent_districts_vi is not null and silent_quarters is null then 'capture_silent_left_out' end,
            -- Where nobody answered for a whole quarter, that is the cause, and no district is named.
            case when worst_quarter is not null and silent_quarters is null then 'capture_weakest_by_units' end,
            'capture_thresholds_assumed'
        ) as capture_reason_codes,
        to_json({
            'quarters_failed': quarters_failed,
            'silent_when': silent_quarters,
            'n_answered': n_units_answered,
            'n_drawn': n_units_drawn,
            'response_pct': round(100 * cast(n_units_answered as double) / nullif(n_units_drawn, 0), 2),
            'silent_districts_en': silent_districts_en,
            'silent_districts_vi': silent_districts_vi,
            'n_unheard': n_units_unheard,
            'period_when': evidence_period,
            'quarter_when': worst_quarter,
            'district_en': worst_district_en,
            'district_vi': worst_district_vi,
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
    cast(null as decimal(38, 6)) as sign_exact_difference,
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
    stated.silent_districts_en,
    stated.silent_districts_vi,
    stated.n_units_unheard,
    stated.is_simulated
from with_messages as stated
left join newest on stated.released_on = newest.released_on
where stated.released_on is not null
