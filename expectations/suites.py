"""Reads suites: YAML files in Great Expectations' own shape, understood without importing Great Expectations.

A suite is `suites/<layer>/<subject>/<table>.yml`, in the folder of the subject that its table has. What Great
Expectations has no place for (the name of the check, its dimension, what to do about it) stands under `meta` of each
expectation. Whatever is misspelt, missing or could never fail is an error that names the file, the line and the check,
because a rule that is not understood would be no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from dbt_like_sql.declaration_cache import kept
from dbt_like_sql.declarations import DeclarationError, meant, read_yaml, subject_of_file
from expectations.expectation_types import ROW_COUNT_TYPES, TYPES, judged_columns, problems_of
from expectations.report import DIMENSIONS, SEVERITIES, Dimension, Severity

FOLDER = Path(__file__).parent / "suites"
LAYERS = ("validated", "audits", "marts")

DEFAULT_ROW_ID: Mapping[str, tuple[str, ...]] = {
    "validated": ("delivery_id", "source_file", "source_sheet", "source_row"),
    "audits": ("delivery_id", "source_row"),
    "marts": (),
}
"""What names a failing row where the suite does not say: a mart must say it (its grain)."""

_SUITE_KEYS = frozenset({"name", "meta", "expectations"})
_EXPECTATION_KEYS = frozenset({"type", "kwargs", "severity", "description", "meta"})
_META_KEYS = frozenset({"check", "dimension", "next_step"})
_CHECK = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One rule: a type of Great Expectations with its arguments, and what we say when it does not hold.

    `description` is a plain sentence that should be true; `next_step` says what to do when it is not.
    """

    check: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    dimension: Dimension
    description: str
    next_step: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it judges."""
        return judged_columns(self.type, self.kwargs)

    @property
    def names_rows(self) -> bool:
        """Whether single rows fail (and not the table as a whole)."""
        return TYPES[self.type].names_rows


@dataclass(frozen=True, slots=True)
class Suite:
    """All rules of one table. `row_id` names the columns by which a failing row is named.

    `may_be_empty` says when the table may rightly have no rows; where it is empty a rule judges their number. `file` is
    what an error names, and no part of what the suite says.
    """

    layer: str
    table: str
    expectations: tuple[Expectation, ...]
    row_id: tuple[str, ...] = field(default=())
    may_be_empty: str = ""
    file: str = field(default="", repr=False, compare=False)

    @property
    def name(self) -> str:
        """The suite's name in Great Expectations and in reports."""
        return f"{self.layer}__{self.table}"

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions that it judges, in the order of `DIMENSIONS`: one Dagster check each."""
        present = {expectation.dimension for expectation in self.expectations}
        return tuple(dimension for dimension in DIMENSIONS if dimension in present)

    @property
    def blocking_dimensions(self) -> frozenset[Dimension]:
        """The dimensions with at least one critical rule."""
        return frozenset(e.dimension for e in self.expectations if e.severity == "critical")


def load_suite(layer: str, table: str, derived: Iterable[Expectation] = (), path: Path | None = None) -> Suite | None:
    """Return a table's suite: the `derived` rules, then those of its file; None where there is neither.

    Raises DeclarationError, naming file, line and check, on anything misspelt, missing, given twice or idle,
    and where nothing is said of the number of rows (other rules pass on a table without rows).
    """
    where = f"{layer}/{table}.yml" if path is None else "/".join(path.parts[-3:])
    rules = tuple(derived)
    if path is not None:
        suite = _read(path, _content(path, where), layer, table)
        return checked(replace(suite, expectations=(*rules, *suite.expectations), file=where), where)
    return checked(Suite(layer, table, rules, DEFAULT_ROW_ID.get(layer, ()), file=where), where) if rules else None


def _content(path: Path, where: str) -> Mapping[str, Any]:
    """What stands in the file of a suite."""
    kept_content = _contents().get(path.as_posix()) if path.is_relative_to(FOLDER) else None
    return read_yaml(path, where) if kept_content is None else kept_content


@cache
def _contents() -> Mapping[str, Mapping[str, Any]]:
    """What stands in the files of all suites; nothing where one cannot be read, which whoever needs it will say."""
    try:
        return kept("suites", FOLDER.parent, [FOLDER.name], dict, _all_contents)
    except DeclarationError:
        return {}


def _all_contents() -> dict[str, Mapping[str, Any]]:
    return {path.as_posix(): read_yaml(path) for path in sorted(FOLDER.rglob("*.yml"))}


def checked(suite: Suite, where: str) -> Suite:
    """Return the suite; DeclarationError where a rule comes twice or the number of rows is left open, or said twice."""
    names = [expectation.check for expectation in suite.expectations]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DeclarationError(
            f"{where}: given twice: {', '.join(twice)}; take it out of the file: what follows from a contract "
            "is not repeated"
        )
    counts = [expectation.check for expectation in suite.expectations if expectation.type in ROW_COUNT_TYPES]
    if not counts and not suite.may_be_empty:
        raise DeclarationError(
            f"{where}: nothing is said of the number of rows, and every other rule passes on an empty table. "
            "Add expect_table_row_count_to_be_between, or meta.may_be_empty with when it may rightly be empty"
        )
    if counts and suite.may_be_empty:
        raise DeclarationError(f"{where}: meta.may_be_empty says the table may have no rows, and {counts[0]} judges it")
    return suite


def suite_files(subjects: Mapping[tuple[str, str], str], folder: Path | None = None) -> dict[tuple[str, str], Path]:
    """The file of each suite by layer and table; `subjects` are those of the tables.

    Raises DeclarationError on a file in no known layer, or in another folder than that of its table's subject.
    """
    root = folder or FOLDER
    found = {}
    for path in sorted(root.rglob("*.yml")):
        where = path.relative_to(root)
        layer, table = where.parts[0], path.stem
        if layer not in LAYERS:
            raise DeclarationError(
                f"{where.as_posix()}: a suite lies in the folder of its layer and subject, "
                f"<layer>/<subject>/{path.name}; there are the layers {', '.join(LAYERS)}"
            )
        subject = subject_of_file(path, root, "suite", layer)
        right = subjects.get((layer, table), subject)
        if subject != right:
            raise DeclarationError(
                f"{where.as_posix()}: {table} is of the subject {right}: move its suite to {layer}/{right}/{path.name}"
            )
        found[layer, table] = path
    return found


def _read(path: Path, content: Mapping[str, Any], layer: str, table: str) -> Suite:
    problems = _unknown(content, _SUITE_KEYS)
    if content.get("name") != f"{layer}__{table}":
        problems.append(f"its name is {content.get('name')!r} and should be '{layer}__{table}'")
    row_id, may_be_empty, meta_problems = _meta(content.get("meta"), layer)
    problems += meta_problems
    entries = content.get("expectations")
    if not isinstance(entries, list) or not entries:
        problems.append("'expectations' must be a list with at least one entry")
        entries = []
    rules = []
    for number, entry in enumerate(entries):
        rule, entry_problems = _expectation(entry)
        problems += [f"{_line_and_check(path, number, entry)}: {problem}" for problem in entry_problems]
        if rule is not None:
            rules.append(rule)
    if problems:
        raise DeclarationError(f"{'/'.join(path.parts[-3:])}: " + "; ".join(problems))
    return Suite(layer, table, tuple(rules), row_id, may_be_empty)


def _meta(meta: Any, layer: str) -> tuple[tuple[str, ...], str, list[str]]:
    values = {} if meta is None else meta
    if not isinstance(values, dict):
        return (), "", ["'meta' must be a mapping"]
    problems = _unknown(values, {"row_id", "may_be_empty"}, "meta.")
    may_be_empty = values.get("may_be_empty", "")
    if "may_be_empty" in values and not (isinstance(may_be_empty, str) and may_be_empty.strip()):
        problems.append("'meta.may_be_empty' must say when, such as: when nothing was delivered")
    row_id = values.get("row_id", list(DEFAULT_ROW_ID[layer]) if layer in DEFAULT_ROW_ID else [])
    if not isinstance(row_id, list) or not row_id or not all(isinstance(name, str) for name in row_id):
        problems.append("'meta.row_id' must list the columns that name a failing row")
        row_id = []
    return tuple(row_id), str(may_be_empty), problems


def _expectation(entry: Any) -> tuple[Expectation | None, list[str]]:
    if not isinstance(entry, dict):
        return None, ["an expectation must be a mapping"]
    meta, kwargs = entry.get("meta"), entry.get("kwargs", {})
    if not isinstance(meta, dict) or not isinstance(kwargs, dict):
        return None, ["'meta' (check, dimension, next_step) and 'kwargs' must be mappings"]
    problems = _unknown(entry, _EXPECTATION_KEYS) + _unknown(meta, _META_KEYS, "meta.")
    problems += problems_of(str(entry.get("type")), kwargs)
    problems += _choice("severity", entry.get("severity"), SEVERITIES)
    problems += _choice("meta.dimension", meta.get("dimension"), DIMENSIONS)
    if not _CHECK.fullmatch(str(meta.get("check", ""))):
        problems.append("'meta.check' must be a statement in lower case with underscores, such as amount_is_positive")
    for what, text in (("description", entry.get("description")), ("meta.next_step", meta.get("next_step"))):
        if not isinstance(text, str) or not text.strip().endswith("."):
            problems.append(f"'{what}' must be a sentence with a full stop")
    if problems:
        return None, problems
    rule = Expectation(
        check=meta["check"],
        type=entry["type"],
        kwargs=kwargs,
        severity=cast("Severity", entry["severity"]),
        dimension=cast("Dimension", meta["dimension"]),
        description=" ".join(entry["description"].split()),
        next_step=" ".join(meta["next_step"].split()),
    )
    return rule, []


def _unknown(given: Iterable[Any], known: Iterable[str], prefix: str = "") -> list[str]:
    return [
        f"unknown key '{prefix}{key}': {meant(str(key), known)}" for key in sorted(set(map(str, given)) - set(known))
    ]


def _choice(what: str, value: Any, known: Iterable[str]) -> list[str]:
    choices = tuple(known)
    if value in choices:
        return []
    fault = "is missing" if value is None else f"is {value!r}"
    return [f"'{what}' {fault}; it must be one of {', '.join(choices)}"]


def _line_and_check(path: Path, number: int, entry: Any) -> str:
    """Where an expectation stands: its line and its check."""
    check = (
        entry.get("meta", {}).get("check") if isinstance(entry, dict) and isinstance(entry.get("meta"), dict) else None
    )
    named = f"expectation {number + 1}" + (f" ({check})" if check else "")
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "expectations" and isinstance(value, yaml.SequenceNode) and number < len(value.value):
                return f"line {value.value[number].start_mark.line + 1}, {named}"
    return named
