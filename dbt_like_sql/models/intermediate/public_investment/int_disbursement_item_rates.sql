-- Of several statements about one day the one that is not simulated is taken, then the newest. Only what is said of the
-- province, on the denominator of the item, speaks of it. A task stands beside the same day of the year before.
with statements as (
    select
        items.directive,
        items.item,
        items.threshold,
        {{ year_number('items.period') }} as budget_year,
        figures.period as evidence_period,
        figures.calendar_year,
        try_cast(figures.period as date) as on_date,
        cast(figures.value as decimal(12, 4)) as disbursed_pct,
        figures.released_on,
        figures.publisher,
        {{ source_row_of('figures') }},
        figures.is_simulated,
        row_number() over (
            partition by items.directive, items.item, figures.period
            order by figures.is_simulated asc, figures.released_on desc, figures.delivery_id desc
        ) as row_number
    from {{ ref('directive_items') }} as items
    inner join {{ ref('stg_published_figures') }} as figures
        on
            items.area_code = figures.area_code
            and items.indicator = figures.indicator
    left join {{ ref('published_rate_denominators') }} as named_sums
        on
            figures.indicator = named_sums.indicator
            and figures.area_code = named_sums.area_code
            and figures.period = named_sums.period
    where
        items.indicator in ('public_investment_disbursed_rate', 'large_projects_disbursed_rate')
        and items.board_code = 'PROVINCE'
        and figures.measure = 'ratio'
        and figures.unit = 'percent'
        and items.denominator = {{ published_denominator('figures', 'named_sums') }}
),

published as (
    select *
    from statements
    where row_number = 1
),

newest as (
    select
        *,
        row_number() over (
            partition by directive, item order by is_simulated asc, evidence_period desc
        ) as newest_number
    from published
    where calendar_year = budget_year
)

select
    directive,
    item,
    false as is_year_before,
    evidence_period,
    on_date,
    disbursed_pct,
    released_on,
    publisher,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    is_simulated
from newest
where newest_number = 1
union all
select
    published.directive,
    published.item,
    true as is_year_before,
    published.evidence_period,
    published.on_date,
    published.disbursed_pct,
    published.released_on,
    published.publisher,
    published.delivery_id,
    published.source_file,
    published.source_sheet,
    published.source_row,
    published.is_simulated
from published
inner join newest
    on
        published.directive = newest.directive
        and published.item = newest.item
        and published.on_date = {{ day_year_before('newest.on_date') }}
where newest.newest_number = 1 and newest.threshold is null
