-- A row is one delivery: the median cost of its appraisals compared with that of an earlier delivery. It fails when the
-- two lie further apart than the seed allows: the costs are not in million dong.
with lines as (
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'total_cost_mn' as figure_name,
        'all' as line_kind,
        cast(total_cost_mn as decimal(38, 4)) as figure
    from {{ source('candidates', 'design_appraisals') }}
    where total_cost_mn > 0
),

{{ median_against_first_delivery() }}
