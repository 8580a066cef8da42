"""Bad input through the public door: files in, marts and sentences out.

One house is fed with good deliveries and one bad file of each kind; each test looks at one of them. Whatever is wrong,
the sentence names feed, delivery, row, rule and the next step, and other feeds go on.
"""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest

from pipeline.night import EVIDENCE_AFFECTED, GOOD, Outcome
from tests.house import House, csv_text

GRDP_HEADER = ("area_code", "sector_code", "period", "value_constant_2010_bn", "value_current_bn", "estimate_stage")
GRDP_ROWS = tuple(
    ("94", sector, period, level, level, "estimate_1")
    for period, levels in (
        ("2023-Q3", {"GRDP": 1000, "I": 400, "II": 200, "IND": 150, "CON": 50, "III": 340, "TAX": 60}),
        ("2024-Q3", {"GRDP": 1074, "I": 415, "II": 224, "IND": 166, "CON": 58, "III": 371, "TAX": 64}),
    )
    for sector, level in levels.items()
)
VOUCHERS = (
    "voucher_no",
    "line_no",
    "posted_on",
    "budget_year",
    "project_code",
    "source",
    "plan_component",
    "transaction_type",
    "amount_vnd",
)
VOUCHER = ("V1", 1, "2024-03-05", 2024, "7000001", "local_budget", "pm_assigned", "payment", 1_000_000)


def workbook(sheet: str = "GRDP", rows: tuple[tuple[object, ...], ...] = ()) -> bytes:
    """Return an XLSX file with one sheet."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


PLAN = ("project_code", "budget_year", "source", "plan_component", "decision_no", "amount_vnd", "decided_on")


def month_of_vouchers(month: int, unit: int) -> str:
    """Twelve payments and six advances of a month, in dong where the unit is 1."""
    kinds = ["payment"] * 12 + ["advance"] * 6
    lines = (
        (f"V{month}-{n}", 1, f"2024-{month:02}-05", *VOUCHER[3:-2], kind, (n + 1) * 900_000_000 // unit)
        for n, kind in enumerate(kinds)
    )
    return csv_text(VOUCHERS, *lines)


def plan_of_a_year(unit: int) -> str:
    """The plan of seven projects, in dong where the unit is 1."""
    rows = (
        (f"700000{n}", 2024, "local_budget", "pm_assigned", "1/QĐ", n * 10**10 // unit, "2023-12-20")
        for n in range(1, 8)
    )
    return csv_text(PLAN, *rows)


GOOD_FILES = {
    "grdp__2024-Q3__2024-10-01.csv": csv_text(GRDP_HEADER, *GRDP_ROWS),
    "treasury_disbursement__2024-02__2024-03-05.csv": month_of_vouchers(2, 1),
    "treasury_disbursement__2024-06__2024-07-05.csv": month_of_vouchers(6, 1),
    "investment_plan__2024__2024-01-10.csv": plan_of_a_year(1),
}

BAD: dict[str, tuple[str | None, str | bytes, tuple[str, ...]]] = {
    # file name: (folder or None, content, words that its reason must hold)
    "weather__2024__2024-10-01.csv": ("weather", "a,b\n1,2\n", ("weather", "no feed", "Put it into")),
    "grdp_quarter3.csv": ("grdp", csv_text(GRDP_HEADER, *GRDP_ROWS), ("grdp_quarter3.csv", "Name it")),
    "grdp__2024-Q3__2024-10-02.csv": ("grdp", b"", ("empty",)),
    "grdp__2024-Q3__2024-10-03.xlsx": ("grdp", workbook("GRDP", GRDP_ROWS)[:900], ("truncated",)),
    "grdp__2024-Q3__2024-10-04.xlsx": ("grdp", workbook("Dân số", GRDP_ROWS), ("Dân số", "GRDP")),
    "grdp__2024-Q3__2024-10-05.csv": (
        "grdp",
        csv_text(("area_code", "period", "value_constant_2010_bn"), ("94", "2024-Q3", "1")),
        ("sector_code",),
    ),
    "grdp__2024-Q3__2024-10-06.csv": (
        "grdp",
        csv_text(GRDP_HEADER, *GRDP_ROWS[:-1], ("94", "TAX", "2024-Q3", "sixty-four", 64, "estimate_1")),
        ("row 15", "sixty-four", "value_constant_2010_bn", "no number"),
    ),
    "grdp__2024-Q3__2024-10-07.csv": (
        "grdp",
        csv_text(GRDP_HEADER, *GRDP_ROWS, GRDP_ROWS[0]),
        ("area_code", "sector_code", "period"),
    ),
    "treasury_disbursement__2024-03__2024-04-01.csv": (
        None,
        csv_text(VOUCHERS, (*VOUCHER[:2], "2024-12-24", *VOUCHER[3:])),
        ("posted_on", "2024-12-24", "row 2"),
    ),
    "treasury_disbursement__2024-03__2024-04-02.csv": (
        None,
        csv_text(VOUCHERS, (*VOUCHER[:-1], "1000000.5")),
        ("1000000.5", "decimals", "row 2"),
    ),
    "obstacles__2024-Q3__2024-10-05.csv": (
        None,
        csv_text(
            ("case_id", "agency_code", "raised_on", "due_on", "resolved_on", "kind"),
            ("K1", "SXD", "2024-08-01", "2024-09-01", "2024-10-30", "land"),
        ),
        ("resolved_on", "2024-10-30", "row 2"),
    ),
    "project_progress__2024-Q3__2024-10-05.csv": (
        None,
        csv_text(
            ("project_code", "week", "accepted_unpaid_vnd", "site_handed_over_pct"),
            ("7000001", "2024-39", 5_000_000_000, 80),
        ),
        ("week", "2024-39", "row 2"),
    ),
    "treasury_disbursement__2024-05__2024-06-05.csv": (
        None,
        month_of_vouchers(5, 1000),
        (
            "middle_ratio 0.001",
            "treasury_disbursement__2024-02__2024-03-05.csv",
            "amounts are in dong",
            "thousand dong",
        ),
    ),
    "investment_plan__2024__2024-06-10.csv": (
        None,
        plan_of_a_year(1000),
        ("middle_ratio 0.001", "__2024__2024-01-10.csv", "amounts are in dong", "thousand dong"),
    ),
}


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Outcome]:
    """A house after a night with good deliveries and every kind of bad file."""
    house = House(tmp_path_factory.mktemp("bad-input"))
    for name, text in GOOD_FILES.items():
        house.deliver(name, text)
    house.deliver_published_figures()
    for name, (folder, content, _) in BAD.items():
        house.deliver(name, content, folder)
    return house, house.night()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_a_sentence_that_says_why_and_what_next(
    fed: tuple[House, Outcome], name: str
) -> None:
    house, _ = fed
    row = house.delivery(name)
    assert row["status"] == "rejected"
    assert row["findings_critical"] >= 1
    for word in BAD[name][2]:
        assert word in row["reason"]
    assert not row["rows_accepted"]


def test_the_good_delivery_of_a_feed_is_used_beside_its_bad_ones(fed: tuple[House, Outcome]) -> None:
    house, _ = fed
    assert house.delivery("grdp__2024-Q3__2024-10-01.csv")["status"] == "accepted"
    growth = {
        r["sector_code"]: r["growth_yoy_pct"] for r in house.mart("sector_growth_vs_target") if r["period"] == "2024-Q3"
    }
    assert float(growth["I"]) == pytest.approx(3.75)
    assert float(growth["CON"]) == pytest.approx(16)


def test_a_delivery_in_thousand_dong_leaves_those_before_and_after_it_as_they_are(fed: tuple[House, Outcome]) -> None:
    house, _ = fed
    for name in GOOD_FILES:
        row = house.delivery(name)
        assert (row["status"], row["findings_critical"], row["rows_rejected"]) == ("accepted", 0, 0), name
    vouchers = house.table("validated", "treasury_disbursement")
    months = [row["posted_on"].month for row in vouchers if row["amount_vnd"] >= 900_000_000]
    assert (sorted(set(months)), len(months), len(vouchers)) == ([2, 6], 36, 36)
    assert sum(row["amount_vnd"] for row in house.table("validated", "investment_plan")) == 28 * 10**10


def test_a_night_with_a_refused_target_feed_says_so_in_its_exit_code_and_names_the_targets(
    fed: tuple[House, Outcome],
) -> None:
    _, outcome = fed
    assert outcome.exit_code == EVIDENCE_AFFECTED
    affected = {refused.file_name: refused.targets for refused in outcome.refused}
    assert "DIS-FY-1" in affected["treasury_disbursement__2024-03__2024-04-01.csv"]
    assert "DIS-FY-1" in affected["treasury_disbursement__2024-05__2024-06-05.csv"]
    assert affected["weather__2024__2024-10-01.csv"] == ()


def test_the_supplier_gets_a_csv_of_what_is_wrong(fed: tuple[House, Outcome]) -> None:
    house, _ = fed
    (path,) = (house.home.root / "rejects" / "grdp").glob("grdp__2024-Q3__2024-10-06.csv.*.csv")
    text = path.read_text(encoding="utf-8-sig")
    assert "sixty-four" in text
    assert ",15," in text


def test_every_row_in_is_accepted_or_rejected(fed: tuple[House, Outcome]) -> None:
    house, _ = fed
    for row in house.mart("delivery_quality"):
        if row["rows_in"] is not None:
            assert row["rows_in"] == row["rows_accepted"] + row["rows_rejected"]


def test_a_refused_file_of_no_target_leaves_the_exit_code_good(house: House) -> None:
    house.deliver_published_figures()
    house.deliver("weather__2024__2024-10-01.csv", "a,b\n1,2\n")
    assert house.quick_night().exit_code == GOOD


def test_an_extra_column_is_a_warning_and_the_delivery_is_accepted(house: House) -> None:
    rows = [(*row, "x") for row in GRDP_ROWS]
    house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text((*GRDP_HEADER, "remark"), *rows))
    house.quick_night()
    row = house.delivery("grdp__2024-Q3__2024-10-01.csv")
    assert row["status"] == "accepted"
    assert row["findings_warning"] >= 1


def test_a_poisoned_delivery_leaves_the_last_good_table(house: House) -> None:
    house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    house.quick_night()
    before = house.table("validated", "grdp")
    house.deliver("grdp__2024-Q3__2024-12-01.csv", csv_text(GRDP_HEADER, (*GRDP_ROWS[0][:3], "x", 1, None)))
    outcome = house.quick_night()
    assert outcome.exit_code == EVIDENCE_AFFECTED
    assert house.table("validated", "grdp") == before


def test_the_same_delivery_twice_lands_once(house: House) -> None:
    name = "grdp__2024-Q3__2024-10-01.csv"
    house.deliver(name, csv_text(GRDP_HEADER, *GRDP_ROWS))
    house.quick_night()
    first = house.mart("delivery_quality")
    house.deliver(name, csv_text(GRDP_HEADER, *GRDP_ROWS))
    house.quick_night()
    assert house.mart("delivery_quality") == first


def test_a_restatement_is_a_new_vintage_and_the_latest_is_shown(house: House) -> None:
    house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    restated = [
        (*row[:3], row[3] + 10, row[4] + 10, "preliminary") if row[1] in ("GRDP", "I") and row[2] == "2024-Q3" else row
        for row in GRDP_ROWS
    ]
    house.deliver("grdp__2024-Q3__2024-12-01.csv", csv_text(GRDP_HEADER, *restated))
    house.quick_night()
    assert len(house.table("validated", "grdp")) == 2 * len(GRDP_ROWS)
    (row,) = [r for r in house.mart("sector_growth_vs_target") if r["sector_code"] == "I" and r["period"] == "2024-Q3"]
    assert float(row["growth_yoy_pct"]) == pytest.approx(6.25)
    assert row["released_on"] == dt.date(2024, 12, 1)
    assert house.delivery("grdp__2024-Q3__2024-10-01.csv")["status"] == "superseded"


def test_a_voucher_file_whose_lines_were_all_sent_again_is_superseded_from_that_day_on(house: House) -> None:
    house.deliver("treasury_disbursement__2024-03__2024-04-05.csv", csv_text(VOUCHERS, VOUCHER))
    house.deliver("treasury_disbursement__2024-03__2024-05-05.csv", csv_text(VOUCHERS, VOUCHER))
    house.quick_night(dt.date(2024, 4, 10))
    assert house.delivery("treasury_disbursement__2024-03__2024-04-05.csv")["status"] == "accepted"
    house.quick_night(dt.date(2024, 6, 1))
    assert house.delivery("treasury_disbursement__2024-03__2024-04-05.csv")["status"] == "superseded"
    assert house.delivery("treasury_disbursement__2024-03__2024-05-05.csv")["status"] == "accepted"


def test_two_differing_deliveries_of_one_day_are_both_refused(house: House) -> None:
    name = "grdp__2024-Q3__2024-10-01"
    house.deliver(f"{name}.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    changed = [(*row[:3], row[3] + 1, *row[4:]) if row[1] in ("GRDP", "I") else row for row in GRDP_ROWS]
    house.deliver(f"{name}__copy.csv", csv_text(GRDP_HEADER, *changed))
    house.quick_night()
    rows = [house.delivery(f"{name}.csv"), house.delivery(f"{name}__copy.csv")]
    assert [row["status"] for row in rows] == ["rejected", "rejected"]
    assert all("r2" in row["reason"] for row in rows)
    house.deliver(f"{name}__r2.csv", csv_text(GRDP_HEADER, *changed))
    house.quick_night()
    assert house.delivery(f"{name}__r2.csv")["status"] == "accepted"


def test_a_file_still_being_written_waits_for_the_next_night(house: House) -> None:
    path = house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    with path.open("ab") as writer:
        writer.write(b"")
        house.quick_night()
        assert house.mart("delivery_quality") == []
    house.quick_night()
    assert house.delivery(path.name)["status"] == "accepted"


def test_a_withdrawn_delivery_is_kept_shown_and_not_used(house: House) -> None:
    name = "grdp__2024-Q3__2024-10-01.csv"
    house.deliver(name, csv_text(GRDP_HEADER, *GRDP_ROWS))
    house.deliver(
        "delivery_withdrawals__2024__2024-10-05.csv",
        csv_text(
            ("delivery_file", "withdrawn_on", "officer", "reason"), (name, "2024-10-05", "Officer A", "wrong base year")
        ),
    )
    house.quick_night()
    row = house.delivery(name)
    assert row["status"] == "withdrawn"
    assert "Officer A" in row["reason"]
    assert house.table("validated", "grdp") == []
    house.quick_night(dt.date(2024, 10, 4))
    assert house.delivery(name)["status"] == "accepted"


def test_a_home_with_real_deliveries_refuses_the_samples(house: House, tmp_path: Path) -> None:
    house.deliver_published_figures()
    house.quick_night()
    result = house.command("nightly", "--inbox", "samples/inbox")
    assert result.returncode == 2
    assert "must not mix" in result.stderr


def test_a_waived_finding_lets_the_delivery_in_from_its_day_on_and_is_shown(house: House) -> None:
    name = "grdp__2024-Q3__2024-10-01.csv"
    wrong = [
        (*row[:3], row[3] + 40, row[4] + 40, row[5]) if row[1:3] == ("GRDP", "2024-Q3") else row for row in GRDP_ROWS
    ]
    house.deliver(name, csv_text(GRDP_HEADER, *wrong))
    house.quick_night()
    assert house.delivery(name)["status"] == "rejected"
    rules = {row["rule"] for row in house.table("rejects", "grdp") if row["severity"] == "critical"}
    house.deliver(
        "finding_waivers__2024__2024-10-08.csv",
        csv_text(
            ("delivery_file", "rule", "officer", "waived_on", "reason"),
            *((name, rule, "Nguyễn Văn A", "2024-10-08", "the office confirmed the total by letter") for rule in rules),
        ),
    )
    house.quick_night()
    row = house.delivery(name)
    assert row["status"] == "accepted"
    assert "Nguyễn Văn A" in row["reason"]
    assert row["findings_waived"] >= 1
    assert row["findings_critical"] == 0
    house.quick_night(dt.date(2024, 10, 7))
    assert house.delivery(name)["status"] == "rejected"
