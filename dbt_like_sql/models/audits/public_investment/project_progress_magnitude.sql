-- A row is one figure of one delivery: how far its reports are from what an earlier delivery first said of the same
-- projects, taken at the median report. It fails when that is further than the seed allows: the whole delivery is in
-- another unit. A single report that jumps is shown by project_progress_course alone, because an unpaid volume falls to
-- little once it is paid.
with figures as (
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        project_code,
        week,
        'accepted_unpaid_vnd' as figure_name,
        cast(accepted_unpaid_vnd as decimal(38, 4)) as figure
    from {{ source('candidates', 'project_progress') }}
    where accepted_unpaid_vnd > 0
    union all
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        project_code,
        week,
        'material_shortage_m3' as figure_name,
        cast(material_shortage_m3 as decimal(38, 4)) as figure
    from {{ source('candidates', 'project_progress') }}
    where material_shortage_m3 > 0
),

firsts as (
    select
        *,
        row_number() over (
            partition by project_code, figure_name
            order by released_on asc, revision asc, delivery_id asc, week asc
        ) as row_number
    from figures
),

apart as (
    select
        figures.delivery_id,
        figures.figure_name,
        firsts.source_file as reference_file,
        cast(figures.figure as double) / cast(firsts.figure as double) as ratio
    from figures
    inner join firsts
        on
            figures.project_code = firsts.project_code
            and figures.figure_name = firsts.figure_name
            and figures.delivery_id <> firsts.delivery_id
            and figures.released_on >= firsts.released_on
            and firsts.row_number = 1
),

ranked as (
    select
        *,
        count(*) over (partition by delivery_id, figure_name) as line_count,
        row_number() over (partition by delivery_id, figure_name order by ratio asc, reference_file asc) as row_number
    from apart
)

select
    ranked.delivery_id,
    ranked.figure_name,
    ranked.line_count,
    ranked.reference_file,
    cast(round(ranked.ratio, 9) as decimal(38, 9)) as middle_ratio,
    cast(round(greatest(ranked.ratio, 1 / ranked.ratio), 3) as decimal(38, 3)) as magnitude_factor,
    limits.largest_factor
from ranked
inner join {{ ref('magnitude_limits') }} as limits
    on ranked.line_count between limits.minimum_lines and limits.maximum_lines
where 2 * ranked.row_number in (ranked.line_count, ranked.line_count + 1)
