"""Lists, frame and returns of construction for tests, written as short as the cases are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from dbt_like_sql.project import compile_sql
from resources.phrase_functions import give_phrases
from tests.unit.disbursement_rows import delivered
from tests.unit.sql_on_rows import PROJECT

Row = dict[str, Any]
AS_OF = "2025-02-10"
QUARTER = "2024-Q3"
SEAT = "941"
WARD = "31510"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def tax_code(number: int, kind: str = "99") -> str:
    """A code of ten digits of its own for each number."""
    return f"{kind}{number:08d}"


def permit(number: int, **more: Any) -> Row:
    """A granted permit of an enterprise, whose works run in the third quarter of 2024."""
    return {
        "application_no": f"HS{number:05d}",
        "permit_no": f"{number}/2024/GPXD-UBND",
        "kind": "Công trình",
        "owner_type": "enterprise",
        "owner_tax_code": tax_code(number, "96"),
        "contractor_tax_code": tax_code(number),
        "funding_source": "private_enterprise",
        "district_code": SEAT,
        "commune_code": WARD,
        "received_on": day("2024-05-20"),
        "due_on": day("2024-06-20"),
        "answered_on": day("2024-06-10"),
        "outcome": "granted",
        "issued_on": day("2024-06-10"),
        "start_on": day("2024-07-01"),
        "completed_on": day("2024-09-30"),
        "declared_value_mn": 1000,
        **more,
    }


def appraisal(number: int, **more: Any) -> Row:
    """An appraised design of an investor, whose works run in the third quarter of 2024."""
    return {
        "appraisal_no": f"{number}/2024/TĐ-SXD",
        "investor_tax_code": tax_code(number, "98"),
        "commune_code": WARD,
        "funding_source": "private_enterprise",
        "decided_on": day("2024-06-01"),
        "total_cost_mn": 5000,
        "start_on": day("2024-07-01"),
        "completed_on": day("2024-09-30"),
        **more,
    }


def answer(number: int, **more: Any) -> Row:
    """A return of the third quarter of 2024 that quotes the permit of the same number, without tax codes."""
    return {
        "return_id": f"PH{number:05d}",
        "quarter": QUARTER,
        "frame_unit_id": f"DN{number:05d}",
        "district_code": SEAT,
        "commune_code": WARD,
        "stratum": "enterprises_large",
        "selection": "take_all",
        "selection_probability": 1,
        "weight": 1,
        "permit_no": f"GPXD số {number:04d}/2024",
        "funding_source": "private_enterprise",
        "contractor_ownership": "non_state",
        "value_mn": 900,
        "response_status": "responded",
        **more,
    }


def silence(number: int, **more: Any) -> Row:
    """The row of a unit that was asked and did not answer."""
    nothing = {"permit_no": None, "funding_source": None, "contractor_ownership": None, "value_mn": None}
    return answer(number, **nothing, commune_code=None, response_status="non_response", **more)


def unit(number: int, **more: Any) -> Row:
    """A unit of the frame with the tax code of the contractor of the same number."""
    return {
        "frame_unit_id": f"DN{number:05d}",
        "valid_from": day("2023-01-01"),
        "stratum": "enterprises_large",
        "selection": "take_all",
        "tax_code": tax_code(number),
        "district_code": SEAT,
        "status": "active",
        **more,
    }


def declaration(number: int, **more: Any) -> Row:
    """A declaration of turnover of a local firm, which names neither site nor permit."""
    return {
        "declaration_id": f"TK{number:05d}",
        "taxpayer_tax_code": tax_code(number),
        "form": "01/GTGT",
        "tax_period": QUARTER,
        "contract_no": f"HD-{number:05d}",
        "turnover_ex_vat_mn": 900,
        **more,
    }


def office_answer(case_id: str, answered: str, **more: Any) -> Row:
    """What an office answered about a case of the work list, on the last day of 2024."""
    return {"case_id": case_id, "answer": answered, "answered_on": day("2024-12-31"), **more}


def feeds(
    permits: Iterable[Row] = (),
    answers: Iterable[Row] = (),
    frame: Iterable[Row] = (),
    appraisals: Iterable[Row] = (),
    declarations: Iterable[Row] = (),
    office_answers: Iterable[Row] = (),
) -> dict[str, list[Row]]:
    """The validated tables of one delivery of each feed."""
    return {
        "building_permits": delivered(permits, "building_permits", "2024-9M", "2024-10-15"),
        "construction_survey": delivered(answers, "construction_survey", "2024-Q3", "2024-10-20"),
        "construction_frame": delivered(frame, "construction_frame", "2024-9M", "2024-10-01"),
        "design_appraisals": delivered(appraisals, "design_appraisals", "2024-9M", "2024-10-15"),
        "construction_tax": delivered(declarations, "construction_tax", "2024-Q3", "2024-11-09"),
        "omission_answers": delivered(office_answers, "omission_answers", "2024-12", "2025-01-05"),
    }


def computed_on(model: str, tables: Mapping[str, Iterable[Row]], as_of: str = AS_OF) -> list[Row]:
    """The rows of one model computed on tables given in place of what it refers to; nothing upstream is built.

    Columns that a row does not give are null; types are those of the field dictionary.
    """
    engine = duckdb.connect()
    give_phrases(engine, PROJECT.phrases)
    for name, rows in tables.items():
        fill(engine, name, list(rows))
    sql = compile_sql(PROJECT.models[model], lambda layer, table: f'"{table}"', day(as_of))
    cursor = engine.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def fill(engine: duckdb.DuckDBPyConnection, name: str, rows: list[Row]) -> None:
    """Create a table of rows, by column: thousands of rows cost milliseconds."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    given = ", ".join(f"unnest($c{i}::varchar[]) as c{i}" for i in range(len(columns)))
    typed = ", ".join(f'cast(c{i} as {PROJECT.fields[c].type}) as "{c}"' for i, c in enumerate(columns))
    values = {f"c{i}": [None if r.get(c) is None else str(r[c]) for r in rows] for i, c in enumerate(columns)}
    engine.execute(f'create or replace table "{name}" as select {typed} from (select {given})', values)
