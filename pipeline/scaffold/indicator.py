"""The skeleton of an indicator of the scorecard: the models of its evidence, and the item of a directive it follows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from dbt_like_sql.periods import parse_period
from dbt_like_sql.project import FEED_SOURCES, Project
from pipeline.data_dictionary import describe_models
from pipeline.scaffold.feed import PERIODS, STAGED
from pipeline.scaffold.skeleton import (
    NAME_IT,
    ScaffoldError,
    listed,
    model_yaml,
    refuse_name,
    refuse_unknown,
    words,
    write,
)


def new_indicator(
    name: str,
    project: Project,
    checkout: Path,
    *,
    reads: str,
    value: str,
    directive: str,
    item: str,
    lead: str,
    period: str,
) -> list[Path]:
    """Write the skeleton of an indicator that adds up `value` of the staging model `reads`; return the files written.

    `item` is the code that the line of the scorecard gets in the directive, `lead` the agency that answers for it,
    `period` the time that it speaks of. Raises ScaffoldError where a name is not well formed or taken, or something
    named is not known.
    """
    refuse_name(name, "an indicator", project)
    feed, columns = _staged(project, reads)
    amounts = [c for c in columns if c in project.fields and project.fields[c].is_number and c not in STAGED]
    refuse_unknown(f"number in {reads}", value, amounts)
    dated = next((c for c in columns if c in project.fields and project.fields[c].format in PERIODS), None)
    if dated is None:
        raise ScaffoldError(f"{reads} has no column that says a period ({' or '.join(PERIODS)}): add one to its SQL.")
    directives = list(project.seeds["directives"].rows())
    refuse_unknown(
        "directive", directive, [row["directive"] for row in directives],
        " A new one begins with one file, directives__<part>.csv in a folder of its own below "
        "dbt_like_sql/seeds/directives/.",
    )  # fmt: skip
    refuse_unknown("agency", lead, [row["agency_code"] for row in project.seeds["agencies"].rows()])
    items = [row for row in project.seeds["directive_items"].rows() if row["directive"] == directive]
    if item in [row["item"] for row in items]:
        raise ScaffoldError(f"{directive} has an item '{item}' already: give the new one another code.")
    try:
        deadline = parse_period(period).last_day
    except ValueError as error:
        raise ScaffoldError(f"--period: {error}") from error
    (issued,) = (row for row in directives if row["directive"] == directive)
    folder = _folder_of(directive, project, checkout)
    unit = project.fields[value].unit
    line = {
        "directive": directive,
        "item": item,
        "item_order": str(1 + max((int(row["item_order"]) for row in items), default=0)),
        "clause": "say which",
        "item_kind": "task",
        "indicator": name,
        "area_code": issued["area_code"],
        "unit": "percent" if unit == "%" else unit,
        "period": period,
        "deadline_on": deadline.isoformat(),
        "basis": "directive",
        "title_vi": f"{words(name).capitalize()} {NAME_IT}",
        "title_en": words(name).capitalize(),
        "source_note": "say where the directive asks for it",
    }
    answers = {"directive": directive, "item": item, "agency_code": lead, "agency_role": "lead"}
    answers["source_note"] = line["source_note"]
    models = f"dbt_like_sql/models/intermediate/{project.models[reads].subject}"
    rows, evidence, sources = (f"int_{name}_{part}" for part in ("item_rows", "item_evidence", "evidence_rows"))
    row_grain = ("directive", "item", "delivery_id", "source_row")
    return write(
        checkout,
        {
            f"{models}/{rows}.sql": _rows_sql(name, reads, value, dated, has_area="area_code" in columns),
            f"{models}/{rows}.yml": model_yaml(
                rows,
                f"Rows of {reads} that count for an item: those of the newest period known within its own.",
                f"Các dòng của {reads} được tính cho từng mục: kỳ mới nhất đã có số liệu trong kỳ của mục.",
                row_grain,
            ),
            f"{models}/{evidence}.sql": _evidence_sql(rows, value),
            f"{models}/{evidence}.yml": model_yaml(
                evidence,
                f"The sum of {value} of the rows that count for an item: say here what it tells.",
                f"Tổng {value} của các dòng được tính cho từng mục: mô tả ý nghĩa của số liệu này.",
                ("directive", "item"),
                "evidence_of:",
                f"  {name}:",
                f"    feeds: [{feed}]",
                "    direction_of_good: higher",
                f"    label_en: {words(name)}",
                f"    label_vi: {words(name)} {NAME_IT}",
            ),
            f"{models}/{sources}.sql": _sources_sql(rows, feed),
            f"{models}/{sources}.yml": model_yaml(
                sources,
                f"Source rows on which {words(name)} rests.",
                f"Các dòng số liệu nguồn làm căn cứ cho: {words(name)}.",
                row_grain,
                f"source_rows_of: {evidence}",
            ),
            f"{folder}/directive_items__{name}.csv": _csv(project, "directive_items", line),
            f"{folder}/directive_item_agencies__{name}.csv": _csv(project, "directive_item_agencies", answers),
        },
    )


def _staged(project: Project, reads: str) -> tuple[str, Mapping[str, str]]:
    """The feed of a staging model and its columns."""
    staged = {
        model.name: table
        for model in project.models.values()
        if model.layer == "staging"
        for layer, table in model.sources
        if layer in FEED_SOURCES
    }
    refuse_unknown("staging model of a feed", reads, list(staged))
    columns = describe_models(project, [reads])[reads]
    missing = [column for column in STAGED if column not in columns]
    if missing:
        raise ScaffoldError(
            f"{reads} lacks {', '.join(missing)}, which lead from a figure to the cells it rests on: select them in "
            f"dbt_like_sql/models/{project.models[reads].file} first."
        )
    return staged[reads], columns


def _folder_of(directive: str, project: Project, checkout: Path) -> str:
    """The folder of the files that begin a directive, in the checkout."""
    for path in project.seeds["directives"].paths:
        with path.open(encoding="utf-8", newline="") as file:
            if any(row["directive"] == directive for row in csv.DictReader(file)):
                return path.parent.relative_to(checkout).as_posix()
    raise ScaffoldError(f"No file of the seed 'directives' begins {directive}.")


def _csv(project: Project, seed: str, row: Mapping[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, project.seeds[seed].columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue()


def _rows_sql(indicator: str, reads: str, value: str, dated: str, *, has_area: bool) -> str:
    columns = ("delivery_id", "released_on", "revision", "source_file", "source_sheet", "source_row", "is_simulated")
    qualified = [f"figures.{column}" for column in (value, *columns)]
    joined = (
        f"inner join {{{{ ref('{reads}') }}}} as figures on spans.area_code = figures.area_code"
        if has_area
        else f"cross join {{{{ ref('{reads}') }}}} as figures"
    )
    return f"""\
-- The rows on which the figure of an item rests: those of the newest period known within the item's own.
with known as (
    select
        spans.directive,
        spans.item,
        spans.threshold,
        figures.{dated} as evidence_period,
        periods.last_day_on = spans.last_on as covers_target_period,
{listed(qualified, 8)},
        rank() over (
            partition by spans.directive, spans.item
            order by periods.last_day_on desc, periods.first_day_on asc
        ) as place
    from {{{{ ref('int_item_spans') }}}} as spans
    {joined}
    inner join {{{{ ref('int_periods') }}}} as periods on figures.{dated} = periods.period
    where
        spans.indicator = '{indicator}'
        and periods.first_day_on >= spans.first_on
        and periods.last_day_on <= spans.last_on
)

select
    directive,
    item,
    threshold,
    evidence_period,
    covers_target_period,
{listed((value, *columns))}
from known
where place = 1
"""


def _evidence_sql(rows: str, value: str) -> str:
    return f"""\
-- The figure of each item: the sum over the rows that count for it.
with summed as (
    select
        directive,
        item,
        max(evidence_period) as evidence_period,
        max(case when covers_target_period then 1 else 0 end) = 1 as covers_target_period,
        max(threshold) as threshold,
        cast(sum({value}) as decimal(12, 4)) as actual,
        max(released_on) as released_on,
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated
    from {{{{ ref('{rows}') }}}}
    group by directive, item
),

newest as (
    select
        directive,
        item,
        delivery_id,
        row_number() over (
            partition by directive, item order by released_on desc, revision desc, delivery_id desc
        ) as place
    from {{{{ ref('{rows}') }}}}
)

select
    summed.directive,
    summed.item,
    'computed_from_counts' as evidence_basis,
    summed.evidence_period,
    summed.covers_target_period,
    summed.actual,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(round(cast(summed.actual as double) / nullif(summed.threshold, 0), 4) as decimal(12, 4)) as progress_ratio,
    cast(summed.actual - summed.threshold as decimal(38, 8)) as sign_exact_difference,
    cast(null as varchar) as detail_en,
    cast(null as varchar) as detail_vi,
    summed.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    summed.is_simulated
from summed
inner join newest
    on
        summed.directive = newest.directive
        and summed.item = newest.item
        and newest.place = 1
left join {{{{ ref('stg_deliveries') }}}} as deliveries on newest.delivery_id = deliveries.delivery_id
where summed.actual is not null
"""


def _sources_sql(rows: str, feed: str) -> str:
    return f"""\
-- Every row that is added up.
select
    directive,
    item,
    '{feed}' as feed,
    delivery_id,
    source_sheet,
    source_row,
    'value' as evidence_role,
    source_file,
    is_simulated
from {{{{ ref('{rows}') }}}}
"""
