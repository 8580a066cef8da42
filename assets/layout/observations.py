"""Observations (SDMX, JSON-stat, PX) into rows: series mapped to fields, those of one key made one row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from assets.layout.columns import GIVEN, NO_CELL
from assets.layout.delivery import MOST_FINDINGS_OF_ONE_RULE, Delivery
from assets.layout.parts import SOURCE_COLUMNS, Part, constant_text, parsed_schema
from assets.layout.sdmx_numbers import MISSING, NOT_A_NUMBER

VALUE = "OBS_VALUE"
FREQUENCY = "FREQ"
"""Chooses among figures that a data set gives beside each other; any other dimension out of scope changes them."""
NOT_APPLICABLE = "_Z"
"""SDMX's code of a dimension that says nothing of an observation: a value at current prices has no price base."""
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
    used: Counter[str] = Counter()
    others = 0
    excluded: Counter[tuple[str, str]] = Counter()
    outside: dict[tuple[str, tuple[str | None, ...]], None] = {}
    inside: set[tuple[str, tuple[str | None, ...]]] = set()
    alone = {"value": delivery.form.value} if delivery.form.value is not None else None
    wanted = {name: frozenset(map(str, values)) for name, values in delivery.form.where.items()}
    for batch in observations.select(["source_row", "cells"]).to_batches(max_chunksize=50_000):
        for number, cells in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            observation = dict(zip(names, cells, strict=True))
            code = "" if alone else observation[delivery.form.series_of] or ""
            series = alone or delivery.form.series.get(code)
            if series is None:
                others += 1
                continue
            odd = next((name for name, values in wanted.items() if observation[name] not in values), None)
            key = tuple(observation[name] for name in delivery.form.dimensions)
            if odd == FREQUENCY or (odd is not None and alone):
                others += 1
                continue
            if odd is not None:
                excluded[code, f"{odd} {observation[odd] or 'empty'}"] += 1
                outside[code, key] = None
                continue
            used[code] += 1
            inside.add((code, key))
            _put(delivery, rows, number, observation, series)
    _judge_series(delivery, used, excluded, [code for (code, key) in outside if (code, key) not in inside])
    if not used:
        delivery.found(
            "some_observations_are_in_scope",
            "critical",
            f"none of {observations.num_rows} observations is of a series that the contract maps",
            "Check that the right data set was exported, with its national series codes.",
        )
    laid_out = _table(delivery, raw, _joined(delivery, rows))
    held = frozenset(
        rule.name for rule in delivery.contract.fields if laid_out.column(rule.name).null_count < laid_out.num_rows
    )
    aside = {"out_of_scope": others + excluded.total()}
    return Part(laid_out, observations.num_rows, used.total(), aside, held)


def _judge_series(
    delivery: Delivery, used: Counter[str], excluded: Counter[tuple[str, str]], only_excluded: Sequence[str]
) -> None:
    """Say which series of the contract the file has nothing of, or nothing in scope, for all or some of its periods."""
    if not used:
        return
    out_of_scope = dict.fromkeys(code for code, _ in excluded)
    lost = [code for code in delivery.form.series if code not in used]
    for code in [code for code in lost if code in out_of_scope]:
        why = ", ".join(f"{count} with {what}" for (of, what), count in excluded.items() if of == code)
        delivery.found(
            "series_are_in_scope",
            "critical",
            f"no observation of the series {code} is in the scope of the contract: {why}",
            "Export it with the base and the unit that were agreed, or tell the data team that they have changed.",
            column=str(delivery.form.series[code]["value"]),
            value=code,
        )
    partly = Counter(code for code in only_excluded if code in used)
    for code, count in partly.items():
        why = ", ".join(what for of, what in excluded if of == code)
        delivery.found(
            "series_are_in_scope",
            "warning",
            f"{count} observations of the series {code} are out of the scope of the contract ({why}), and no other "
            "observation of their periods is in it",
            "See whether its base or its unit has changed, and tell the data team.",
            column=str(delivery.form.series[code]["value"]),
            value=code,
        )
    absent = [code for code in lost if code not in out_of_scope]
    if absent:
        delivery.found(
            "series_are_there",
            "warning",
            f"the file has no observation of {len(absent)} series of the contract: {_first_few(absent)}",
            "See whether the series were renamed, and tell the data team.",
        )


def _first_few(codes: Sequence[str]) -> str:
    return ", ".join(codes[:10]) + (f" and {len(codes) - 10} more" if len(codes) > 10 else "")


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
    keys = {
        field: observation[name] or ""
        for name, field in delivery.form.dimensions.items()
        if observation[name] != NOT_APPLICABLE
    }
    keys.update({field: constant_text(value) for field, value in series.items() if field != "value"})
    row = rows.setdefault(tuple(f"{name}={keys[name]}" for name in sorted(keys)), {**keys, "source_row": number})
    name, value = series["value"], observation[VALUE]
    if name in row and len(delivery.findings) < MOST_FINDINGS_OF_ONE_RULE:
        shown = ", ".join(f"{field} {given}" for field, given in keys.items())
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
    values = {str(series["value"]) for series in delivery.form.series.values()} | {str(delivery.form.value)}
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for row in rows:
        full = {**constants, **row}
        letters = []
        for name in names:
            text = full.get(name)
            columns[name].append(text)
            letters.append(NO_CELL if not text else "n" if name in values and text != MISSING else GIVEN)
        columns["source_row"].append(row["source_row"])
        columns["kinds"].append("".join(letters))
    for name in SOURCE_COLUMNS:
        if name != "source_row":
            columns[name] = [raw.column(name)[0].as_py()] * len(rows)
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)
