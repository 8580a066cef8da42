"""A contract proposed from a file: what its first rows show, and what a person has to decide."""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.layout.headers import LOOKED_AT, Header, HeaderRow, plain, without_units
from assets.layout.labels import find_header_above_figures
from assets.layout.titles import periods_named
from assets.layout.units import unit_lines
from assets.readers import Limits, ReadJob, read_deliveries
from assets.readers.raw import merged_cells, read_raw
from dbt_like_sql.contracts import WORKBOOKS, FileForm
from dbt_like_sql.periods import Period
from dbt_like_sql.project import Project
from pipeline.scaffold.skeleton import ScaffoldError

LABEL = "row_label"
_NUMBERED = re.compile(r"\d+\W*(\w.*?)\s*")
_NOISE = re.compile(r"-?\d+\.\d{9,}")
"""A number that a formula gave: it holds more decimals than anyone writes."""
_ROUNDED_TO = 6
PERIOD_FIELDS = {"month": "month"}
"""The field that takes a period from title or header, by the period's kind; `period` takes any other."""


@dataclass(frozen=True)
class Proposal:
    """What a file tells of its contract: fields in the order of its columns, their headers, lines of its form."""

    fields: tuple[str, ...]
    headers: Mapping[str, str]
    form: tuple[str, ...]
    extension: str
    understood: tuple[str, ...]
    not_understood: tuple[str, ...]


def proposed(path: Path, project: Project, named: Sequence[str] = (), sheet: str | None = None) -> Proposal:
    """Look at a file. `named` names the fields of its columns from the left, labels first, where they are not guessed.

    Raises ScaffoldError where the file cannot be read or holds no row with a label and a figure.
    """
    extension = path.suffix[1:].lower()
    if extension not in (*WORKBOOKS, "csv"):
        raise ScaffoldError(
            f"{path.name}: a contract is proposed from CSV and from workbooks ({', '.join(WORKBOOKS)})."
        )
    form = FileForm(
        reader="csv" if extension == "csv" else "xlsx", sheets=(sheet,) if sheet else (), labels={"field": LABEL}
    )
    rows, merged = _first_rows(path, form)
    nothing = dataclasses.replace(next(iter(project.contracts.values())), fields=())
    header = find_header_above_figures(rows, merged, nothing, form, project.fields, None)
    if header is None:
        raise ScaffoldError(f"{path.name}: no row of the first {len(rows)} has a label and a figure at its right.")
    above = rows[: header.first]
    units = unit_lines(above, alone=True)
    titles = [text for at, row in enumerate(above) if at not in units for text in row.texts if text.strip()]
    understood = [f"title: {' / '.join(' '.join(text.split()) for text in titles)}"] if titles else []
    understood += [f"unit: {heading}" for heading in units.values()]
    understood.append(f"header: rows {', '.join(str(row.number) for row in _header_rows(rows, header))}")
    columns = _columns(rows, header)
    is_labelled = min(columns) >= min(column.position for column in header.columns)
    period = _period(titles, [heading for _, heading in sorted(columns.items())])
    texts = ([(-1, "")] if is_labelled else []) + sorted(columns.items())
    guessed = [LABEL if at < 0 else _field(heading, project) for at, heading in texts]
    names = [given or guess for given, guess in zip([*named, *[None] * len(texts)], guessed, strict=False)]
    twice = {name for name in names if name and names.count(name) > 1}
    fields, headers, patterns, unknown = [], {}, [], []
    for (at, heading), name in zip(texts, names, strict=True):
        pattern = _pattern(heading, period[1] if period else None)
        if name is None or name in twice:
            unknown.append(f"column {at + 1} '{heading}': which field is it? '{pattern}' finds it")
            continue
        fields.append(name)
        understood.append(
            f"column {at + 1} '{heading}': {name}" if at >= 0 else f"labels at the left of figures: {name}"
        )
        if is_labelled and at >= 0:
            patterns.append(f"      {name}: {_quoted(pattern)}")
        elif at >= 0:
            headers[name] = heading
    lines = [f"    labels: {{field: {fields[0] if fields else LABEL}}}"] if is_labelled else []
    if not is_labelled and header.count > 1:
        lines.append(f"    header_rows: {header.count}")
    lines += ["    columns:", *patterns] if patterns else []
    if period is not None and not {"month", "period"} & set(fields):
        kind = PERIOD_FIELDS.get(period[1].kind, "period")
        fields.append(kind)
        sources = ", ".join(dict.fromkeys([period[0], "name"]))
        lines.append(f"    period_from: {{field: {kind}, of: [{sources}]}}")
        understood.append(f"{kind}: {period[1].code}, from the {period[0]}")
    elif period is None and not {"month", "period"} & set(fields):
        unknown.append("no title and no header says a period, or they say several: which field says it?")
    if sheet:
        lines.insert(0, _sheet_line(sheet))
    if any(_NOISE.fullmatch(text) for row in rows for text in row.texts):
        lines += ["    source_precision: binary_float", f"    round_to: {_ROUNDED_TO}"]
        understood.append(f"numbers with the noise of a computation: rounded to {_ROUNDED_TO} decimals, and counted")
    return Proposal(tuple(fields), headers, tuple(lines), extension, tuple(understood), tuple(unknown))


def _sheet_line(sheet: str) -> str:
    """The sheet by its name; by what follows the number before it, which differs from month to month."""
    numbered = _NUMBERED.fullmatch(sheet)
    if numbered is None:
        return f"    sheets: [{_quoted(sheet)}]"
    pattern = rf"(?i)^\d+\W*{re.escape(numbered[1])}\s*$"
    return f"    sheet_pattern: {_quoted(pattern)}"


def _first_rows(path: Path, form: FileForm) -> tuple[list[HeaderRow], list[list[int]]]:
    with tempfile.TemporaryDirectory() as folder:
        job = ReadJob("sample", path, dataclasses.asdict(form), Path(folder) / "raw.parquet", path.name)
        (reading,) = read_deliveries([job], Limits())
        if reading.refusal is not None:
            several = " Name the sheet of the table with --sheet." if "visible sheets" in reading.refusal else ""
            raise ScaffoldError(f"{path.name}: {reading.refusal}{several}")
        assert reading.path is not None
        raw = read_raw(reading.path)
    some = raw.select(["source_sheet", "source_row", "cells"]).slice(0, LOOKED_AT).to_pylist()
    rows = [HeaderRow(row["source_row"], tuple(text or "" for text in row["cells"])) for row in some]
    return rows, merged_cells(raw).get(some[0]["source_sheet"] or "", []) if some else []


def _header_rows(rows: Sequence[HeaderRow], header: Header) -> Sequence[HeaderRow]:
    return rows[header.first : header.first + header.count]


def _columns(rows: Sequence[HeaderRow], header: Header) -> dict[int, str]:
    """What the header says of each column that it speaks of: of those at the left of the figures too."""
    heading = {column.position: column.heading for column in header.columns if column.heading}
    left = min(heading, default=0)
    for at in range(left):
        texts = [row.texts[at] for row in _header_rows(rows, header) if at < len(row.texts) and row.texts[at].strip()]
        if texts:
            heading[at] = " | ".join(map(plain, texts))
    return heading


def _field(heading: str, project: Project) -> str | None:
    """The only field that a contract or the dictionary calls so, units left out."""
    bare = " | ".join(filter(None, without_units(heading.split(" | "))[0]))
    calls = {
        *((header, rule.name) for c in project.contracts.values() for rule in c.fields for header in rule.headers),
        *((label, field.name) for field in project.fields.values() for label in (field.label_vi, field.name)),
    }
    meant = {name for call, name in calls if " | ".join(filter(None, without_units(call.split("|"))[0])) == bare}
    return meant.pop() if len(meant) == 1 else None


def _period(titles: Sequence[str], headers: Sequence[str]) -> tuple[str, Period] | None:
    """The one period that titles or headers name, and which of them do.

    Of several months the newest is meant, which only the file's name can tell.
    """
    for source, texts in (("title", titles), ("header", headers)):
        heading = {period for text in texts for period in periods_named(text.replace(" | ", " "))}
        months = {period for period in heading if period.kind == "month"} or heading
        if len(months) == 1:
            return source, months.pop()
        if heading and {period.kind for period in months} == {"month"}:
            return "name", max(months, key=lambda period: period.first_day)
    return None


def _pattern(heading: str, period: Period | None) -> str:
    """An expression that finds a header, with the numbers of its period as placeholders."""
    text = re.sub(r"\\([ ,;:%/-])", r"\1", re.escape(heading.replace(" | ", " ")))
    if period is None:
        return text
    year, month = period.last_day.year, period.last_day.month
    for number, name in (
        (year, "year"),
        (year - 1, "year_before"),
        (month, "month"),
        ((month - 2) % 12 + 1, "month_before"),
    ):
        text = re.sub(rf"(?<![\d{{])0?{number}(?![\d}}])", f"{{{name}}}", text)
    return text


def _quoted(text: str) -> str:
    """A text as YAML takes it; JSON is YAML."""
    return json.dumps(text, ensure_ascii=False)
