-- One row for each sector of the accounts, with the national error of its first figures where it was measured.
select
    sectors.sector_code,
    sectors.parent_sector_code,
    sectors.sort_order,
    sectors.sector_depth,
    sectors.vsic_sections,
    sectors.label_vi,
    sectors.label_en,
    errors.mean_revision_pp,
    errors.mean_absolute_revision_pp,
    errors.revision_basis_en,
    errors.revision_basis_vi
from {{ ref('sectors') }} as sectors
left join {{ ref('revision_errors') }} as errors on sectors.sector_code = errors.sector_code
