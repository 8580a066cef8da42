"""The rules that follow from a contract or from a model's declaration, so that no suite repeats them.

From a contract: the columns, that there are rows, what must be given, forms, ranges, codes of seeds,
dates that must not lie after another, and that the key is unique within a delivery. From a model: that there
are columns for its grain, each given, and unique together. Every derived rule is critical: a file that breaks
its contract is not the file that was promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dbt_like_sql.contracts import Contract, FieldRule
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import Field
from dbt_like_sql.project import Seed
from expectations.expectation_types import problems_of
from expectations.report import Dimension, Severity
from expectations.suites import Expectation

SEND_AGAIN = "send the file again with note r2 (r3 the next time)"
"""How a supplier corrects a delivery: nothing is overwritten, a corrected file is a new delivery."""

_SINGLE_PERIOD = r"[0-9]{4}(-Q[1-4]|-([2-9]|1[01])M|-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
FORMAT_PATTERNS: Mapping[str, str] = {
    "period": rf"{_SINGLE_PERIOD}(\.\.{_SINGLE_PERIOD})?",
    "month": r"[0-9]{4}-(0[1-9]|1[0-2])",
    "day": r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
}
_FORMAT_EXAMPLES: Mapping[str, str] = {
    "period": "such as 2024, 2024-Q3, 2024-9M, 2024-08 or a day",
    "month": "such as 2024-08",
    "day": "such as 2024-10-31",
}

Codes = Mapping[str, Sequence[str]]
"""The codes of a seed's column, by `<seed>.<column>`."""


def codes_of_seeds(fields: Mapping[str, Field], seeds: Mapping[str, Seed]) -> dict[str, tuple[str, ...]]:
    """Read the codes of every seed that a field refers to, by `<seed>.<column>`, from the seeds' files.

    Raises DeclarationError where a field refers to a seed or column that there is not.
    """
    codes: dict[str, tuple[str, ...]] = {}
    for field in fields.values():
        if not isinstance(field.codes, str) or field.codes in codes:
            continue
        seed, _, column = field.codes.partition(".")
        if seed not in seeds:
            raise DeclarationError(f"fields/: {field.name}: the seed '{seed}' is not among the seeds")
        codes[field.codes] = _column_of(seeds[seed], column, field.name)
    return codes


def expectations_from(contract: Contract, fields: Mapping[str, Field], codes: Codes) -> list[Expectation]:
    """Return the rules that follow from a contract, in the order in which a reader meets them.

    `codes` holds the seeds as `codes_of_seeds` reads them. Raises DeclarationError where a field's
    seed is unknown, or a rule could never fail.
    """
    rules = [_columns(contract.columns), _has_rows(contract.feed)]
    for rule in contract.fields:
        rules += _field_rules(rule, fields[rule.name], codes, f"{contract.feed}.yml: {rule.name}")
    rules.append(_key_is_unique(("delivery_id", *contract.key)))
    for expectation in rules:
        problems = problems_of(expectation.type, expectation.kwargs)
        if problems:
            raise DeclarationError(f"{contract.feed}.yml: {expectation.check}: {'; '.join(problems)}")
    return rules


def expectations_from_grain(table: str, grain: Sequence[str]) -> list[Expectation]:
    """Return the rules that follow from a model's grain: its columns are given and together unique."""
    rules = [
        _rule(
            f"{column}_is_given",
            "expect_column_values_to_not_be_null",
            {"column": column},
            "completeness",
            f"every row of {table} says its {column}.",
            f"Look in the SQL of {table} for the join or the source that leaves {column} empty.",
        )
        for column in grain
    ]
    names = ", ".join(grain)
    description = f"every row of {table} has its own {names}."
    next_step = f"Look in the SQL of {table} for the join that repeats rows of its grain ({names})."
    kind, kwargs = "expect_compound_columns_to_be_unique", dict[str, Any](column_list=list(grain))
    if len(grain) == 1:
        kind, kwargs = "expect_column_values_to_be_unique", {"column": grain[0]}
    rules.append(_rule("grain_is_unique", kind, kwargs, "uniqueness", description, next_step))
    return rules


def _field_rules(rule: FieldRule, field: Field, codes: Codes, where: str) -> Iterator[Expectation]:
    name = rule.name
    correct = f"Correct {name} in the row and {SEND_AGAIN}."
    if rule.required:
        next_step = f"Fill in {name} and {SEND_AGAIN}."
        yield _rule(
            f"{name}_is_given",
            "expect_column_values_to_not_be_null",
            {"column": name},
            "completeness",
            f"every row must say its {name}.",
            next_step,
        )
    if field.format is not None and field.type == "varchar":
        pattern, example = FORMAT_PATTERNS[field.format], _FORMAT_EXAMPLES[field.format]
        yield _matches(f"{name}_is_a_{field.format}", name, pattern, f"{name} must be written {example}.", correct)
    if rule.pattern is not None:
        meaning = field.description_en.strip().removesuffix(".")
        sentence = f"{name} must have the form {rule.pattern} ({meaning})."
        yield _matches(f"{name}_has_its_form", name, rule.pattern, sentence, correct)
    if rule.minimum is not None or rule.maximum is not None:
        yield _in_range(rule, field, correct)
    if field.codes is not None:
        yield _rule(
            f"{name}_is_a_known_code",
            "expect_column_values_to_be_in_set",
            {"column": name, "value_set": _codes_of(field, codes, where)},
            "validity",
            f"{name} must be {_known_codes(field, codes, where)}.",
            correct,
            "warning" if rule.unknown_code == "warning" else "critical",
        )
    if rule.not_after is not None:
        yield _rule(
            f"{name}_is_not_after_{rule.not_after}",
            "expect_column_pair_values_a_to_be_greater_than_b",
            {
                "column_A": rule.not_after,
                "column_B": name,
                "or_equal": True,
                "ignore_row_if": "either_value_is_missing",
            },
            "validity",
            f"{name} must not lie after {rule.not_after}.",
            correct,
        )


def _columns(columns: Sequence[str]) -> Expectation:
    return _rule(
        "columns_are_as_declared",
        "expect_table_columns_to_match_ordered_list",
        {"column_list": list(columns)},
        "schema",
        "the table has the columns that its contract declares, in that order.",
        "Build the table again; if it stays so, the casts and the contract have come apart.",
    )


def _has_rows(feed: str) -> Expectation:
    return _rule(
        "has_rows",
        "expect_table_row_count_to_be_between",
        {"min_value": 1},
        "completeness",
        "a delivery must have at least one row.",
        f"See whether the file of {feed} is the one that was meant, and {SEND_AGAIN}.",
    )


def _key_is_unique(columns: Sequence[str]) -> Expectation:
    names = ", ".join(columns[1:])
    return _rule(
        "key_is_unique",
        "expect_compound_columns_to_be_unique",
        # A null in a key is a finding of its own; here it is a value like any other.
        {"column_list": list(columns), "ignore_row_if": "never"},
        "uniqueness",
        f"no two rows of a delivery may have the same {names}.",
        f"Keep one of the rows (or correct their {names}) and {SEND_AGAIN}.",
    )


def _matches(check: str, column: str, pattern: str, description: str, next_step: str) -> Expectation:
    # Great Expectations 1.24 looks for the pattern anywhere in the text (pandas' str.contains, in
    # column_values_match_regex.py); a contract's pattern describes the whole value.
    is_whole = pattern.startswith("^") and pattern.endswith("$")
    kwargs = {"column": column, "regex": pattern if is_whole else f"^(?:{pattern})$"}
    return _rule(check, "expect_column_values_to_match_regex", kwargs, "validity", description, next_step)


def _in_range(rule: FieldRule, field: Field, next_step: str) -> Expectation:
    unit = f" {field.unit}" if "VND" in field.unit or field.unit in ("%", "pp") else ""
    kwargs: dict[str, Any] = {"column": rule.name}
    bounds = []
    for name, words, bound in (
        ("min_value", "at least", rule.minimum),
        ("max_value", "at most", rule.maximum),
    ):
        if bound is not None:
            kwargs[name] = _number(bound)
            bounds.append(f"{words} {bound}{unit}")
    description = f"{rule.name} must be {' and '.join(bounds)}."
    check = f"{rule.name}_is_in_range"
    return _rule(check, "expect_column_values_to_be_between", kwargs, "validity", description, next_step)


def _number(bound: str | int | float) -> int | Decimal:
    exact = Decimal(str(bound))
    return int(exact) if exact == exact.to_integral_value() else exact


def _codes_of(field: Field, codes: Codes, where: str) -> list[str]:
    if not isinstance(field.codes, str):
        return list(field.codes or ())
    if field.codes not in codes:
        raise DeclarationError(f"{where}: the seed {field.codes} is not known")
    return list(codes[field.codes])


def _known_codes(field: Field, codes: Codes, where: str) -> str:
    if isinstance(field.codes, str):
        seed, _, column = field.codes.partition(".")
        return f"in the seed {seed} ({column})"
    return f"one of {', '.join(_codes_of(field, codes, where))}"


def _column_of(seed: Seed, column: str, field: str) -> tuple[str, ...]:
    if column not in seed.columns:
        raise DeclarationError(f"fields/: {field}: the seed {seed.name} has no column '{column}'")
    return tuple(sorted({row[column] for row in seed.rows() if row[column]}))


def _rule(
    check: str,
    kind: str,
    kwargs: Mapping[str, Any],
    dimension: Dimension,
    description: str,
    next_step: str,
    severity: Severity = "critical",
) -> Expectation:
    return Expectation(check, kind, kwargs, severity, dimension, description, next_step)
