"""What the scorecard rests on: each indicator is declared beside the model of its evidence, and gathered here.

The YAML of a model that gives the value of items says of which indicators it is the evidence:

    evidence_of:
      wind_farms_in_commercial_operation:
        feeds: [wind_power]
        direction_of_good: higher
        label_en: wind farms in commercial operation
        label_vi: nhà máy điện gió vận hành thương mại

and that of the model which names the source rows under those values says `source_rows_of: <the other model>`. The SQL
that needs all of them asks for `{{ all_item_evidence() }}`, `{{ all_evidence_rows() }}` and `{{ all_indicators() }}`.
These macros have no file in `macros/`: `evidence_macros` makes them of the declarations, so that no union and no seed
of indicators is kept by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dbt_like_sql.declarations import DeclarationError, build, meant
from dbt_like_sql.fields import Field

VALUE_COLUMNS = (
    "directive", "item", "evidence_basis", "evidence_period", "covers_target_period", "actual", "value_year_before",
    "progress_ratio", "sign_exact_difference", "detail_en", "detail_vi", "released_on", "publisher", "delivery_id",
    "is_simulated",
)  # fmt: skip
"""What a model of evidence gives of each item."""
ROW_COLUMNS = (
    "directive", "item", "feed", "delivery_id", "source_sheet", "source_row", "evidence_role", "source_file",
    "is_simulated",
)  # fmt: skip
"""What a model of source rows gives of each row."""
INDICATOR_COLUMNS = ("indicator", "feed", "direction_of_good", "label_en", "label_vi")
"""What is declared of an indicator, in one row for each feed."""
DIRECTIONS = ("higher", "lower")
"""Whether a higher or a lower value of an indicator is good."""


@dataclass(frozen=True)
class Indicator:
    """An indicator of the scorecard: its labels, which direction is good, and the feeds that give its figures."""

    name: str
    feeds: tuple[str, ...]
    direction_of_good: str
    label_en: str
    label_vi: str


@dataclass(frozen=True)
class EvidenceDeclaration:
    """What the YAML of one model says of evidence: the indicators it gives values of, or whose source rows it names."""

    indicators: tuple[Indicator, ...] = ()
    source_rows_of: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the model has, because all models of its kind are put together."""
        return (*(VALUE_COLUMNS if self.indicators else ()), *(ROW_COLUMNS if self.source_rows_of else ()))


def evidence_in(declared: Mapping[str, Any], source_rows_of: str, where: str) -> EvidenceDeclaration:
    """Read what a model's YAML says of evidence. Raises DeclarationError where it is not understood."""
    indicators = []
    for name, values in declared.items():
        declared_at = f"{where}: evidence_of.{name}"
        if not isinstance(values, Mapping):
            raise DeclarationError(f"{declared_at}: feeds, label_en and label_vi are expected, not {values!r}")
        indicators.append(build(Indicator, {"name": name, **values}, declared_at))
        if indicators[-1].direction_of_good not in DIRECTIONS:
            raise DeclarationError(f"{declared_at}: direction_of_good: {' or '.join(DIRECTIONS)} is expected")
        if not indicators[-1].feeds:
            raise DeclarationError(f"{declared_at}: feeds: name the feeds whose deliveries give its figures")
    return EvidenceDeclaration(tuple(indicators), source_rows_of)


def refuse_loose_evidence(
    evidence: Mapping[str, EvidenceDeclaration], feeds: Iterable[str], files: Mapping[str, str]
) -> None:
    """Raise DeclarationError where an indicator is declared twice or of no feed, or has no source rows.

    `files` are those that declare, by model.
    """
    feeds = sorted(feeds)
    declared: dict[str, str] = {}
    for model, declaring in evidence.items():
        for indicator in declaring.indicators:
            if indicator.name in declared:
                raise DeclarationError(
                    f"{files[model]}: evidence_of.{indicator.name}: {files[declared[indicator.name]]} declares this "
                    "indicator too; one model gives its value: take it out of one of the two"
                )
            declared[indicator.name] = model
            unknown = [feed for feed in indicator.feeds if feed not in feeds]
            if unknown:
                raise DeclarationError(
                    f"{files[model]}: evidence_of.{indicator.name}: no feed is called '{unknown[0]}': "
                    f"{meant(unknown[0], feeds)}"
                )
    valued = sorted({*declared.values()})
    supported = {declaring.source_rows_of for declaring in evidence.values() if declaring.source_rows_of}
    for model, declaring in evidence.items():
        if declaring.source_rows_of and declaring.source_rows_of not in valued:
            raise DeclarationError(
                f"{files[model]}: source_rows_of: '{declaring.source_rows_of}' declares no indicator (evidence_of): "
                f"{meant(declaring.source_rows_of, valued)}"
            )
    bare = [model for model in valued if model not in supported]
    if bare:
        raise DeclarationError(
            f"{files[bare[0]]}: no model names the source rows under its figures; add one whose YAML says "
            f"source_rows_of: {bare[0]}, with the columns {', '.join(ROW_COLUMNS)}"
        )


def evidence_macros(evidence: Mapping[str, EvidenceDeclaration], fields: Mapping[str, Field]) -> dict[str, str]:
    """Return the SQL of the three macros by name."""
    valued = [model for model, declaring in evidence.items() if declaring.indicators]
    rows = [model for model, declaring in evidence.items() if declaring.source_rows_of]
    named = [
        (indicator.name, feed, indicator.direction_of_good, indicator.label_en, indicator.label_vi)
        for declaring in evidence.values()
        for indicator in declaring.indicators
        for feed in indicator.feeds
    ]
    return {
        "all_item_evidence": _union(valued, VALUE_COLUMNS, fields),
        "all_evidence_rows": _union(rows, ROW_COLUMNS, fields),
        "all_indicators": _values(sorted(named), INDICATOR_COLUMNS),
    }


def _union(models: Iterable[str], columns: Iterable[str], fields: Mapping[str, Field]) -> str:
    """The rows of some models one below the other, each column cast to its type; without models, no row."""

    def selected(model: str) -> str:
        typed = ",\n".join(f"    cast({name} as {fields[name].type}) as {name}" for name in columns)
        return f"select\n{typed}\nfrom {{{{ ref('{model}') }}}}"

    parts = [selected(model) for model in models]
    return "\nunion all\n".join(parts) or _nothing(columns)


def _values(rows: Iterable[tuple[str, ...]], columns: tuple[str, ...]) -> str:
    def selected(row: tuple[str, ...]) -> str:
        return "select " + ", ".join(f"{_literal(value)} as {name}" for value, name in zip(row, columns, strict=True))

    return "\nunion all\n".join(map(selected, rows)) or _nothing(columns)


def _nothing(columns: Iterable[str]) -> str:
    return "select " + ", ".join(f"cast(null as varchar) as {name}" for name in columns) + " where 1 = 0"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
