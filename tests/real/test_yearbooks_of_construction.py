"""Nine province-years of real yearbooks through `construction_output`: what adds up, is missing, was revised."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from assets.intake import Decision, Intake
from assets.run import rule_findings, take_in
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT
from resources.landing import LandingStore
from resources.warehouse import Warehouse

YEARBOOKS = PROJECT_ROOT.parent / "shared" / "facts" / "construction_output_by_ownership.csv"
FEED = "construction_output"
WHOLE_PROVINCE = "000"
AREAS = {"Quảng Ngãi": "51", "Nghệ An": "40"}
PUBLISHED = {"yearbook 2015": "2016-06-30", "yearbook 2016": "2017-06-30"}
OWNERSHIPS = ("total", "state", "non_state", "of_which_households", "fdi")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not YEARBOOKS.exists(), reason="the facts of the yearbooks are not beside this checkout"),
]

Book = tuple[str, str]
"""Area and day of publication."""


@pytest.fixture(scope="module")
def years() -> list[dict[str, str]]:
    with YEARBOOKS.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def file_of(book: Book, last_year: str) -> str:
    """The name of a yearbook's file: of the newest year that our copy of it holds, which may lack its own."""
    return f"{FEED}__{last_year}__{book[1]}__yearbook-{book[0]}.csv"


@pytest.fixture(scope="module")
def decisions(years: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> dict[Book, Decision]:
    folder: Path = tmp_path_factory.mktemp("yearbooks")
    books: dict[Book, list[list[str]]] = {}
    for year in years:
        area = AREAS[year["province"]]
        rows = books.setdefault((area, PUBLISHED[year["vintage"]]), [])
        rows += [[area, WHOLE_PROVINCE, year["year"], owner, "total", year[owner]] for owner in OWNERSHIPS]
    names = {book: file_of(book, max(year for _, _, year, *_ in rows)) for book, rows in books.items()}
    for book, rows in books.items():
        place = folder / book[0] / "inbox" / FEED
        place.mkdir(parents=True, exist_ok=True)
        with (place / names[book]).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["area_code", "district_code", "period", "ownership", "work_type", "value_current_mn"])
            writer.writerows(rows)
    project = load_project()
    made: dict[str, Decision] = {}
    findings = []
    for area in {area for area, _ in books}:  # a home is of one province
        home = folder / area / "home"
        landing, warehouse = LandingStore(home / "landing"), Warehouse(home, project)
        landing.land(folder / area / "inbox", FEED, project.contracts[FEED].forms)
        try:
            intake = Intake(project, landing, warehouse, dt.date(2025, 2, 10))
            made |= {d.judged.receipt.file_name: d for d in take_in(project, landing, warehouse, intake.as_of, FEED)}
            findings += rule_findings(intake, FEED)
        finally:
            warehouse.close()
    assert findings
    return {book: made[name] for book, name in names.items()}


def test_all_nine_province_years_are_accepted(decisions: dict[Book, Decision], years: list[dict[str, str]]) -> None:
    assert len(years) == 9
    assert {d.status for d in decisions.values()} == {"accepted"}
    assert sum(d.rows_accepted or 0 for d in decisions.values()) == 9 * len(OWNERSHIPS)


def test_eight_close_and_the_one_without_its_foreign_part_is_reported(
    decisions: dict[Book, Decision], years: list[dict[str, str]]
) -> None:
    # By arithmetic of our own: what is left of each total.
    left = {
        (y["province"], y["year"], y["vintage"]): Decimal(y["total"])
        - sum(Decimal(y[part] or 0) for part in ("state", "non_state", "fdi"))
        for y in years
    }
    assert {key: rest for key, rest in left.items() if rest} == {("Nghệ An", "2015", "yearbook 2016"): 134730}
    checks = ("construction_parts_add_up", "missing_parts_are_nil")
    found = [f for d in decisions.values() for f in d.findings if f.check in checks]
    assert [(f.check, f.severity) for f in found] == [("missing_parts_are_nil", "warning")]
    assert "134730" in found[0].sentence
    assert found[0].delivery_id == decisions["40", "2017-06-30"].judged.receipt.delivery_id


def test_a_state_part_revised_by_three_quarters_is_caught_although_the_total_hardly_moved(
    decisions: dict[Book, Decision], years: list[dict[str, str]]
) -> None:
    first, second = (y for y in years if (y["province"], y["year"]) == ("Nghệ An", "2015"))
    change = {name: round((Decimal(second[name]) / Decimal(first[name]) - 1) * 100, 2) for name in ("total", "state")}
    assert change == {"total": Decimal("0.03"), "state": Decimal("-76.50")}
    moderate = {book: [f for f in d.findings if f.check == "restatement_is_moderate"] for book, d in decisions.items()}
    (finding,) = moderate.pop(("40", "2017-06-30"))
    assert not any(moderate.values())
    assert finding.source_row == 2 + len(OWNERSHIPS) + OWNERSHIPS.index("state")
    assert "-76.49" in finding.sentence or "-76.50" in finding.sentence
