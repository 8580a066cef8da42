"""Services, tourism, events, housing and reviews: what the samples say returns, and bad files stay outside."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.commands import cli
from pipeline.settings import PROJECT_ROOT
from tests.house import House, Unpublished, csv_text

TRUTH = PROJECT_ROOT / "samples" / "ground_truth"
RETAIL = ("area_code", "service_group", "month", "value_bn")
TOURISM = ("month", "visitors", "overnight_visitors", "revenue_bn")


def truth(name: str) -> list[dict[str, str]]:
    with (TRUTH / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ── the samples ───────────────────────────────────────────────────────────────────────────────────────────────


def test_retail_sales_return_but_for_the_total_that_was_written_wrong(province: House) -> None:
    rows = {(r["area_code"], r["service_group"], r["month"]): r for r in province.mart("retail_services_monthly")}
    for row in truth("retail_services"):
        key = row["area_code"], row["service_group"], row["month"]
        planted = Decimal(9) if key == ("94", "total", "2024-08") else Decimal(0)
        assert rows[key]["value_bn"] == Decimal(row["value_bn"]) - planted, key
    assert rows["94", "total", "2024-06"]["value_ytd_bn"] == sum(
        Decimal(row["value_bn"]) for row in truth("retail_services")
        if row["service_group"] == "total" and "2024-01" <= row["month"] <= "2024-06"
    )  # fmt: skip


@pytest.mark.parametrize(("until", "published"), [(2, 16275), (5, 41185), (9, 77256), (12, 103000)])
def test_retail_sales_add_up_to_what_was_published(until: int, published: int) -> None:
    months = {f"2024-{month:02d}" for month in range(1, until + 1)}
    rows = [r for r in truth("retail_services") if r["service_group"] == "total" and r["month"] in months]
    assert sum(Decimal(row["value_bn"]) for row in rows) == published


def test_tourism_returns_but_for_the_stays_that_were_not_reported(province: House) -> None:
    rows = {row["month"]: row for row in province.mart("tourism_monthly")}
    for row in truth("tourism"):
        found = rows[row["month"]]
        assert (found["visitors"], found["revenue_bn"]) == (int(row["visitors"]), Decimal(row["revenue_bn"]))
        stays = None if row["month"] == "2024-12" else int(row["overnight_visitors"])
        assert found["overnight_visitors"] == stays
    assert province.item("KV3-TOUR")["actual"] == 3_120_000, "as published"
    assert rows["2024-12"]["visitors_ytd"] == 3_120_000


@pytest.mark.parametrize("item", ["PLAN32", "CON-PLAN"])
def test_shares_are_what_the_simulator_did(province: House, item: str) -> None:
    (row,) = [row for row in truth("plan_tasks" if item == "PLAN32" else "duties") if row["item"] == item]
    card = province.item(item)
    assert abs(card["actual"] - Decimal(100 * int(row["done"])) / int(row["asked"])) <= Decimal("0.0001")
    assert (card["status"], card["is_simulated"]) == ("monitored", True)


def test_the_planted_start_without_approval_does_not_count(province: House) -> None:
    (row,) = [row for row in truth("duties") if row["item"] == "CON-HOUSE"]
    card = province.item("CON-HOUSE")
    assert (card["actual"], card["status"]) == (int(row["done"]), "achieved")


def test_planted_faults_are_warnings(province: House) -> None:
    rules = {
        "retail_services__2024-Q3__2024-10-06__simulated.xlsx": 1,
        "tourism__2024-07..2024-12__2025-01-10__simulated.xlsx": 1,
        "promotion_events__2024-Q4__2025-01-10__simulated.csv": 1,
        "social_housing__2024__2025-01-12__simulated.csv": 1,
        "planning_reviews__2024-Q4__2025-01-14__simulated.csv": 1,
    }
    for name, warnings in rules.items():
        delivery = province.delivery(name)
        assert (delivery["status"], delivery["findings_critical"], delivery["findings_warning"]) == (
            "accepted", 0, warnings,
        ), name  # fmt: skip


def test_permit_answers_add_up_over_districts(province: House) -> None:
    rows = [row for row in province.mart("building_permit_answers") if row["quarter"].startswith("2024")]
    assert rows
    card = province.item("CON-PERMIT")
    due, in_time = sum(row["n_due"] for row in rows), sum(row["n_in_time"] for row in rows)
    assert abs(card["actual"] - Decimal(100 * in_time) / due) <= Decimal("0.0001")
    assert f"{in_time} of {due} applications" in card["status_reason_en"]


# ── bad files ─────────────────────────────────────────────────────────────────────────────────────────────────

GOOD = {
    "retail_services__2024-07__2024-08-06.csv": csv_text(RETAIL, ("94", "total", "2024-07", "8200.5")),
    "tourism__2024-07__2024-08-10.csv": csv_text(TOURISM, ("2024-07", 240000, 70000, "150.2")),
    "social_housing__2024-6M__2024-07-12.csv": csv_text(
        ("project_id", "approved_on", "started_on", "completed_on", "dwellings"), ("P1", "2023-01-01", "", "", 100)
    ),
}
BAD = {
    "retail_services__2024-08__2024-09-06.csv": (
        csv_text(RETAIL, ("94", "total", "2024-08", "8300500")),
        "magnitude_matches_earlier_delivery",
    ),
    "retail_services__2024-09__2024-10-06.csv": (csv_text(RETAIL, ("94", "sweets", "2024-09", "1")), "service_group"),
    "tourism__2024-08__2024-09-10.csv": (csv_text(TOURISM, ("2024-08", 240, 70, "150.2")), "magnitude"),
    "tourism__2024-09__2024-10-10.csv": (
        csv_text(TOURISM, ("2024-09", 70000, 240000, "150.2")),
        "overnight_within_visitors",
    ),
    "promotion_events__2024-Q3__2024-10-10.csv": (
        csv_text(
            ("event_id", "item", "kind", "planned_on", "held_on", "district_code"),
            ("E1", "KV3-TRADE", "Hội chợ", "2024-12-01", "2024-12-01", "941"),
        ),
        "held_on",
    ),
    "social_housing__2024-9M__2024-10-12.csv": (
        csv_text(
            ("project_id", "approved_on", "started_on", "completed_on", "dwellings"),
            ("P1", "2023-01-01", "2024-05-01", "2024-03-01", 100),
        ),
        "completed_after_start",
    ),
    "planning_reviews__2024-Q3__2024-10-14.csv": (
        csv_text(("review_id", "district_code", "kind", "due_on", "reviewed_on"), ("R1", "941", "", "31/13/2024", "")),
        "due_on",
    ),
}


@pytest.fixture(scope="module")
def bad_night(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house after one night on three good files and seven bad ones."""
    house = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("bad")).root)
    for name, text in GOOD.items():
        house.deliver(name, text)
    for name, (text, _) in BAD.items():
        house.deliver(name, text)
    house.part_night("delivery_quality", "directive_scorecard", "retail_services_monthly")
    return house


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_rule(bad_night: House, name: str) -> None:
    assert bad_night.delivery(name)["status"] == "rejected"
    feed = name.split("__")[0]
    found = [
        row
        for path in sorted((bad_night.home.root / "rejects" / feed).glob("*.csv"))
        for row in csv.DictReader(path.open(encoding="utf-8-sig", newline=""))
    ]
    about = [row for row in found if name in row.values()]
    assert about, f"no finding names {name}"
    assert any(BAD[name][1] in " ".join(str(value) for value in row.values()) for row in about)


def test_what_was_good_stands_beside_the_bad(bad_night: House) -> None:
    assert [row["month"] for row in bad_night.mart("retail_services_monthly")] == ["2024-07"]
    assert bad_night.item("KV3-TOUR")["actual"] == 240000
    assert bad_night.item("CON-HOUSE")["actual"] == 0, "a register that says nothing was started is a zero"
    trade = bad_night.item("KV3-TRADE")
    assert (trade["status"], trade["evidence_period"]) == ("monitored", "2024-07"), "the sales of the one good month"
    assert "events" not in trade["status_reason_en"]


def test_a_form_that_was_filled_in_is_taken(tmp_path: Path) -> None:
    """The blank form of CON-PROJ, written by the command and filled in by hand."""
    form = CliRunner().invoke(cli, ["form", "construction_schedules", "--to", str(tmp_path)])
    assert form.exit_code == 0, form.output
    assert "Ngày khởi công theo kế hoạch (bắt buộc)" in form.output
    blank = (tmp_path / "construction_schedules__form.csv").read_text(encoding="utf-8-sig")
    house = House(tmp_path / "house")
    name = "construction_schedules__2024-9M__2024-10-15.csv"
    house.deliver(name, blank + "DA-01,Nhà xưởng,941,,01/02/2024,30/09/2024,01/02/2024,\n")
    house.intake_night(dt.date(2024, 10, 20))
    assert (house.ledger(name)["status"], house.ledger(name)["rows_accepted"]) == ("accepted", 1)
    again = CliRunner().invoke(cli, ["form", "construction_schedules", "--to", str(tmp_path)])
    assert (again.exit_code, "is there already" in again.output) == (2, True)
