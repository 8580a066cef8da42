"""Writes the skeletons of a new feed and of a new mart.

What is written loads, compiles and passes the project's own tests as it stands, so that one starts from
something that runs. Nothing that exists is ever overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from dbt_like_sql.contracts import LINEAGE_COLUMNS
from dbt_like_sql.fields import Field
from dbt_like_sql.project import Project
from pipeline.dictionary import describe_models

DEFAULT_FIELDS = ("area_code", "period")
SIMULATED = "is_simulated"
"""What every row of a mart says that rests on deliveries; registers alone make a mart without it."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_EXAMPLE_BY_FORMAT = {"period": "2024", "month": "2024-12", "day": "2024-12-31"}
_EXAMPLE_BY_TYPE = {"date": "2024-12-31", "boolean": "true", "varchar": "example"}
_EXAMPLE_BY_NAME = {"area_code": "94"}


class ScaffoldError(ValueError):
    """A skeleton that cannot be written; the message says why and what to do."""


def new_feed(
    name: str,
    project: Project,
    checkout: Path,
    fields: Sequence[str] = DEFAULT_FIELDS,
    key: Sequence[str] = (),
) -> list[Path]:
    """Write contract, suite, staging model and a sample delivery of a feed; return the files written.

    `fields` are columns of fields.yml in the order of the table, `key` those that name a row (default: all).
    Raises ScaffoldError if a name is not well formed or taken, a field is unknown, or a file exists.
    """
    _refuse_name(name, "feed", {*project.contracts, *project.models, *project.seeds})
    _refuse_unknown_fields(fields, project)
    key = tuple(key) or tuple(fields)
    if not set(key) <= set(fields):
        raise ScaffoldError(f"The key {', '.join(key)} names a column that is not among {', '.join(fields)}.")
    sample = f"samples/inbox/{name}/{name}__2024__2025-01-15__simulated.csv"
    return _write(
        checkout,
        {
            f"dbt_like_sql/sources/{name}.yml": _contract(name, fields, key),
            f"dbt_like_sql/models/staging/stg_{name}.sql": _staging_sql(name, fields, key),
            f"dbt_like_sql/models/staging/stg_{name}.yml": _model_yaml(
                f"stg_{name}",
                "The latest value of each key that was released by the day.",
                "Giá trị mới nhất của từng khóa đã công bố đến ngày tính.",
                key,
                publish=False,
            ),
            f"expectations/suites/validated/{name}.yml": _feed_suite(name),
            sample: _sample(fields, project),
        },
    )


def new_mart(name: str, project: Project, checkout: Path, reads: str) -> list[Path]:
    """Write SQL, YAML and suite of a mart that reads the model `reads`; return the files written.

    The skeleton publishes one row for each row of that model's grain and, where that model says it, whether the row
    rests on simulated data. Raises ScaffoldError if a name is not well formed or taken, the model is unknown, or a file
    exists.
    """
    _refuse_name(name, "mart", {*project.contracts, *project.models, *project.seeds})
    if reads not in project.models:
        known = ", ".join(sorted(m.name for m in project.models.values() if m.layer != "audits"))
        raise ScaffoldError(f"There is no model '{reads}' to read. There are: {known}.")
    grain = project.models[reads].grain
    columns = describe_models(project, [reads])[reads]
    return _write(
        checkout,
        {
            f"dbt_like_sql/models/marts/{name}.sql": _mart_sql(reads, grain, SIMULATED in columns),
            f"dbt_like_sql/models/marts/{name}.yml": _model_yaml(
                name,
                f"One row for each {', '.join(grain)} of {reads}: say here what it is for.",
                f"Mỗi dòng ứng với một tổ hợp {', '.join(grain)}: mô tả bảng này dùng để làm gì.",
                grain,
                publish=True,
            ),
            f"expectations/suites/marts/{name}.yml": _mart_suite(name, grain),
        },
    )


def _write(checkout: Path, contents: Mapping[str, str]) -> list[Path]:
    paths = {checkout / relative: text for relative, text in contents.items()}
    there = [relative for relative in contents if (checkout / relative).exists()]
    if there:
        raise ScaffoldError(f"Nothing was written, because these exist already: {', '.join(there)}.")
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    return list(paths)


def _refuse_name(name: str, what: str, taken: set[str]) -> None:
    if not _NAME.fullmatch(name):
        raise ScaffoldError(
            f"'{name}' cannot be the name of a {what}: use lower-case words joined by '_', such as retail_services."
        )
    if name in taken or f"stg_{name}" in taken:
        raise ScaffoldError(f"'{name}' is taken: another feed, model or register has this name.")


def _refuse_unknown_fields(fields: Sequence[str], project: Project) -> None:
    if not fields:
        raise ScaffoldError("A feed needs at least one field.")
    unknown = [name for name in fields if name not in project.fields]
    if unknown:
        raise ScaffoldError(
            f"Not in the field dictionary: {', '.join(unknown)}. Describe them in dbt_like_sql/fields.yml "
            "first (type, unit, labels and descriptions in both languages)."
        )
    own = [name for name in fields if name in (*LINEAGE_COLUMNS, "missing_marks")]
    if own:
        raise ScaffoldError(f"Every row carries {', '.join(own)} by itself: leave it out of the fields.")


def _contract(name: str, fields: Sequence[str], key: Sequence[str]) -> str:
    words = name.replace("_", " ")
    rules = "\n".join(
        f"  - {{name: {field}{', required: true' if field in key else ''}, headers: []}}" for field in fields
    )
    return f"""\
feed: {name}
title_en: {words.capitalize()}
title_vi: {words.capitalize()}
description_en: Say in a sentence or two what this feed holds and who stands behind it.
description_vi: Mô tả ngắn gọn nguồn số liệu này gồm những gì và đơn vị nào chịu trách nhiệm.
supplier: Cục Thống kê
owner: "team:statistics"
kind: increment
schedule: {{frequency: irregular, due_days: 0}}
on_bad_rows: reject_delivery
key: [{", ".join(key)}]
fields:
{rules}
forms:
  csv: {{reader: csv, encoding: utf-8, delimiter: ",", quote: '"', numbers: plain, dates: [iso]}}
"""


def _staging_sql(name: str, fields: Sequence[str], key: Sequence[str]) -> str:
    columns = ["delivery_id", "released_on", "revision", "is_simulated", *fields]
    listed = ",\n".join(f"    {column}" for column in columns)
    nested = ",\n".join(f"        {column}" for column in columns)
    return f"""\
-- The latest value of each key that was released by the day of the run.
with released as (
    select
{nested},
        row_number() over (
            partition by {", ".join(key)}
            order by released_on desc, revision desc, delivery_id asc
        ) as newest_first
    from {{{{ source('validated', '{name}') }}}}
    where released_on <= {{{{ var('as_of') }}}}
)

select
{listed}
from released
where newest_first = 1
"""


def _model_yaml(name: str, english: str, vietnamese: str, grain: Sequence[str], *, publish: bool) -> str:
    published = "\n        publish: true" if publish else ""
    return f"""\
version: 2
models:
  - name: {name}
    description: >-
      {english}
    config:
      meta:
        description_vi: >-
          {vietnamese}
        grain: [{", ".join(grain)}]
        owner: "team:statistics"{published}
"""


def _mart_sql(reads: str, grain: Sequence[str], says_simulated: bool) -> str:
    columns = ",\n".join(f"    {column}" for column in grain)
    simulated = f",\n    max(case when {SIMULATED} then 1 else 0 end) = 1 as {SIMULATED}" if says_simulated else ""
    return f"""\
select
{columns}{simulated}
from {{{{ ref('{reads}') }}}}
group by
{columns}
order by
{columns}
"""


def _feed_suite(name: str) -> str:
    return f"""\
# Rules that follow from the contract (columns, types, key, codes, limits) are derived from it: not here.
name: validated__{name}
meta:
  row_id: [delivery_id, source_row]
expectations:
  - type: expect_table_row_count_to_be_between
    kwargs: {{min_value: 1, max_value: 1000000}}
    severity: warning
    description: A delivery holds between one and a million rows.
    meta:
      check: number_of_rows_is_plausible
      dimension: completeness
      next_step: Open the file and ask the supplier whether it is whole.
"""


def _mart_suite(name: str, grain: Sequence[str]) -> str:
    columns = ", ".join(grain)
    return f"""\
# That the grain is given and unique is derived from the model's YAML: not here.
name: marts__{name}
meta:
  row_id: [{columns}]
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


def _sample(fields: Sequence[str], project: Project) -> str:
    row = ",".join(_quoted(_example(project.fields[name], project)) for name in fields)
    return f"{','.join(fields)}\n{row}\n"


def _example(field: Field, project: Project) -> str:
    if field.name in _EXAMPLE_BY_NAME:
        return _EXAMPLE_BY_NAME[field.name]
    if field.format is not None:
        return _EXAMPLE_BY_FORMAT[field.format]
    if isinstance(field.codes, tuple):
        return field.codes[0]
    if field.codes is not None:
        return _first_code(field.codes, project)
    return "1" if field.is_number else _EXAMPLE_BY_TYPE[field.type]


def _first_code(codes: str, project: Project) -> str:
    seed, _, column = codes.partition(".")
    return next(row[column] for row in project.seeds[seed].rows() if row[column])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text
