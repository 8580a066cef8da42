"""Observations (SDMX, JSON-stat, PX) into rows: series mapped to fields, those of one key made one row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from assets.layout.columns import GIVEN, NOTHING
from assets.layout.delivery import MOST_FINDINGS_OF_ONE_RULE, Delivery
from assets.layout.parts import LINEAGE, Part, constant_text, parsed_schema
from assets.layout.sdmx_numbers import MISSING, NOT_A_NUMBER

VALUE = "OBS_VALUE"
_DOTS = re.compile(r"\.+")
"""How PX writes that a value is missing; what each number of dots means, its table says."""


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
    alone = {"value": delivery.form.value} if delivery.form.value is not None else None
    wanted = {name: frozenset(map(str, values)) for name, values in delivery.form.where.items()}
    for batch in observations.select(["source_row", "cells"]).to_batches(max_chunksize=50_000):
        for number, cells in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            observation = dict(zip(names, cells, strict=True))
            series = alone or delivery.form.series.get(observation[delivery.form.series_of] or "")
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
    return Part(_table(delivery, raw, rows), observations.num_rows, used, {"out_of_scope": out_of_scope})


def _names_are_there(delivery: Delivery, names: list[str]) -> bool:
    by = () if delivery.form.value is not None else (delivery.form.series_of,)
    needed = {*by, VALUE, *delivery.form.dimensions, *delivery.form.where}
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
    keys = {field: observation[name] or "" for name, field in delivery.form.dimensions.items()}
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
        row[name] = MISSING if value == NOT_A_NUMBER or _DOTS.fullmatch(value or "") else value


def _table(delivery: Delivery, raw: pa.Table, rows: Mapping[tuple[str, ...], Mapping[str, Any]]) -> pa.Table:
    schema = parsed_schema(delivery.contract)
    names = [rule.name for rule in delivery.contract.fields]
    constants = {name: constant_text(value) for name, value in delivery.form.constants.items()}
    values = {str(series["value"]) for series in delivery.form.series.values()} | {str(delivery.form.value)}
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for row in rows.values():
        full = {**constants, **row}
        letters = []
        for name in names:
            text = full.get(name)
            columns[name].append(text)
            letters.append(NOTHING if not text else "n" if name in values and text != MISSING else GIVEN)
        columns["source_row"].append(row["source_row"])
        columns["kinds"].append("".join(letters))
    for name in LINEAGE:
        if name != "source_row":
            columns[name] = [raw.column(name)[0].as_py()] * len(rows)
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)
