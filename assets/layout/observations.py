"""SDMX observations into rows: series mapped to fields, several observations with one key made one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from assets.layout.columns import GIVEN, NOTHING
from assets.layout.delivery import MOST_FINDINGS_OF_ONE_RULE, Delivery
from assets.layout.parts import LINEAGE, Part, constant_text, parsed_schema

SERIES_CODE = "INDICATOR"
"""The attribute whose codes a form's `series` maps."""

VALUE = "OBS_VALUE"
NOT_APPLICABLE = "_Z"
"""SDMX's code of a dimension that says nothing of an observation: a value at current prices has no price base."""
_NOT_A_NUMBER = "NaN"
_MISSING = "…"
"""How casts are told that a value is missing; SDMX says NaN."""


def lay_out_observations(delivery: Delivery, raw: pa.Table) -> Part:
    """Lay out all observations of a file; those that the form does not speak of are counted as out of
    scope.
    """
    names = raw.column("cells")[0].as_py()
    observations = raw.slice(1)
    if not _names_are_there(delivery, names):
        empty = parsed_schema(delivery.contract).empty_table()
        return Part(empty, observations.num_rows, 0, {"unread": observations.num_rows})
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    used = out_of_scope = 0
    wanted = {name: frozenset(map(str, values)) for name, values in delivery.form.where.items()}
    for batch in observations.select(["source_row", "cells"]).to_batches(max_chunksize=50_000):
        for number, cells in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            observation = dict(zip(names, cells, strict=True))
            series = delivery.form.series.get(observation[SERIES_CODE] or "")
            in_scope = series is not None and all(observation[name] in values for name, values in wanted.items())
            if series is None or not in_scope:
                out_of_scope += 1
                continue
            used += 1
            _put(delivery, rows, number, observation, series)
    if not used:
        delivery.found(
            "some_observations_are_in_scope",
            "critical",
            f"none of {observations.num_rows} observations is of a series that the contract maps",
            "Check that the right data set was exported, with its national series codes.",
        )
    laid_out = _table(delivery, raw, _joined(delivery, rows))
    return Part(laid_out, observations.num_rows, used, {"out_of_scope": out_of_scope})


def _names_are_there(delivery: Delivery, names: list[str]) -> bool:
    needed = {SERIES_CODE, VALUE, *delivery.form.dimensions, *delivery.form.where}
    for name in sorted(needed - set(names)):
        delivery.found(
            "required_columns_are_present",
            "critical",
            f"no observation has the attribute {name}; found {', '.join(names)}",
            "Export the data set with the structure that was agreed.",
            column=name,
        )
    return needed <= set(names)


def _put(
    delivery: Delivery,
    rows: dict[tuple[str, ...], dict[str, Any]],
    number: int,
    observation: Mapping[str, str | None],
    series: Mapping[str, Any],
) -> None:
    """Put an observation into the row of its key, under the field that its series stands for."""
    keys = {
        field: observation[name] or ""
        for name, field in delivery.form.dimensions.items()
        if observation[name] != NOT_APPLICABLE
    }
    keys.update({field: constant_text(value) for field, value in series.items() if field != "value"})
    row = rows.setdefault(tuple(f"{name}={keys[name]}" for name in sorted(keys)), {**keys, "source_row": number})
    name, value = series["value"], observation[VALUE]
    if name in row and len(delivery.findings) < MOST_FINDINGS_OF_ONE_RULE:
        shown = ", ".join(f"{field} {said}" for field, said in keys.items())
        delivery.found(
            "one_observation_for_each_value",
            "critical",
            f"{name} of {shown} is given twice: {row[name]} and {value}",
            "Export each series once.",
            row=number,
            column=name,
            value=value,
        )
    if name not in row:
        row[name] = _MISSING if value == _NOT_A_NUMBER else value


def _joined(delivery: Delivery, rows: Mapping[tuple[str, ...], dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, those of which a dimension says nothing put into the row that they share all others with.

    Of several such rows (two price bases side by side) it is the one with the greatest code, the newest base. A value
    that is there already is not displaced: then the row stays as it is, without that dimension.
    """
    dimensions = delivery.form.dimensions.values()
    values = {str(series["value"]) for series in delivery.form.series.values()}
    apart = {key: row for key, row in rows.items() if any(field not in row for field in dimensions)}
    wholes: dict[tuple[str, ...], dict[str, Any]] = {}
    for key, row in rows.items():
        if key not in apart:
            for left_out in dimensions:
                shared = tuple(part for part in key if not part.startswith(f"{left_out}="))
                best = wholes.setdefault(shared, row)
                wholes[shared] = max(best, row, key=lambda one: one[left_out])
    kept = [row for key, row in rows.items() if key not in apart]
    for key, row in apart.items():
        whole = wholes.get(key)
        if whole is None or any(name in whole for name in row.keys() & values):
            kept.append(row)
        else:
            whole.update({**row, "source_row": min(row["source_row"], whole["source_row"])})
    return sorted(kept, key=lambda row: row["source_row"])


def _table(delivery: Delivery, raw: pa.Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = parsed_schema(delivery.contract)
    names = [rule.name for rule in delivery.contract.fields]
    constants = {name: constant_text(value) for name, value in delivery.form.constants.items()}
    values = {str(series["value"]) for series in delivery.form.series.values()}
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for row in rows:
        full = {**constants, **row}
        letters = []
        for name in names:
            text = full.get(name)
            columns[name].append(text)
            letters.append(NOTHING if not text else "n" if name in values and text != _MISSING else GIVEN)
        columns["source_row"].append(row["source_row"])
        columns["kinds"].append("".join(letters))
    for name in LINEAGE:
        if name != "source_row":
            columns[name] = [raw.column(name)[0].as_py()] * len(rows)
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)
