-- A row is the total investment of a project beside what the first earlier register gave. It fails when the two differ
-- by an order of magnitude: a unit is wrong, and the difference must not pass for a raised investment.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        project_code,
        total_investment_bn,
        row_number() over (
            partition by project_code order by released_on asc, revision asc, delivery_id asc
        ) as row_number
    from {{ source('candidates', 'investment_projects') }}
    where total_investment_bn > 0
)

select
    figures.delivery_id,
    figures.source_row,
    figures.project_code,
    figures.total_investment_bn,
    earlier.delivery_id as reference_delivery_id,
    cast(
        round(cast(figures.total_investment_bn as double) / cast(earlier.total_investment_bn as double), 6)
        as decimal(38, 6)
    ) as magnitude_ratio
from figures
inner join figures as earlier
    on
        figures.project_code = earlier.project_code
        and figures.delivery_id <> earlier.delivery_id
        and earlier.row_number = 1
