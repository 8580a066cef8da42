"""A contract proposed from a file: what its first rows show, and what a person has to decide."""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.layout.headers import LOOKED_AT, HeaderRow, headers_of_window, without_units
from assets.layout.labels import find_header_above_figures, first_figure
from assets.layout.titles import month_of_day, periods_named
from assets.layout.units import unit_lines
from assets.readers import Limits, ReadJob, read_deliveries
from assets.readers.raw import merged_cells, read_raw
from assets.readers.sheet_scan import letters_of
from dbt_like_sql.contracts import PERIOD_NUMBERS, WORKBOOKS, FileForm
from dbt_like_sql.periods import Period
from dbt_like_sql.project import Project
from pipeline.scaffold.side_by_side import beginning, cut_to, tables_side_by_side
from pipeline.scaffold.skeleton import ScaffoldError

LABEL = "row_label"
LEFT_OUT = "-"
"""In the place of a field: a column that the feed does not need."""
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


def proposed(
    path: Path,
    project: Project,
    named: Sequence[str] = (),
    sheet: str | None = None,
    constants: Mapping[str, str] | None = None,
) -> Proposal:
    """Look at a file. `named` names the fields of its columns from the left, labels first, where they are not guessed.

    A column named `-` is left out. `constants` are fields without a column that say the same in every row. Raises
    ScaffoldError where the file cannot be read or holds no row with a label and a figure.
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
    found = find_header_above_figures(rows, merged, nothing, form, project.fields, None)
    if found is None:
        raise ScaffoldError(f"{path.name}: no row of the first {len(rows)} has a label and a figure at its right.")
    lines_of_header = rows[found.first : found.first + found.count]
    tables = tables_side_by_side(lines_of_header, rows[found.first + found.count :])
    begin = beginning(lines_of_header, tables)
    if len(tables) > 1:
        rows = [*rows[: found.first], *cut_to(rows[found.first :], tables[0])]
        lines_of_header = cut_to(lines_of_header, tables[0])
    header = headers_of_window(lines_of_header, found.first, merged, nothing, form, project.fields, None)
    above, body = rows[: header.first], rows[header.first + header.count :]
    units = unit_lines(above, alone=True)
    titles = [text for at, row in enumerate(above) if at not in units for text in row.texts if text.strip()]
    understood = [f"title: {' / '.join(' '.join(text.split()) for text in titles)}"] if titles else []
    understood += [f"unit: {heading}" for heading in units.values()]
    understood.append(f"header: rows {', '.join(str(row.number) for row in lines_of_header)}")
    columns = {column.position: column.heading for column in header.columns if column.heading}
    is_labelled = not _label_positions(body) <= columns.keys()
    period = _period(titles, [heading for _, heading in sorted(columns.items())])
    proposed_columns = _ColumnsProposed(columns, project, named, period[1] if period else None, is_labelled=is_labelled)
    lines = (
        [f"    labels: {{field: {proposed_columns.fields[0] if proposed_columns.fields else LABEL}}}"]
        if is_labelled
        else []
    )
    if not is_labelled and header.count > 1:
        lines.append(f"    header_rows: {header.count}")
    lines += ["    columns:", *proposed_columns.patterns] if proposed_columns.patterns else []
    constants = constants or {}
    fields = list(proposed_columns.fields)
    understood, unknown = [*understood, *proposed_columns.understood], list(proposed_columns.not_understood)
    if {"month", "period"}.isdisjoint([*fields, *constants]):
        if period is None:
            unknown.append("no title and no header says a period, or they say several: which field says it?")
        else:
            kind = PERIOD_FIELDS.get(period[1].kind, "period")
            fields.append(kind)
            sources = ", ".join(dict.fromkeys([period[0], "name"]))
            lines.append(f"    period_from: {{field: {kind}, of: [{sources}]}}")
            understood.append(f"{kind}: {period[1].code}, from the {period[0]}")
    if len(tables) > 1:
        places = ", ".join(f"{letters_of(first + 1)} to {letters_of(end)}" for first, end in tables)
        stand = f"{len(tables)} tables stand side by side (columns {places})"
        if begin is None or extension == "csv":
            asked = f"{{begin: …, side_by_side: {len(tables)}}}"
            unknown.append(f"{stand}: which text begins each of them? Say it as blocks: {asked}; this is the first")
        else:
            lines.append(f"    blocks: {{begin: {_quoted(f'^{_escaped(begin)}$')}, side_by_side: {len(tables)}}}")
            understood.append(f"{stand}, each of which begins with '{begin}'")
    if constants:
        fields += [name for name in constants if name not in fields]
        listed_constants = ", ".join(f"{name}: {_quoted(text)}" for name, text in constants.items())
        lines.append(f"    constants: {{{listed_constants}}}")
        understood.append(f"in every row: {listed_constants}")
    if sheet:
        lines.insert(0, _sheet_line(sheet))
    if any(_NOISE.fullmatch(text) for row in rows for text in row.texts):
        lines += ["    source_precision: binary_float", f"    round_to: {_ROUNDED_TO}"]
        understood.append(f"numbers with the noise of a computation: rounded to {_ROUNDED_TO} decimals, and counted")
    return Proposal(tuple(fields), proposed_columns.headers, tuple(lines), extension, tuple(understood), tuple(unknown))


class _ColumnsProposed:
    """Which field each column is, by its name or by its header, and how the contract finds it in other months."""

    def __init__(
        self,
        columns: Mapping[int, str],
        project: Project,
        named: Sequence[str],
        period: Period | None,
        *,
        is_labelled: bool,
    ) -> None:
        self.fields: list[str] = []
        self.headers: dict[str, str] = {}
        self.patterns: list[str] = []
        self.understood: list[str] = []
        self.not_understood: list[str] = []
        texts = ([(-1, "")] if is_labelled else []) + sorted(columns.items())
        guessed = [LABEL if at < 0 else _field(heading, project) for at, heading in texts]
        names = [given or guess for given, guess in zip([*named, *[None] * len(texts)], guessed, strict=False)]
        twice = {name for name in names if name and name != LEFT_OUT and names.count(name) > 1}
        for (at, heading), name in zip(texts, names, strict=True):
            pattern = _pattern(heading, period)
            if at >= 0 and any(heading in other for other in columns.values() if other != heading):
                pattern = f"^{pattern}$"
            if name == LEFT_OUT:
                self.understood.append(f"column {at + 1} '{heading}': left out")
                continue
            if name is None or name in twice:
                asked = f"column {at + 1} '{heading}': which field is it? {_quoted(pattern)} finds it"
                self.not_understood.append(asked)
                continue
            self.fields.append(name)
            if at < 0:
                self.understood.append(f"labels at the left of figures: {name}")
                continue
            self.understood.append(f"column {at + 1} '{heading}': {name}")
            if is_labelled or PERIOD_NUMBERS.search(pattern):
                self.patterns.append(f"      {name}: {_quoted(pattern)}")
            else:
                self.headers[name] = heading


def _label_positions(body: Sequence[HeaderRow]) -> set[int]:
    """The columns left of all figures in which rows with figures have words: their labels, and words beside them."""
    figures = [(row, position) for row in body if (position := first_figure(row.texts)) is not None]
    begin = min(position for _, position in figures)
    words = (
        at
        for row, _ in figures
        for at, text in enumerate(row.texts[:begin])
        if any(letter.isalpha() for letter in text)
    )
    return set(words)


def _sheet_line(sheet: str) -> str:
    """The sheet by its name; by what follows the number before it, which differs from month to month."""
    numbered = _NUMBERED.fullmatch(sheet)
    if numbered is None:
        return f"    sheets: [{_quoted(sheet)}]"
    pattern = rf"(?i)^\d+\W*{_escaped(numbered[1])}\s*$"
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
        stated = [p for text in texts for p in periods_named(text.replace(" | ", " "), in_header=source == "header")]
        heading = {month_of_day(period) or period for period in stated}
        months = {period for period in heading if period.kind == "month"} or heading
        if len(months) == 1:
            return source, months.pop()
        if heading and {period.kind for period in months} == {"month"}:
            return "name", max(months, key=lambda period: period.first_day)
    return None


def _pattern(heading: str, period: Period | None) -> str:
    """An expression that finds a header, with the numbers of its period as placeholders."""
    text = _escaped(heading.replace(" | ", " "))
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


def _escaped(text: str) -> str:
    """A text as a regular expression, with backslashes only where it would mean something else without."""
    return re.sub(r"\\([ ,;:%/#&~-])", r"\1", re.escape(text))


def _quoted(text: str) -> str:
    """A text as YAML takes it, in quotes that need no other escapes."""
    return "'" + text.replace("'", "''") + "'"
