"""Which area a delivery is about, and whether a home may take it.

Areas are no keys of the tables yet, and sums and shares of two provinces in one home would be wrong for both: a home is
of one area, that of the first deliveries of a province which it took (or that its note names), and refuses others.
Published figures stand apart from sums and may speak of any area (their contract says so: `areas: any`), the whole
country stands beside every area, and the simulator may fill a home with as many as it likes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from dbt_like_sql.contracts import Contract
from dbt_like_sql.project import Project

RULE = "speaks_of_the_area_of_its_home"

WHOLE_PROVINCE = "000"
"""The district code of figures of the whole province."""


def areas_named(project: Project, contract: Contract, rows: pa.Table) -> dict[str, dict[str, list[str]]]:
    """Return, for each delivery among typed rows, the provinces it speaks of and the districts that none is known of.

    A row says its area; or its district does, by the seed of administrative units; or the contract, for offices
    that report on their own province alone. Feeds that say nothing at all speak of no area.
    """
    if contract.options.get("areas") == "any":
        return {}
    units = _units(project)
    named = _codes(rows, "area_code")
    districts = {} if named else _codes(rows, "district_code")
    own = contract.options.get("area_code")
    found = {}
    for delivery_id in set(rows.column("delivery_id").to_pylist()):
        known = {units[code]["parent_admin_unit_code"] for code in districts.get(delivery_id, ()) if code in units}
        unknown = {code for code in districts.get(delivery_id, ()) if code not in units} - {WHOLE_PROVINCE}
        areas = {code for code in named.get(delivery_id, ()) if units.get(code, {}).get("admin_level") != "country"}
        areas |= known
        if not areas and not unknown and own is not None:
            areas = {own}
        found[delivery_id] = {"areas": sorted(areas), "districts_unknown": sorted(unknown)}
    return found


def refusal_of(project: Project, facts: Mapping[str, Any], area: str | None) -> str | None:
    """Return why a delivery of which `areas_named` gave these facts is not for a home of one area; None if it is.

    `area` is that of the home, None where it has taken none yet.
    """
    units = _units(project)
    areas, unknown = facts.get("areas", ()), facts.get("districts_unknown", ())
    if len(areas) > 1:
        what = f"it speaks of the areas {_named(units, areas)}, and a home is of one area"
    elif areas and area is not None and areas[0] != area:
        what = f"it speaks of area {_named(units, areas)}, and this home is of area {_named(units, [area])}"
    elif unknown and not areas and any(row["parent_admin_unit_code"] == area for row in units.values()):
        what = (
            f"its districts ({', '.join(unknown)}) are none that the seed of administrative units knows, and this "
            f"home is of area {_named(units, [area or ''])}"
        )
    else:
        return None
    return (
        f"{what}: sums of two provinces would be wrong for both. [rule {RULE}] Set GROWTH_HOME to another folder, "
        "which holds that province alone, and deliver it there."
    )


def _units(project: Project) -> dict[str, dict[str, Any]]:
    return {row["admin_unit_code"]: row for row in project.seeds["admin_units"].rows()}


def _named(units: Mapping[str, Mapping[str, Any]], codes: Sequence[str]) -> str:
    return ", ".join(f"{code} ({units[code]['name_vi']})" if code in units else code for code in codes)


def _codes(rows: pa.Table, column: str) -> dict[str, set[str]]:
    if column not in rows.column_names:
        return {}
    found: dict[str, set[str]] = defaultdict(set)
    pairs = rows.group_by(["delivery_id", column]).aggregate([])
    for delivery_id, code in zip(
        pairs.column("delivery_id").to_pylist(), pairs.column(column).to_pylist(), strict=True
    ):
        if code is not None:
            found[delivery_id].add(code)
    return found
