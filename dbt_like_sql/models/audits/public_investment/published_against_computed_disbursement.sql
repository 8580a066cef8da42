-- A row is one published share or plan of the whole province beside the computed one of the same day and denominator.
-- It fails when the two lie further apart than rounding explains.
with shares as (
    select
        figures.delivery_id,
        figures.source_row,
        figures.indicator,
        figures.area_code,
        figures.period,
        figures.released_on,
        figures.source_url,
        figures.value,
        named_sums.denominator,
        boards.disbursed_pct as computed_value,
        boards.is_simulated
    from {{ ref('stg_published_figures') }} as figures
    inner join {{ ref('published_rate_denominators') }} as named_sums
        on
            figures.indicator = named_sums.indicator
            and figures.area_code = named_sums.area_code
            and figures.period = named_sums.period
    inner join {{ ref('disbursement_vs_target') }} as boards
        on
            boards.board_code = 'PROVINCE'
            and figures.calendar_year = boards.budget_year
            and figures.period = cast(boards.on_date as varchar)
            and named_sums.denominator = boards.denominator
    where figures.measure = 'ratio' and boards.disbursed_pct is not null
),

newest_plans as (
    select
        budget_year,
        plan_vnd,
        is_simulated,
        row_number() over (partition by budget_year order by on_date desc) as row_number
    from {{ ref('disbursement_vs_target') }}
    where board_code = 'PROVINCE' and denominator = 'all_components' and plan_vnd is not null
),

plans as (
    select
        figures.delivery_id,
        figures.source_row,
        figures.indicator,
        figures.area_code,
        figures.period,
        figures.released_on,
        figures.source_url,
        figures.value,
        'all_components' as denominator,
        round(cast(newest_plans.plan_vnd as double) / 1e9, 4) as computed_value,
        newest_plans.is_simulated
    from {{ ref('stg_published_figures') }} as figures
    inner join newest_plans
        on
            figures.calendar_year = newest_plans.budget_year
            and newest_plans.row_number = 1
    where figures.indicator = 'public_investment_plan' and figures.measure = 'level' and figures.unit = 'billion_vnd'
)

select
    delivery_id,
    source_row,
    indicator,
    area_code,
    period,
    released_on,
    source_url,
    denominator,
    value,
    cast(computed_value as decimal(20, 4)) as computed_value,
    cast(computed_value - value as decimal(20, 4)) as difference_pp,
    cast(null as decimal(20, 4)) as difference_pct,
    is_simulated
from shares
union all
select
    delivery_id,
    source_row,
    indicator,
    area_code,
    period,
    released_on,
    source_url,
    denominator,
    value,
    cast(computed_value as decimal(20, 4)) as computed_value,
    cast(null as decimal(20, 4)) as difference_pp,
    cast(round(100 * (cast(computed_value as double) / cast(value as double) - 1), 4) as decimal(38, 4))
        as difference_pct,
    is_simulated
from plans
