-- The counts of what is estimated together: one cell, or small cells of which none has links enough.
select
    cell_groups.group_id,
    cell_groups.group_kind,
    max(cells.area_code) as area_code,
    cells.quarter,
    cell_groups.selection,
    cast(count(*) as integer) as n_cells,
    cast(sum(cells.n_permits) as integer) as n_permits,
    cast(sum(cells.n_survey) as integer) as n_survey,
    cast(sum(cells.n_matched) as integer) as n_matched,
    cast(sum(cells.weighted_survey) as decimal(18, 6)) as weighted_survey,
    cast(sum(cells.weighted_matched) as decimal(18, 6)) as weighted_matched,
    cast(sum(cells.weighted_set_aside) as decimal(18, 6)) as weighted_set_aside,
    cast(sum(cells.value_recorded_mn) as decimal(20, 3)) as value_recorded_mn
from {{ ref('int_capture_cells') }} as cells
inner join {{ ref('int_capture_cell_groups') }} as cell_groups
    on
        cells.quarter = cell_groups.quarter
        and cells.district_code = cell_groups.district_code
        and cells.stratum = cell_groups.stratum
group by cell_groups.group_id, cell_groups.group_kind, cells.quarter, cell_groups.selection
