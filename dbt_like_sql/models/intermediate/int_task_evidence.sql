-- What the offices' own figures say of each task, from the models of the subjects. A task without evidence has no row.
select
    directive,
    item,
    'computed_from_output' as evidence_basis,
    evidence_period,
    false as covers_target_period,
    output_growth_pct as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    'value of products of the season on the same months a year before' as detail_en,
    'giá trị sản phẩm mùa vụ so với cùng kỳ năm trước' as detail_vi,
    released_on,
    publisher,
    delivery_id,
    is_simulated
from {{ ref('int_peak_season_evidence') }}
