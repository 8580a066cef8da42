{% macro median_against_first_delivery() %}
-- What follows is shared (macros/median_against_first_delivery.sql): the median of `lines` for each delivery and kind is
-- compared with that of the first delivery with enough such lines, real with real and simulated with simulated. How far
-- apart the two may lie depends on the number of lines (seed magnitude_limits). Where there is no earlier delivery, a
-- typical figure takes its place (seed typical_figures), if there is one; a delivery far from that is not used as a
-- reference for others. Nor is a later delivery, so that a wrong one does not make its own correction look wrong.
ranked as (
    select
        *,
        count(*) over (partition by delivery_id, figure_name, line_kind) as line_count,
        row_number() over (partition by delivery_id, figure_name, line_kind order by figure asc) as row_number
    from lines
),

middles as (
    select
        ranked.*,
        limits.largest_factor,
        limits.is_yardstick,
        typical_figures.typical_figure,
        typical_figures.typical_factor
    from ranked
    inner join {{ ref('magnitude_limits') }} as limits
        on ranked.line_count between limits.minimum_lines and limits.maximum_lines
    left join {{ ref('typical_figures') }} as typical_figures
        on
            ranked.figure_name = typical_figures.figure_name
            and ranked.line_kind = typical_figures.line_kind
            and limits.is_yardstick
    where 2 * ranked.row_number in (ranked.line_count, ranked.line_count + 1)
),

yardsticks as (
    select
        *,
        row_number() over (
            partition by figure_name, line_kind, is_simulated
            order by released_on asc, revision asc, delivery_id asc
        ) as yardstick_rank
    from middles
    where
        is_yardstick
        and (
            typical_figure is null
            or figure between typical_figure / typical_factor and typical_figure * typical_factor
        )
),

compared as (
    select
        middles.delivery_id,
        middles.figure_name,
        middles.line_kind,
        middles.line_count,
        middles.figure as middle_figure,
        yardsticks.delivery_id as reference_delivery_id,
        coalesce(yardsticks.source_file, 'typical_figures.csv') as reference_file,
        coalesce(yardsticks.figure, middles.typical_figure) as reference_figure,
        case when yardsticks.delivery_id is null then middles.typical_factor else middles.largest_factor end
            as largest_factor
    from middles
    left join yardsticks
        on
            middles.figure_name = yardsticks.figure_name
            and middles.line_kind = yardsticks.line_kind
            and middles.is_simulated = yardsticks.is_simulated
            and middles.delivery_id <> yardsticks.delivery_id
            and middles.released_on >= yardsticks.released_on
            and yardsticks.yardstick_rank = 1
),

measured as (
    select
        *,
        cast(middle_figure as double) / cast(reference_figure as double) as ratio
    from compared
    where reference_figure is not null
)

select
    delivery_id,
    figure_name,
    line_kind,
    line_count,
    middle_figure,
    reference_delivery_id,
    reference_file,
    reference_figure,
    cast(round(ratio, 9) as decimal(38, 9)) as middle_ratio,
    cast(round(greatest(ratio, 1 / ratio), 3) as decimal(38, 3)) as magnitude_factor,
    largest_factor
from measured
{% endmacro %}
