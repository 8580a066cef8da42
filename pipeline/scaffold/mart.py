"""The skeleton of a mart: SQL, YAML, suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dbt_like_sql.project import Project
from pipeline.data_dictionary import describe_models
from pipeline.scaffold.feed import STAGED
from pipeline.scaffold.skeleton import listed, model_yaml, refuse_name, refuse_unknown, subject_of, write

SIMULATED = "is_simulated"
"""What every row of a mart says that rests on deliveries; seeds alone make a mart without it."""
SCALE_OF_MARTS = 4
"""Decimal places that a number of a mart has at most."""


def new_mart(name: str, project: Project, checkout: Path, reads: str, subject: str | None = None) -> list[Path]:
    """Write SQL, YAML and suite of a mart that reads the model `reads`; return the files written.

    It is of the subject of that model unless another is named. The skeleton publishes one row for each row of that
    model's grain, with the amounts of a staging model and, where the model says it, whether the row rests on simulated
    data. Raises ScaffoldError if a name is not well formed or taken, the model is unknown, or a file exists.
    """
    refuse_name(name, "a mart", project)
    refuse_unknown("model", reads, [model.name for model in project.models.values() if model.layer != "audits"])
    subject = subject_of(subject, project.models[reads].subject)
    grain = project.models[reads].grain
    columns = describe_models(project, [reads])[reads]
    amounts = _amounts(project, grain, columns) if project.models[reads].layer == "staging" else []
    return write(
        checkout,
        {
            f"dbt_like_sql/models/marts/{subject}/{name}.sql": _sql(reads, grain, amounts, columns),
            f"dbt_like_sql/models/marts/{subject}/{name}.yml": model_yaml(
                name,
                f"One row for each {', '.join(grain)} of {reads}: say here what it is for.",
                f"Mỗi dòng ứng với một tổ hợp {', '.join(grain)}: mô tả bảng này dùng để làm gì.",
                grain,
                "publish: true",
            ),
            f"expectations/suites/marts/{subject}/{name}.yml": _suite(name, grain),
        },
    )


def _amounts(project: Project, grain: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """The columns that can be added up: what a delivery brings, but for shares and what says where a row comes from."""
    known = [project.fields[column] for column in columns if column in project.fields and column not in grain]
    return [
        field.name
        for field in known
        if field.has_magnitude and (field.scale or 0) <= SCALE_OF_MARTS and field.name not in STAGED
    ]


def _sql(reads: str, grain: Sequence[str], amounts: Sequence[str], columns: Mapping[str, str]) -> str:
    types = {name: columns[name].replace(",", ", ") for name in amounts}
    selected = [*grain, *(f"cast(sum({name}) as {types[name]}) as {name}" for name in amounts)]
    if SIMULATED in columns:
        selected.append(f"max(case when {SIMULATED} then 1 else 0 end) = 1 as {SIMULATED}")
    return f"""\
select
{listed(selected)}
from {{{{ ref('{reads}') }}}}
group by
{listed(grain)}
order by
{listed(grain)}
"""


def _suite(name: str, grain: Sequence[str]) -> str:
    return f"""\
# That the grain is given and unique is derived from the model's YAML: not here.
name: marts__{name}
meta:
  row_id: [{", ".join(grain)}]
expectations:
  - type: expect_table_row_count_to_be_between
    kwargs: {{min_value: 1}}
    severity: warning
    description: The mart has rows.
    meta:
      check: mart_has_rows
      dimension: completeness
      next_step: See in delivery_quality whether the feeds behind it have accepted deliveries.
"""
