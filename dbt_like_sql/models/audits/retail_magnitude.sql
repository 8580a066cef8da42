-- A row is one figure of a month beside one of an earlier delivery: that of the same month, else of the same month a
-- year before, else of the newest month before it. It fails when the two differ by an order of magnitude: million
-- dong were written where billion are asked for.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        service_group,
        month,
        cast(cast(substr(month, 1, 4) as integer) - 1 as varchar) || substr(month, 5) as month_year_before,
        value_bn as figure
    from {{ source('candidates', 'retail_services') }}
),

compared as (
    select
        figures.delivery_id,
        figures.source_row,
        figures.area_code,
        figures.service_group,
        figures.month,
        figures.figure,
        earlier.delivery_id as reference_delivery_id,
        earlier.month as reference_period,
        earlier.figure as reference_figure,
        row_number() over (
            partition by figures.delivery_id, figures.source_row, figures.area_code, figures.service_group
            order by
                case
                    when earlier.month = figures.month then 1
                    when earlier.month = figures.month_year_before then 2
                    else 3
                end asc,
                earlier.month desc,
                earlier.released_on desc,
                earlier.revision desc,
                earlier.delivery_id desc
        ) as place
    from figures
    inner join figures as earlier
        on
            figures.area_code = earlier.area_code
            and figures.service_group = earlier.service_group
            and figures.delivery_id <> earlier.delivery_id
            and earlier.month <= figures.month
            and earlier.figure > 0
            and (
                earlier.released_on < figures.released_on
                or (earlier.released_on = figures.released_on and earlier.revision < figures.revision)
            )
    where figures.figure > 0
)

select
    delivery_id,
    source_row,
    area_code,
    service_group,
    month,
    reference_delivery_id,
    reference_period,
    cast(round(cast(figure as double) / cast(reference_figure as double), 6) as decimal(38, 6)) as magnitude_ratio
from compared
where place = 1
