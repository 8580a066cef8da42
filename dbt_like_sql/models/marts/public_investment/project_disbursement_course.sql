-- The course of each project by month, to see since when it holds its board back.
select
    courses.project_code,
    projects.name,
    courses.board_code,
    courses.budget_year,
    courses.on_date,
    courses.denominator,
    courses.plan_vnd,
    courses.disbursed_vnd,
    courses.disbursed_pct,
    courses.expected_pct,
    courses.shortfall_vnd,
    courses.shortfall_rank,
    courses.released_on,
    courses.is_simulated
from {{ ref('int_project_disbursement') }} as courses
left join {{ ref('dim_project') }} as projects on courses.project_code = projects.project_code
order by courses.project_code, courses.budget_year, courses.on_date, courses.denominator
