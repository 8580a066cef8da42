-- A row is one set of shares of GRDP that one publisher stated on one day. It fails when the shares do not add to 100:
-- as a rule product taxes were left out, and the shares cannot be used as they are.
with shares as (
    select
        figures.delivery_id,
        figures.source_row,
        figures.area_code,
        figures.period,
        figures.said_on,
        figures.publisher,
        figures.value,
        indicators.sector_code
    from {{ source('candidates', 'published_figures') }} as figures
    inner join {{ ref('published_indicators') }} as indicators
        on figures.indicator = indicators.indicator and figures.measure = indicators.measure
    where
        indicators.measure = 'share_of_grdp_current'
        and indicators.sector_code in ('I', 'II', 'III', 'TAX')
)

select
    delivery_id,
    min(source_row) as source_row,
    area_code,
    period,
    said_on,
    publisher,
    cast(sum(value) as decimal(12, 4)) as shares_total_pct,
    max(case when sector_code = 'TAX' then 1 else 0 end) = 1 as has_product_taxes
from shares
group by delivery_id, area_code, period, said_on, publisher
having
    sum(case when sector_code = 'I' then 1 else 0 end) = 1
    and sum(case when sector_code = 'II' then 1 else 0 end) = 1
    and sum(case when sector_code = 'III' then 1 else 0 end) = 1
