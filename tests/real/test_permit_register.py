"""A real permit register through reader, casts and permit rules: every row is accepted or rejected with a reason."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from assets.intake import Decision
from assets.run import take_in
from dbt_like_sql.contracts import load_contracts
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT
from resources.landing import LandingStore
from resources.warehouse import Warehouse

REGISTER = PROJECT_ROOT.parent / "shared" / "data" / "permits" / "real_permit_register.csv"
FEED = "building_permits"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not REGISTER.exists(), reason="the real permit register is not beside this checkout"),
]


@dataclass(frozen=True)
class Outcome:
    """What became of the register, and the rows that were accepted."""

    decision: Decision
    accepted: list[dict[str, Any]]


@pytest.fixture(scope="module")
def register() -> list[dict[str, str]]:
    with REGISTER.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("town")
    project = load_project()
    own = load_contracts(project.fields, Path(__file__).parent / "contracts")
    project = replace(project, contracts={**project.contracts, **own})
    place = folder / "inbox" / FEED
    place.mkdir(parents=True)
    shutil.copyfile(REGISTER, place / f"{FEED}__2013..2025__2025-05-01.csv")
    landing = LandingStore(folder / "home" / "landing")
    landing.land(folder / "inbox", FEED, project.contracts[FEED].forms)
    warehouse = Warehouse(folder / "home", project)
    try:
        (decision,) = take_in(project, landing, warehouse, dt.date(2025, 6, 1), FEED)
        return Outcome(decision, pq.read_table(warehouse.path("validated", FEED)).to_pylist())
    finally:
        warehouse.close()


def twice(register: list[dict[str, str]]) -> set[str]:
    counts = Counter(row["permit_number"] for row in register)
    return {number for number, count in counts.items() if number and count > 1}


def test_every_row_is_accepted_or_rejected_and_none_is_lost(outcome: Outcome, register: list[dict[str, str]]) -> None:
    assert len(register) == 5229 == outcome.decision.judged.rows_in
    rejected = outcome.decision.bad_rows
    accepted = {row["source_row"] for row in outcome.accepted}
    assert outcome.decision.status == "accepted_in_part"
    assert accepted | rejected == set(range(2, 5231))
    assert not accepted & rejected
    assert len(outcome.accepted) == len(accepted)


def test_rejected_are_the_24_numbers_given_twice_and_the_blank_one(
    outcome: Outcome, register: list[dict[str, str]]
) -> None:
    doubled = twice(register)
    assert len(doubled) == 24
    wanted = {i for i, row in enumerate(register, 2) if row["permit_number"] in doubled or not row["permit_number"]}
    assert len(wanted) == 49
    assert outcome.decision.bad_rows == wanted


def test_every_rejected_row_has_a_reason_that_names_it(outcome: Outcome) -> None:
    critical = [f for f in outcome.decision.findings if f.severity == "critical"]
    assert {f.source_row for f in critical} == outcome.decision.bad_rows
    assert Counter(f.check for f in critical) == {"key_is_unique": 48, "application_no_is_given": 1}
    for finding in critical:
        assert f"row {finding.source_row}" in finding.sentence
        assert finding.next_step


def test_what_is_accepted_is_what_the_register_says(outcome: Outcome, register: list[dict[str, str]]) -> None:
    for row in outcome.accepted:
        said = register[row["source_row"] - 2]
        assert row["application_no"] == said["permit_number"]
        assert row["kind"] == (said["construction_type"] or None)
        assert (row["calendar_year"], row["month_of_year"]) == (int(said["year"]), int(said["month"]))
        cost = said["cost_approximate"]
        if cost == "-":
            # A dash is a true nil, a blank is not known: they stay apart.
            assert row["declared_value_mn"] == 0
        else:
            assert row["declared_value_mn"] == (Decimal(cost) if cost else None)


def test_all_spellings_of_kinds_and_all_blanks_come_through(outcome: Outcome, register: list[dict[str, str]]) -> None:
    assert len({row["construction_type"] for row in register}) == 474
    kept = [row for i, row in enumerate(register, 2) if i not in outcome.decision.bad_rows]
    assert {row["kind"] for row in outcome.accepted} == {row["construction_type"] or None for row in kept}
    unknown = sum(1 for row in outcome.accepted if row["declared_value_mn"] is None)
    assert unknown == sum(1 for row in kept if not row["cost_approximate"])
    assert unknown > 100
