-- A row is one return that says its site is paid for outside the state budget. It fails when a list says otherwise: its
-- permit or appraisal names the budget, or its contract number contains the code of a public project. Who builds does
-- not matter: a private contractor on a public site is not an error. Such a return is not counted.
select
    quarter,
    return_id,
    district_code,
    stratum,
    frame_unit_id,
    permit_no,
    funding_source,
    contractor_ownership,
    works_id,
    project_code,
    value_mn,
    delivery_id,
    source_row,
    budget_evidence
from {{ ref('int_survey_works') }}
where not is_reported_budget_funded
