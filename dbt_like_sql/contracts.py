"""Contracts: what each feed promises, read from `sources/<subject>/<feed>.yml`.

A contract says who sends the feed, under which headers, in which forms, with which key and which limits. The
reader, the casts, the expectations, the schedule of deliveries and the dictionary all follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from dbt_like_sql.corrections import ENDING, Correction, corrections_beside, load_corrections
from dbt_like_sql.declarations import (
    DeclarationError,
    below,
    build,
    meant,
    read_yaml,
    refuse_owner,
    refuse_unread,
    subject_of_file,
)
from dbt_like_sql.fields import HERE, Field

READERS = frozenset({"csv", "xlsx", "sdmx", "jsonstat", "px"})
BY_OBSERVATION = frozenset({"sdmx", "jsonstat", "px"})
"""Readers that give observations with their dimensions, not tables with a header."""
WORKBOOKS = ("xlsx", "xlsm", "xls", "xlsb", "ods")
"""Extensions of one form: its reader recognises workbooks by content, so a feed that takes one kind takes all."""
NUMBER_STYLES = frozenset({"plain", "vi", "sdmx"})
"""1234.5; 1.234,5; and as SDMX-CSV and SDMX-ML write them: 1234.5, 1.2345E3, and NaN for what is missing."""
DATE_STYLES = frozenset({"iso", "dmy"})
ENCODINGS = frozenset({"utf-8", "utf8", "utf-8-sig", "cp1258", "windows-1258"})
PERIOD_SOURCES = ("header", "title", "name")
"""What may say the period of a table that has no column for it."""
LABEL_KEYS = ("field", "section", "sections", "unit")
"""What a form says of the labels of its rows."""
BLOCK_KEYS = ("begin", "field", "side_by_side")
"""What a form says of several tables on a sheet."""
PERIOD_NUMBERS = re.compile(r"\{(month|month_before|year|year_before)\}")
"""What the pattern of a column may say of the period that the file's name says."""
OPTIONS = frozenset({"amounts", "area_code", "areas", "payments"})
"""What a feed may say of all its rows, for the models and the intake that ask for it."""
FREQUENCIES = frozenset({"monthly", "quarterly", "yearly", "irregular"})

WITHDRAWALS = "delivery_withdrawals"
"""The feed that declares deliveries withdrawn."""
WAIVERS = "finding_waivers"
"""The feed that declares findings waived."""

LINEAGE_COLUMNS = (
    "delivery_id",
    "released_on",
    "revision",
    "is_simulated",
    "source_file",
    "source_sheet",
    "source_row",
)
"""What every validated row carries before the fields of its contract."""


@dataclass(frozen=True)
class FieldRule:
    """One field of a feed: the headers it may stand under and what its values must be.

    A header may hold the name of another field in braces, of which the year that stands there in a file is the value.
    `minimum` and `maximum` are inclusive and in the unit of the field; `not_after` names another column that
    a date must not pass; `max_scale` is the number of decimals accepted (default: what the type holds);
    `unknown_code` is the severity of a code outside the seed: `warning` where no figure depends on it;
    `no_magnitude` says why no rule compares the number's magnitude with earlier deliveries. `wholes` lists labels of a
    key, such as `TOTAL`, whose rows are data of their own; any other row that says total is set aside.
    """

    name: str
    required: bool = False
    headers: tuple[str, ...] = ()
    minimum: str | int | float | None = None
    maximum: str | int | float | None = None
    pattern: str | None = None
    not_after: str | None = None
    max_scale: int | None = None
    unknown_code: str = "critical"
    no_magnitude: str | None = None
    wholes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileForm:
    """How one kind of file of a feed is written: its reader and that reader's settings.

    A table whose headers change with the month is read by `columns`: the place of a field's column (1 is the first), or
    a regular expression that is searched in all that its header says, from the top, in lower case, with single spaces;
    `{month}`, `{month_before}`, `{year}` and `{year_before}` in it are those of the period that the file's name says.
    `sheet_pattern` is searched in the names of sheets, in lower case, where a supplier's sheets change their names.
    `labels` reads a table made for people, whose rows are named at the left of their figures and whose header may take
    any number of rows (`assets.layout.labels`): `field` takes the label, `section` the last label that opened a
    section, and `sections` says which do: those that match an expression, or (`indented`) those further left. Of
    sections within sections both are lists, the outermost first. `unit` takes the unit in brackets of label or section.
    `by_section` says what a column holds in sections that match an expression: `{'^ii\\.': {passengers: tonnes}}`.
    `blocks` parts a sheet of several tables at the rows whose first text matches `begin`; `field` takes that text. With
    `side_by_side` any text that matches begins a table, and every such row begins as many as it says.
    `period_from` names a field without a column that takes its period from the headers, the titles or the file's name
    (`of`, in the order in which they are asked): `{field: month, of: [header, title, name]}`.

    Of observations `dimensions` says which dimension is which field, `where` which categories are read, and `series`
    which field a value goes to, by the category of the dimension `series_of`; without series all go to the field
    `value`. `codes` lists dimensions read by code, not by label (JSON-stat, PX). Of wide tables `melt.value`
    is the field of columns whose header is the group alone.
    """

    reader: str
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    numbers: str = "plain"
    dates: tuple[str, ...] = ("iso",)
    constants: Mapping[str, Any] = field(default_factory=dict)
    source_precision: str = "exact"
    round_to: int | None = None
    sheets: tuple[str, ...] = ()
    sheet_pattern: str | None = None
    header_rows: int = 1
    unit_line: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] | None = None
    by_section: Mapping[str, Any] = field(default_factory=dict)
    blocks: Mapping[str, Any] | None = None
    period_from: Mapping[str, Any] | None = None
    melt: Mapping[str, Any] | None = None
    ends_at: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    series: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    series_of: str = "INDICATOR"
    value: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """When deliveries of a feed are expected: how often, and how many days after their period ends."""

    frequency: str
    due_days: int = 0


@dataclass(frozen=True)
class Contract:
    """What a feed promises.

    `forms` is keyed by file extension without the dot; that of workbooks stands under each of their extensions.
    `row_released_on` names the day on which each row became known, where that is not the delivery's; `row_period` the
    day or period that each row speaks of, where no field is a period of its own.
    """

    feed: str
    title_en: str
    title_vi: str
    description_en: str
    description_vi: str
    supplier: str
    supplier_en: str
    owner: str
    kind: str
    schedule: Schedule
    key: tuple[str, ...]
    fields: tuple[FieldRule, ...]
    forms: Mapping[str, FileForm]
    row_released_on: str | None = None
    row_period: str | None = None
    on_bad_rows: str = "reject_delivery"
    max_bad_row_share: float = 0.0
    options: Mapping[str, str] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    """Those of the file beside it (`dbt_like_sql.corrections`)."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the validated table, in order."""
        return (*LINEAGE_COLUMNS, *(rule.name for rule in self.fields), "missing_marks")


def feed_names(folder: Path | None = None) -> frozenset[str]:
    """Return the names of all feeds, without reading their contracts."""
    return frozenset(path.stem for path in contract_files(folder))


def contract_files(folder: Path | None = None) -> list[Path]:
    """Return the files of all contracts, in the order of their feeds: each lies in the folder of its subject."""
    files = (path for path in (folder or HERE / "sources").rglob("*.yml") if not path.stem.endswith(ENDING))
    return sorted(files, key=lambda path: path.name)


def load_contracts(fields: Mapping[str, Field], folder: Path | None = None) -> dict[str, Contract]:
    """Return all contracts by feed.

    Raises DeclarationError if a file is misnamed, has an unknown key, or speaks of a field that the dictionary
    does not hold, and if two files are of one feed.
    """
    contracts: dict[str, Contract] = {}
    folder = folder or HERE / "sources"
    refuse_unread(folder, "sources")
    contracts_there = contract_files(folder)
    for path in sorted(folder.rglob(f"*{ENDING}.yml")):
        if path.with_name(f"{path.stem.removesuffix(ENDING)}.yml") not in contracts_there:
            raise DeclarationError(
                f"{below(path, 'sources')}: no contract of that feed lies beside it; see the name of the file"
            )
    for path in contracts_there:
        subject_of_file(path, folder, "contract")
        contract = _contract(path)
        where = below(path, "sources")
        refuse_owner(contract.owner, where)
        _refuse_contradictions(contract, fields, path)
        if contract.feed in contracts:
            twice = " and ".join(below(one, "sources") for one in contracts_there if one.name == path.name)
            raise DeclarationError(f"{twice} are contracts of one feed; take one out, or name it after another feed")
        contracts[contract.feed] = contract
    return contracts


def contract_of(feed: str, folder: Path | None = None) -> Contract:
    """Return the contract of one feed, its forms checked and the rest not: for callers that must be quick.

    Raises KeyError if there is no such feed, and DeclarationError for an unknown key or a form that cannot be followed.
    """
    paths = {path.stem: path for path in contract_files(folder)}
    contract = _contract(paths[feed])
    if problems := _wrong_in_forms(contract):
        raise DeclarationError(f"{below(paths[feed], 'sources')}: " + "; ".join(problems))
    return contract


def _contract(path: Path) -> Contract:
    where = below(path, "sources")
    values = read_yaml(path, where)
    listed, forms = values.get("fields"), values.get("forms")
    if not isinstance(listed, list):
        raise DeclarationError(f"{where}: fields: a list is expected, one entry for each field")
    if not isinstance(forms, dict):
        raise DeclarationError(f"{where}: forms: a mapping of file extensions is expected, csv among them")
    values["fields"] = [
        build(FieldRule, v, f"{where}: fields.{v.get('name', n) if isinstance(v, dict) else n}")
        for n, v in enumerate(listed, start=1)
    ]
    built = {extension: build(FileForm, v, f"{where}: forms.{extension}") for extension, v in forms.items()}
    of_workbooks = next((built[extension] for extension in WORKBOOKS if extension in built), None)
    if of_workbooks is not None:
        built = {**dict.fromkeys(WORKBOOKS, of_workbooks), **built}
    values["forms"] = dict(sorted(built.items()))
    values["schedule"] = build(Schedule, values.get("schedule", {}), f"{where}: schedule")
    if "corrections" in values:
        raise DeclarationError(f"{where}: corrections stand in a file of their own, {corrections_beside(path).name}")
    values["corrections"] = load_corrections(corrections_beside(path), [rule.name for rule in values["fields"]])
    return build(Contract, values, where)


def _refuse_contradictions(contract: Contract, fields: Mapping[str, Field], path: Path) -> None:
    names = [rule.name for rule in contract.fields]
    problems = []
    if contract.feed != path.stem:
        problems.append(f"the feed is called '{contract.feed}' but the file '{path.name}'")
    problems += [
        f"field '{name}' is not in fields/ ({meant(name, fields)} A new column is described there first)"
        for name in names
        if name not in fields
    ]
    problems += [f"field '{name}' is given twice" for name in sorted(set(names)) if names.count(name) > 1]
    problems += [
        f"key '{name}' is not a field of it: {meant(name, names)}" for name in contract.key if name not in names
    ]
    if contract.row_released_on and contract.row_released_on not in names:
        problems.append(f"row_released_on '{contract.row_released_on}' is not a field")
    if contract.row_period and contract.row_period not in names:
        problems.append(f"row_period '{contract.row_period}' is not a field")
    choices = [
        ("kind", contract.kind, {"increment", "snapshot"}),
        ("on_bad_rows", contract.on_bad_rows, {"reject_delivery", "quarantine"}),
        ("schedule.frequency", contract.schedule.frequency, FREQUENCIES),
        *(("options", option, OPTIONS) for option in contract.options),
        *(("unknown_code", rule.unknown_code, {"critical", "warning"}) for rule in contract.fields),
    ]
    problems += _unknown(choices)
    for rule in contract.fields:
        problems += _limits_that_are_none(rule, contract.columns)
        problems += [
            f"field '{rule.name}': the header '{header}' reads '{name}': {meant(name, names)}"
            for header in rule.headers
            for name in re.findall(r"\{(\w*)\}", header)
            if name not in names
        ]
    problems += _headers_of_two(contract)
    problems += _wrong_in_forms(contract)
    if "csv" not in contract.forms:
        problems.append("forms.csv, the canonical form, is missing")
    if problems:
        raise DeclarationError(f"{below(path, 'sources')}: " + "; ".join(problems))


def _wrong_in_forms(contract: Contract) -> list[str]:
    """Say what a reader could not follow; of the form of workbooks once, and not of each of its extensions."""
    of_workbooks = contract.forms.get("xlsx")
    forms = {e: form for e, form in contract.forms.items() if form is not of_workbooks or e == "xlsx"}
    choices = [
        *(("forms.reader", form.reader, READERS) for form in forms.values()),
        *(("forms.encoding", form.encoding.lower(), ENCODINGS) for form in forms.values()),
        *(("forms.numbers", form.numbers, NUMBER_STYLES) for form in forms.values()),
        *(("forms.dates", style, DATE_STYLES) for form in forms.values() for style in form.dates),
        *(("forms.source_precision", form.source_precision, {"exact", "binary_float"}) for form in forms.values()),
    ]
    names = [rule.name for rule in contract.fields]
    return _unknown(choices) + [
        f"forms.{extension}: {problem}"
        for extension, form in forms.items()
        for problem in _settings_that_are_none(form, names)
    ]


def _unknown(choices: Iterable[tuple[str, str, Collection[str]]]) -> list[str]:
    return [f"{what} '{value}': {meant(value, known)}" for what, value, known in choices if value not in known]


def _limits_that_are_none(rule: FieldRule, columns: Collection[str]) -> list[str]:
    """Say which limits of a field nothing could be compared with."""
    where = f"field '{rule.name}'"
    bounds = [bound for bound in (rule.minimum, rule.maximum) if bound is not None and not _is_number(bound)]
    problems = [f"{where} has a bound that is no number: {bound}" for bound in bounds]
    if rule.not_after is not None and rule.not_after not in columns:
        problems.append(f"{where}: not_after '{rule.not_after}': {meant(rule.not_after, columns)}")
    return problems + _no_regular_expression(f"{where}: pattern", rule.pattern)


def _settings_that_are_none(form: FileForm, names: Collection[str]) -> list[str]:
    """Say which settings of a form its reader could not follow."""
    problems = [f"constant '{name}' is not a field" for name in form.constants if name not in names]
    if form.source_precision == "binary_float" and form.round_to is None:
        problems.append("binary_float needs round_to")
    if len(form.delimiter) != 1:
        problems.append(f"delimiter is one character, not '{form.delimiter}'")
    if len(form.quote) > 1:
        problems.append(f"quote is one character or none, not '{form.quote}'")
    problems += _columns_that_are_none(form, names)
    if form.labels is not None:
        problems += _labels_that_are_none(form, names)
    problems += _sections_and_blocks_that_are_none(form, names)
    if form.sheets and form.sheet_pattern:
        problems.append("sheets and sheet_pattern: say which sheets by one of them")
    problems += _period_that_is_none(form, names)
    if form.reader in BY_OBSERVATION:
        if bool(form.series) == (form.value is not None):
            problems.append("observations need either series or value")
        targets = [*form.dimensions.values(), *(name for name in (form.value,) if name is not None)]
        problems += [f"'{name}' is not a field: {meant(name, names)}" for name in targets if name not in names]
    patterns = (("ends_at", form.ends_at), ("unit_line", form.unit_line), ("sheet_pattern", form.sheet_pattern))
    for key, pattern in patterns:
        problems += _no_regular_expression(key, pattern)
    return problems


def _columns_that_are_none(form: FileForm, names: Collection[str]) -> list[str]:
    """Name those of a form's `columns` that could match no column of a file."""
    problems = [f"columns: '{name}' is not a field" for name in form.columns if name not in names]
    for name, column in form.columns.items():
        if isinstance(column, str):
            problems += _no_regular_expression(f"columns.{name}", PERIOD_NUMBERS.sub("1", column))
        elif not isinstance(column, int) or column < 1:
            problems.append(f"columns.{name} is a place from 1 or a regular expression, not '{column}'")
    return problems


def _period_that_is_none(form: FileForm, names: Collection[str]) -> list[str]:
    """Say what of `period_from` could not be followed."""
    if form.period_from is None:
        return []
    problems = []
    asked = form.period_from.get("of") or ()
    problems += [f"period_from.of '{one}': {meant(one, PERIOD_SOURCES)}" for one in asked if one not in PERIOD_SOURCES]
    if set(form.period_from) != {"field", "of"} or not asked or form.period_from["field"] not in names:
        problems.append(
            "period_from says the field that takes the period and `of` what, as in {field: month, of: [title]}"
        )
    return problems


def _labels_that_are_none(form: FileForm, names: Collection[str]) -> list[str]:
    """Say what of `labels` could not be followed."""
    labels = form.labels or {}
    problems = [f"labels.{key}: {meant(key, LABEL_KEYS)}" for key in labels if key not in LABEL_KEYS]
    if "field" not in labels:
        problems.append("labels says which field takes the label, as in {field: row_label}")
    if ("section" in labels) != ("sections" in labels):
        problems.append("labels: section (a field) and sections (which labels open one) are said together")
    fields, opens = _listed(labels.get("section")), _listed(labels.get("sections"))
    if len(fields) != len(opens) and opens != ["indented"]:
        problems.append("labels: section and sections are lists of one length, the outermost section first")
    taken = [*_listed(labels.get("field")), *fields, *_listed(labels.get("unit"))]
    problems += [f"labels: '{name}' is not a field: {meant(name, names)}" for name in taken if name not in names]
    problems += [f"labels: '{name}' is given twice" for name in sorted(set(taken)) if taken.count(name) > 1]
    return [*problems, *(one for pattern in opens for one in _no_regular_expression("labels.sections", pattern))]


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _blocks_that_are_none(blocks: Mapping[str, Any], columns: Mapping[str, Any], names: Collection[str]) -> list[str]:
    """Say which tables of a sheet nobody could find."""
    problems = [f"blocks.{key}: {meant(key, BLOCK_KEYS)}" for key in blocks if key not in BLOCK_KEYS]
    if "begin" not in blocks:
        problems.append("blocks says how tables begin, as in {begin: '^[a-z]\\. '}")
    problems += _no_regular_expression("blocks.begin", blocks.get("begin"))
    named = blocks.get("field")
    if named is not None and named not in names:
        problems.append(f"blocks.field '{named}': {meant(named, names)}")
    if "side_by_side" not in blocks:
        return problems
    count = blocks["side_by_side"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 2:
        problems.append(f"blocks.side_by_side is how many tables stand beside each other, 2 or more, not '{count}'")
    return problems + [
        f"columns.{name} is a place, and each of the tables side by side has its own: say an expression"
        for name, column in columns.items()
        if isinstance(column, int)
    ]


def _sections_and_blocks_that_are_none(form: FileForm, names: Collection[str]) -> list[str]:
    """Say what of `by_section` and `blocks` could not be followed."""
    problems = []
    if form.blocks is not None:
        problems += _blocks_that_are_none(form.blocks, form.columns, names)
    has_sections = "section" in (form.labels or {}) or "field" in (form.blocks or {})
    if form.by_section and not has_sections:
        problems.append("by_section needs labels with section and sections, or blocks with a field")
    for pattern, moved in form.by_section.items():
        problems += _no_regular_expression("by_section", pattern)
        if not isinstance(moved, Mapping):
            problems.append(f"by_section '{pattern}' says which field is which, as in {{visits: value_bn}}")
            continue
        problems += [
            f"by_section '{pattern}': '{name}' has no column, see columns" for name in moved if name not in form.columns
        ]
        problems += [
            f"by_section '{pattern}': '{name}' {'has a column of its own' if name in names else 'is not a field'}"
            for name in moved.values()
            if name in form.columns or name not in names
        ]
    return problems


def _is_number(bound: str | int | float) -> bool:
    try:
        return Decimal(str(bound)).is_finite()
    except InvalidOperation:
        return False


def _no_regular_expression(what: str, pattern: str | None) -> list[str]:
    try:
        re.compile(pattern or "")
    except re.error as error:
        return [f"{what} '{pattern}' is no regular expression: {error}"]
    return []


def _headers_of_two(contract: Contract) -> list[str]:
    """Name a header that stands for two fields: its column would be ambiguous."""
    owners: dict[str, set[str]] = {}
    for rule in contract.fields:
        for header in (rule.name, *rule.headers):
            owners.setdefault(header.casefold(), set()).add(rule.name)
    return [
        f"the header '{header}' is that of {' and '.join(sorted(names))}; take it out of one of them"
        for header, names in owners.items()
        if len(names) > 1
    ]
