-- A row is one tax form in one delivery: the median turnover of its lines compared with that of an earlier delivery. It
-- fails when the two lie further apart than the seed allows: the turnover is not in million dong.
with lines as (
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'turnover_ex_vat_mn' as figure_name,
        coalesce(form, 'none') as line_kind,
        cast(turnover_ex_vat_mn as decimal(38, 4)) as figure
    from {{ source('candidates', 'construction_tax') }}
    where turnover_ex_vat_mn > 0
),

{{ median_against_first_delivery() }}
