"""Each rule on returns, units, permits, appraisals and declarations passes what is right and finds its fault."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
import yaml

from assets.rules import rules_of_feed
from expectations.runner import judge
from expectations.suites import FOLDER
from tests.unit.sql_on_rows import PROJECT, Tables

Row = dict[str, Any]

LINEAGE: Row = {"delivery_id": "d1", "released_on": dt.date(2025, 1, 20), "source_file": "f.csv"}
GOOD: dict[str, Row] = {
    "construction_survey": {
        "return_id": "P1", "quarter": "2024-Q3", "frame_unit_id": "U1", "district_code": "941", "commune_code": "31498",
        "stratum": "households_urban", "selection": "sample", "selection_probability": "0.2", "weight": 5,
        "contractor_tax_code": "0100000001-002", "owner_tax_code": "079123456789", "funding_source": "household",
        "contractor_ownership": "household", "value_mn": 120, "response_status": "responded",
    },
    "construction_frame": {
        "frame_unit_id": "U1", "valid_from": dt.date(2022, 1, 1), "stratum": "enterprises_large",
        "selection": "take_all", "tax_code": "0100000001", "district_code": "941", "status": "active",
    },
    "building_permits": {
        "application_no": "A1", "permit_no": "1/2024/GPXD", "owner_type": "household", "district_code": "941",
        "commune_code": "31498", "received_on": dt.date(2024, 3, 1), "due_on": dt.date(2024, 3, 16),
        "answered_on": dt.date(2024, 3, 10), "outcome": "granted", "issued_on": dt.date(2024, 3, 10),
        "start_on": dt.date(2024, 4, 1), "completed_on": dt.date(2024, 9, 1), "floor_area_m2": 120,
    },
    "design_appraisals": {
        "appraisal_no": "T1", "investor_tax_code": "0100000001", "commune_code": "31498",
        "funding_source": "private_enterprise", "decided_on": dt.date(2024, 3, 1), "total_cost_mn": 50000,
        "start_on": dt.date(2024, 4, 1), "completed_on": dt.date(2025, 9, 1),
    },
    "construction_tax": {
        "declaration_id": "K1", "taxpayer_tax_code": "0100000001", "form": "05/GTGT", "tax_period": "2024-Q3",
        "commune_code": "31498", "contract_no": "H1", "turnover_ex_vat_mn": 900,
    },
}  # fmt: skip
KEYS = {feed: PROJECT.contracts[feed].key[0] for feed in GOOD}

TAKE_ALL: Row = {"selection": "take_all", "selection_probability": 1, "weight": 1}
FAULTS: tuple[tuple[str, str, Row], ...] = (
    ("construction_survey", "return_names_its_unit", {"frame_unit_id": None}),
    ("construction_survey", "weight_is_above_zero", {"weight": 0}),
    ("construction_survey", "take_all_units_are_certain", {**TAKE_ALL, "selection_probability": "0.5"}),
    ("construction_survey", "take_all_units_weigh_one", {**TAKE_ALL, "weight": 2}),
    ("construction_survey", "sampled_units_say_their_probability", {"selection_probability": None}),
    ("construction_survey", "sampled_units_have_a_weight", {"weight": None}),
    ("construction_survey", "full_answers_give_a_value", {"value_mn": None}),
    ("construction_survey", "silent_units_give_no_value", {"response_status": "non_response"}),
    ("construction_survey", "funding_source_is_known", {"funding_source": None}),
    ("construction_survey", "contractor_ownership_is_known", {"contractor_ownership": None}),
    ("construction_survey", "contractor_tax_code_has_its_form", {"contractor_tax_code": "12345"}),
    ("construction_survey", "owner_tax_code_has_its_form", {"owner_tax_code": "01000000012"}),
    ("construction_survey", "selection_probability_is_in_range", {"selection_probability": 0}),
    ("construction_survey", "quarter_has_its_form", {"quarter": "2024-9M"}),
    ("construction_survey", "funding_source_is_a_known_code", {"funding_source": "budget of somebody"}),
    ("construction_frame", "units_of_business_have_a_tax_code", {"tax_code": None}),
    ("construction_frame", "tax_code_has_its_form", {"tax_code": "X"}),
    ("construction_frame", "taxpayer_is_one_unit", {}),
    ("construction_frame", "status_has_its_form", {"status": "asleep"}),
    ("building_permits", "granted_permits_have_a_number", {"permit_no": None}),
    ("building_permits", "permit_number_is_given_once", {"permit_no": "1/2024/GPXD"}),
    ("building_permits", "granted_permits_say_when", {"issued_on": None}),
    ("building_permits", "received_on_is_known", {"received_on": None}),
    ("building_permits", "decided_applications_say_when", {"answered_on": None}),
    ("building_permits", "answered_after_received", {"answered_on": dt.date(2024, 2, 1)}),
    ("building_permits", "due_after_received", {"due_on": dt.date(2024, 2, 1)}),
    ("building_permits", "completed_after_start", {"completed_on": dt.date(2024, 3, 1)}),
    ("building_permits", "started_after_permit", {"start_on": dt.date(2024, 3, 1)}),
    ("building_permits", "commune_is_known", {"commune_code": None}),
    ("building_permits", "floor_area_is_in_square_metres", {"floor_area_m2": 0}),
    ("building_permits", "owner_tax_code_has_its_form", {"owner_tax_code": "X"}),
    ("building_permits", "contractor_tax_code_has_its_form", {"contractor_tax_code": "X"}),
    ("building_permits", "contractor_is_known", {"owner_type": "enterprise"}),
    ("building_permits", "issued_on_is_not_after_released_on", {"issued_on": dt.date(2025, 2, 1)}),
    ("design_appraisals", "investor_is_known", {"investor_tax_code": None}),
    ("design_appraisals", "investor_tax_code_has_its_form", {"investor_tax_code": "X"}),
    ("design_appraisals", "commune_is_known", {"commune_code": None}),
    ("design_appraisals", "funding_source_is_known", {"funding_source": None}),
    ("design_appraisals", "total_cost_is_in_million_dong", {"total_cost_mn": 50_000_000_000}),
    ("design_appraisals", "completed_after_start", {"completed_on": dt.date(2024, 3, 1)}),
    ("construction_tax", "tax_period_is_a_month_or_a_quarter", {"tax_period": "2024"}),
    ("construction_tax", "taxpayer_tax_code_has_its_form", {"taxpayer_tax_code": "X"}),
    ("construction_tax", "firms_from_elsewhere_name_the_site", {"commune_code": None}),
    ("construction_tax", "turnover_is_in_million_dong", {"turnover_ex_vat_mn": 900_000_000}),
)


@cache
def failing(feed: str, with_faults: bool) -> dict[str, set[int]]:
    """Rules that fail, with the rows that they name: row 1 is right, row n + 2 has the nth fault of its feed."""
    changes = [change for name, _, change in FAULTS if name == feed] if with_faults else []
    other = {"permit_no": "2/2024/GPXD"} if feed == "building_permits" else {}
    rows = [{**LINEAGE, "source_row": 1, **GOOD[feed]}]
    for i, change in enumerate(changes):
        unlike = {name: f"{value}{i}" for name, value in other.items()}
        rows.append({**LINEAGE, "source_row": i + 2, **GOOD[feed], KEYS[feed]: f"X{i}", **unlike, **change})
    tables = Tables(validated={feed: rows}, ledger=[])
    relation = tables.engine.sql(f"select * from {tables._relation('validated', feed)} order by source_row")
    report = judge(rules_of_feed(PROJECT, feed), relation.to_arrow_table())
    assert not [r for r in report.results if r.outcome == "errored"], report
    return {r.check: {row["source_row"] for row in r.failing_rows} for r in report.results if r.outcome == "failed"}


@pytest.mark.parametrize("feed", GOOD)
def test_a_row_without_fault_passes_every_rule(feed: str) -> None:
    assert failing(feed, with_faults=False) == {}


@pytest.mark.parametrize(("feed", "check"), [(feed, check) for feed, check, _ in FAULTS])
def test_a_rule_names_the_row_with_its_fault(feed: str, check: str) -> None:
    place = [name for f, name, _ in FAULTS if f == feed].index(check)
    assert place + 2 in failing(feed, with_faults=True)[check]


def test_every_written_rule_has_a_fault_of_its_own_here() -> None:
    for feed in GOOD:
        suite = yaml.safe_load(
            (FOLDER / "validated" / "construction_capture" / f"{feed}.yml").read_text(encoding="utf-8")
        )
        written = {rule["meta"]["check"] for rule in suite["expectations"]}
        assert written <= {check for f, check, _ in FAULTS if f == feed}
