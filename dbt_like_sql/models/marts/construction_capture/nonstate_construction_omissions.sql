-- The work list as anyone may read it: no number of a permit, a declaration or a return, no taxpayer, and no text of an
-- office that may name one. A case is identified by the row of the delivery in which it was last listed. The full list
-- is int_construction_work_list, and goes to the office whose task a case is.
select
    works.list_kind,
    works.area_code,
    works.district_code,
    works.district_name_vi,
    districts.name_en as district_name_en,
    works.commune_code,
    works.commune_name_vi,
    communes.name_en as commune_name_en,
    works.stratum,
    works.selection,
    works.first_quarter,
    works.last_quarter,
    works.n_quarters,
    works.value_left_out_mn,
    works.is_value_imputed,
    works.is_time_imputed,
    works.floor_area_m2,
    works.due_on,
    works.days_overdue,
    works.case_part,
    works.case_part_en,
    works.case_part_vi,
    works.link_probability,
    works.answer,
    works.answered_on,
    works.omission_reason,
    works.omission_reason_en,
    works.omission_reason_vi,
    works.agency_code,
    works.agency_name_vi,
    agencies.name_en as agency_name_en,
    works.task_en,
    works.task_vi,
    works.delivery_id,
    works.source_file,
    works.source_row,
    works.released_on,
    works.is_simulated
from {{ ref('int_construction_work_list') }} as works
left join {{ ref('dim_admin_unit') }} as districts on works.district_code = districts.admin_unit_code
left join {{ ref('dim_admin_unit') }} as communes on works.commune_code = communes.admin_unit_code
left join {{ ref('agencies') }} as agencies on works.agency_code = agencies.agency_code
order by works.area_code, works.district_code, works.list_kind, works.source_file, works.source_row
