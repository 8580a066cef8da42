"""Counts and works of a few domains through the models of the estimate: what estimates them is the product's SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from dbt_like_sql.project import compile_sql
from resources.phrase_functions import give_phrases
from tests.unit.capture_rows import AS_OF, Row, day, fill
from tests.unit.sql_on_rows import PROJECT

QUARTER = "2024-Q3"
CHAIN = (
    "int_capture_domain_groups",
    "int_capture_groups",
    "int_capture_group_units",
    "int_capture_replicates",
    "int_capture_estimates",
    "int_capture_missing_value",
    "int_capture_totals",
    "int_capture_strata",
)
NOTHING: dict[str, Row] = {
    "int_survey_works": {
        "quarter": "1900-Q1", "district_code": "", "stratum": "", "survey_weight": 1, "is_counted": False,
        "is_matched": False, "frame_unit_id": "", "return_id": "",
    },
    "stg_construction_survey": {"quarter": "1900-Q1", "return_id": "", "value_mn": 0},
    "int_returns_set_aside": {"quarter": "1900-Q1", "return_id": ""},
    "int_imputed_returns": {"quarter": "1900-Q1", "return_id": "", "imputed_value_mn": 0},
    "int_capture_never_begun": {
        "area_code": "none", "quarter": "1900-Q1", "n_cases_answered": 1, "not_begun_share": 0,
        "not_begun_share_error": 0, "answered_not_begun_share": 0,
    },
    "int_link_errors": {
        "area_code": "", "stratum": "", "link_recall": 0, "link_false_share": 0, "n_links_tried": 0,
    },
    "int_tax_declaration_link_errors": {
        "area_code": "", "stratum": "", "link_recall": 0, "link_false_share": 0, "n_links_tried": 0,
    },
}  # fmt: skip


def domain(n1: int, n2: int, m: int, **more: Any) -> Row:
    """The counts of a take-all domain: listed, surveyed, both."""
    zeros = dict.fromkeys(
        (
            "n_appraisals", "n_contracts", "n_non_response", "n_not_sampled", "n_omitted", "n_contracts_omitted",
            "n_time_imputed", "n_returns_set_aside", "weighted_set_aside", "value_recorded_mn", "value_set_aside_mn",
            "value_left_out_mn", "value_non_response_mn", "value_imputed_mn", "n_units_drawn", "n_units_answered",
            "n_items", "n_items_answered", "n_not_reported", "n_links_across", "n_not_begun", "n_answered",
            "value_set_aside_imputed_mn", "set_aside_variance_mn2",
        ),
        0,
    )  # fmt: skip
    return {
        "area_code": "94", "quarter": QUARTER, "district_code": "941", "stratum": "enterprises_large",
        "selection": "take_all", "is_permit_liable": True, "has_answers": n2 > 0,
        **zeros, "n_permits": n1, "n_survey": n2, "n_matched": m,
        "weighted_survey": n2, "weighted_matched": m, "released_on": "2024-10-20", "is_simulated": False, **more,
    }  # fmt: skip


def seen(
    both: int, listed: int, surveyed: int, declared: int = 0, declared_both: int = 0, keyed: int | None = None,
    declared_keyed: int | None = None, **more: Any,
) -> list[Row]:  # fmt: skip
    """Works of a domain: on lists and in the survey, on lists alone, in the survey alone, in declarations alone.

    `declared_both` of the first ones are declared too; `keyed` of those on both are linked by number, and
    `declared_keyed` of those declared are too: all by default.
    """
    rows: list[Row] = []
    kinds = [("lists_and_survey", both), ("lists", listed), ("survey", surveyed), ("declarations", declared)]
    for seen_by, count in kinds:
        for n in range(count):
            is_both, is_survey = seen_by == "lists_and_survey", seen_by == "survey"
            rows.append(
                {
                    "seen_id": f"{seen_by}:{n}", "quarter": QUARTER, "area_code": "94", "district_code": "941",
                    "stratum": "enterprises_large", "selection": "take_all", "seen_by": seen_by,
                    "is_link_keyed": n < (both if keyed is None else keyed) if is_both else None,
                    "is_open": seen_by == "lists",
                    "is_declared_keyed": seen_by != "declarations"
                    and len(rows) < (declared_both if declared_keyed is None else declared_keyed),
                    "is_declared": seen_by == "declarations" or (not is_survey and len(rows) < declared_both),
                    "size_kind": None if is_survey or seen_by == "declarations" else "floor_area",
                    "works_size": None if is_survey or seen_by == "declarations" else 1,
                    "seen_value_mn": None if seen_by == "lists" else 1, **more,
                }
            )  # fmt: skip
    return rows


def estimated(
    domains: Iterable[Row], works: Iterable[Row] = (), **tables: Iterable[Row]
) -> tuple[dict[tuple[str, str, str], Row], duckdb.DuckDBPyConnection]:
    """The rows of all domains and totals by quarter, district and stratum, and the engine that holds every table."""
    engine = duckdb.connect()
    give_phrases(engine, PROJECT.phrases)
    for seed in map(PROJECT.seeds.__getitem__, ("capture_thresholds", "construction_strata")):
        types = ", ".join(f"'{c}': '{PROJECT.fields[c].type}'" for c in seed.columns)
        engine.execute(
            f"create table {seed.name} as select * from read_csv({[str(path) for path in seed.paths]}, "
            f"columns = {{{types}}}, header = true)"
        )
    fill(engine, "int_capture_domains", list(domains))
    fill(engine, "int_capture_works", list(works) or seen(1, 0, 0, district_code=""))
    for name, nothing in NOTHING.items():
        fill(engine, name, [nothing, *tables.get(name, ())])
    for name in CHAIN:
        sql = compile_sql(PROJECT.models[name], lambda layer, table: f'"{table}"', day(AS_OF))
        engine.execute(f'create table "{name}" as {sql}')
    return {(r["quarter"], r["district_code"], r["stratum"]): r for r in rows_of(engine, "int_capture_strata")}, engine


def rows_of(engine: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """The rows of a table, by column."""
    cursor = engine.execute(f'select * from "{table}"')
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
