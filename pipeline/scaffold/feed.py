"""The skeleton of a feed: contract, suite, staging model, the rule that catches a wrong unit, two sample deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dbt_like_sql.contracts import LINEAGE_COLUMNS
from dbt_like_sql.fields import Field
from dbt_like_sql.project import Project
from pipeline.scaffold.from_file import Proposal
from pipeline.scaffold.skeleton import (
    NAME_IT,
    ScaffoldError,
    listed,
    model_yaml,
    own_words,
    refuse_name,
    subject_of,
    words,
    write,
)

DEFAULT_FIELDS = ("area_code", "period")
PERIODS = ("period", "month")
"""Formats of the fields that give the period of a row."""
STAGED = ("delivery_id", "released_on", "revision", "is_simulated", "source_file", "source_sheet", "source_row")
"""What a staging table says of where a row comes from."""

_YEARS = ("2023", "2024")
_SERIES_ROWS, _LINES = 1, 6
"""Rows of a sample delivery: one where a row has a period; as many as a comparison of middle lines needs elsewhere."""
_EXAMPLE_BY_NAME = {"area_code": "94"}


def new_feed(
    name: str,
    project: Project,
    checkout: Path,
    fields: Sequence[str] = DEFAULT_FIELDS,
    key: Sequence[str] = (),
    subject: str | None = None,
    proposal: Proposal | None = None,
    *,
    constants: Mapping[str, str] | None = None,
    again: bool = False,
) -> list[Path]:
    """Write the skeleton of a feed; return the files written. A feed is a subject of its own unless one is named.

    A `proposal` from a file gives its headers and its form to the contract, with what was not understood as comments.
    `fields` are columns of the dictionary in the order of the table, `key` those that name a row (default: all that are
    no amounts). `constants` are fields that say the same in every row; they need no column. With `again` what an
    earlier run wrote is written anew, as long as its contract still has the words of the skeleton. Raises ScaffoldError
    if a name is not well formed or taken, a field is unknown, or a file exists.
    """
    earlier = _files_of_earlier_run(name, checkout) if again else []
    if not earlier:
        refuse_name(name, "a feed", project)
    subject = subject_of(subject, name)
    fields = (*fields, *(field for field in constants or {} if field not in fields))
    _refuse_unknown_fields(fields, subject, project)
    amounts = [field for field in fields if project.fields[field].has_magnitude]
    key = tuple(key) or tuple(field for field in fields if field not in amounts) or tuple(fields)
    outside = [field for field in key if field not in fields]
    if outside:
        raise ScaffoldError(f"The key names {', '.join(outside)}, which is not among the fields {', '.join(fields)}.")
    period = next((field for field in key if project.fields[field].format in PERIODS), None)
    contents = {
        f"dbt_like_sql/sources/{subject}/{name}.yml": _contract(name, fields, key, proposal),
        f"dbt_like_sql/models/staging/{subject}/stg_{name}.sql": _staging_sql(name, fields, key),
        f"dbt_like_sql/models/staging/{subject}/stg_{name}.yml": model_yaml(
            f"stg_{name}",
            "The latest value of each key that was released by the day.",
            "Giá trị mới nhất của từng khóa đã công bố đến ngày tính.",
            key,
        ),
        f"expectations/suites/validated/{subject}/{name}.yml": _suite(name),
    }
    compared = [field for field in amounts if field not in key]
    if compared:
        contents |= _magnitude(name, subject, project, compared, key, period)
    for year in _YEARS:
        sample = f"samples/inbox/{name}/{name}__{year}__{int(year) + 1}-01-15__simulated.csv"
        lines = _LINES if compared and period is None else _SERIES_ROWS
        contents[sample] = _sample(fields, key, project, year, lines, constants or {})
    for path in earlier:
        path.unlink()
    return write(checkout, contents)


def _files_of_earlier_run(name: str, checkout: Path) -> list[Path]:
    """The files of a skeleton that nobody has edited yet. Raises ScaffoldError where somebody has."""
    sql, suites = checkout / "dbt_like_sql", checkout / "expectations" / "suites"
    contracts = [*(sql / "sources").rglob(f"{name}.yml")]
    if any(not own_words(contract) for contract in contracts):
        raise ScaffoldError(
            f"'{name}' has been put into words of its own, which --again would lose: change its files by hand."
        )
    if not contracts:
        return []
    models = [*(sql / "models" / "staging").rglob(f"stg_{name}.*"), *(sql / "models").rglob(f"{name}_magnitude.*")]
    rules = [*suites.rglob(f"{name}.yml"), *suites.rglob(f"{name}_magnitude.yml")]
    samples = [*(checkout / "samples" / "inbox" / name).glob("*__simulated.csv")]
    return [*contracts, *models, *rules, *samples]


def _refuse_unknown_fields(fields: Sequence[str], subject: str, project: Project) -> None:
    if not fields:
        raise ScaffoldError("A feed needs at least one field.")
    unknown = [name for name in fields if name not in project.fields]
    if unknown:
        raise ScaffoldError(
            f"Not in the field dictionary: {', '.join(unknown)}. Describe them in "
            f"dbt_like_sql/fields/{subject}.yml first (type, unit, access, labels and descriptions in both languages)."
        )
    own = [name for name in fields if name in (*LINEAGE_COLUMNS, "missing_marks")]
    if own:
        raise ScaffoldError(f"Every row carries {', '.join(own)} by itself: leave it out of the fields.")
    twice = sorted({name for name in fields if fields.count(name) > 1})
    if twice:
        raise ScaffoldError(f"Given twice: {', '.join(twice)}.")


def _contract(name: str, fields: Sequence[str], key: Sequence[str], proposal: Proposal | None) -> str:
    headers = proposal.headers if proposal else {}
    rules = "\n".join(
        f"  - {{name: {field}{', required: true' if field in key else ''}, headers: [{_as_yaml(headers.get(field))}]}}"
        for field in fields
    )
    return f"""\
{_comments(proposal)}feed: {name}
title_en: {words(name).capitalize()}
title_vi: {words(name).capitalize()} {NAME_IT}
description_en: Say in a sentence or two what this feed holds and who stands behind it.
description_vi: Mô tả ngắn gọn nguồn số liệu này gồm những gì và đơn vị nào chịu trách nhiệm.
supplier: Cục Thống kê
supplier_en: Statistics office
owner: "team:statistics"
kind: increment
schedule: {{frequency: irregular, due_days: 0}}
on_bad_rows: reject_delivery
key: [{", ".join(key)}]
fields:
{rules}
forms:
  csv: {{reader: csv, encoding: utf-8, delimiter: ",", quote: '"', numbers: plain, dates: [iso]}}
{_form(proposal)}"""


def _as_yaml(text: str | None) -> str:
    """A text as YAML takes it, nothing for none; JSON is YAML."""
    return "" if text is None else json.dumps(text, ensure_ascii=False)


def _comments(proposal: Proposal | None) -> str:
    """Comments: what was understood of the file that the contract was proposed from, and what was not."""
    if proposal is None:
        return ""
    lines = [f"# understood: {line}\n" for line in proposal.understood]
    return "".join([*lines, *(f"# not understood: {line}\n" for line in proposal.not_understood)])


def _form(proposal: Proposal | None) -> str:
    """The form of workbooks; that of CSV stays the canonical one."""
    if proposal is None or proposal.extension == "csv":
        return ""
    return "\n".join(["  xlsx:", "    reader: xlsx", *proposal.form, "    numbers: vi", "    dates: [iso, dmy]\n"])


def _staging_sql(name: str, fields: Sequence[str], key: Sequence[str]) -> str:
    columns = (*STAGED, *fields)
    return f"""\
-- The latest value of each key that was released by the day of the run.
with released as (
    select
        *,
        row_number() over (
            partition by {", ".join(key)}
            order by {{{{ newest_first() }}}}
        ) as row_number
    from {{{{ source('validated', '{name}') }}}}
    where released_on <= {{{{ var('as_of') }}}}
)

select
{listed(columns)}
from released
where row_number = 1
"""


def _suite(name: str) -> str:
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


# ── magnitude ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _magnitude(
    feed: str, subject: str, project: Project, amounts: Sequence[str], key: Sequence[str], period: str | None
) -> dict[str, str]:
    """Return the rule that catches a unit wrong by 1,000: its SQL, its YAML, its suite."""
    rule = f"{feed}_magnitude"
    if period is None:
        sql, grain = _lines_sql(feed, amounts), ("delivery_id", "figure_name", "line_kind")
        judged = (
            "type: expect_column_pair_values_a_to_be_greater_than_b\n"
            "    kwargs: {column_A: largest_factor, column_B: magnitude_factor, or_equal: true}"
        )
        row_id = "[delivery_id, figure_name, line_kind, middle_ratio, reference_file]"
    else:
        sql, grain = _series_sql(feed, project, amounts, key, period), ("delivery_id", "source_row", "figure_name")
        judged = (
            "type: expect_column_values_to_be_between\n"
            "    kwargs: {column: magnitude_ratio, min_value: 0.02, max_value: 50}"
        )
        row_id = "[delivery_id, source_row, figure_name, magnitude_ratio, reference_delivery_id]"
    return {
        f"dbt_like_sql/models/audits/{subject}/{rule}.sql": sql,
        f"dbt_like_sql/models/audits/{subject}/{rule}.yml": model_yaml(
            rule,
            "Amounts have the magnitude that earlier deliveries gave.",
            "Số liệu cùng cỡ với số liệu của các tệp gửi trước.",
            grain,
            "earlier_deliveries: compared",
        ),
        f"expectations/suites/audits/{subject}/{rule}.yml": f"""\
name: audits__{rule}
meta:
  row_id: {row_id}
  may_be_empty: when nothing was delivered that it could compare
expectations:
  - {judged}
    severity: critical
    description: An amount has the magnitude of earlier deliveries.
    meta:
      check: magnitude_matches_earlier_delivery
      dimension: reconciliation
      next_step: >-
        Compare the unit of the column with the amounts, correct the unit and send the file again with note r2 (r3 the
        next time); if the earlier delivery is the wrong one, have it withdrawn.
""",
    }


def _series_sql(feed: str, project: Project, amounts: Sequence[str], key: Sequence[str], period: str) -> str:
    series = [name for name in key if name != period]

    def text(name: str) -> str:
        given = name if project.fields[name].type == "varchar" else f"cast({name} as varchar)"
        return f" || ' ' || coalesce({given}, '')"

    def figures(amount: str) -> str:
        return f"""\
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        '{amount}' as figure_name,
        '{amount}'{"".join(map(text, series))} as series_key,
        {period}{"" if period == "period" else " as period"},
        50 as first_delivery_tolerance,
        cast({amount} as decimal(38, 4)) as figure
    from {{{{ source('candidates', '{feed}') }}}}
    where {amount} > 0"""

    union = "\n    union all\n".join(map(figures, amounts))
    return f"""\
-- A row is one amount beside one of an earlier delivery. It fails when the two differ by an order of magnitude: a unit
-- is wrong.
with figures as (
{union}
),

{{{{ magnitude_against_earlier() }}}}

select
    delivery_id,
    source_row,
    figure_name,
    period,
    reference_delivery_id,
    reference_period,
    magnitude_ratio
from beside
"""


def _lines_sql(feed: str, amounts: Sequence[str]) -> str:
    def lines(amount: str) -> str:
        return f"""\
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        '{amount}' as figure_name,
        'all' as line_kind,
        cast({amount} as decimal(38, 4)) as figure
    from {{{{ source('candidates', '{feed}') }}}}
    where {amount} > 0"""

    union = "\n    union all\n".join(map(lines, amounts))
    return f"""\
-- A row is the middle line of a delivery beside that of an earlier one. It fails when the two lie further apart than
-- the seed allows: a unit is wrong.
with lines as (
{union}
),

{{{{ median_against_first_delivery() }}}}
"""


# ── samples ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _sample(
    fields: Sequence[str], key: Sequence[str], project: Project, year: str, rows: int, constants: Mapping[str, str]
) -> str:
    made = [
        [constants.get(name) or _example(project.fields[name], project, year, number) for name in fields]
        for number in range(rows)
    ]
    named = {tuple(row[fields.index(name)] for name in key) for row in made}
    if len(named) < rows:
        raise ScaffoldError(
            f"Amounts without a period are compared line by line, and {', '.join(key)} cannot tell {rows} lines apart. "
            "Name a key of the lines, such as a code or a number, or a field with a period."
        )
    return "".join(f"{','.join(map(_quoted, row))}\n" for row in [list(fields), *made])


def _example(field: Field, project: Project, year: str, number: int) -> str:
    day = f"{year}-12-{31 - number}"
    if field.name in _EXAMPLE_BY_NAME:
        return _EXAMPLE_BY_NAME[field.name]
    if field.format is not None:
        return {"period": year, "month": f"{year}-12", "day": day}[field.format]
    if field.codes is not None:
        codes = field.codes if isinstance(field.codes, tuple) else tuple(_registered(field.codes, project))
        return codes[number % len(codes)]
    if field.has_magnitude:
        return "1000"
    by_type: Mapping[str, str] = {"date": day, "boolean": "true", "varchar": f"example {number + 1}"}
    return by_type.get(field.type, str(number + 1))


def _registered(codes: str, project: Project) -> Iterable[str]:
    seed, _, column = codes.partition(".")
    return dict.fromkeys(row[column] for row in project.seeds[seed].rows() if row[column])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text
