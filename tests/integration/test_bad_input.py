"""Bad input through the public door: files in, marts and sentences out.

One house is fed with good deliveries and one bad file of each kind; each test looks at one of them. Whatever is wrong,
the sentence names feed, delivery, row, rule and the next step, and other feeds go on.
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import openpyxl
import pytest
from rich.console import Console

from assets.affected_targets import Target
from pipeline import progress
from pipeline.instance import open_instance
from pipeline.night import EVIDENCE_AFFECTED, GOOD, NightOutcome
from tests.house import AS_OF, House, Unpublished, csv_text, table, told
from tests.integration.test_what_dagster_is_told import launch

GRDP_HEADER = ("area_code", "sector_code", "period", "Giá so sánh 2010", "value_current_bn", "estimate_stage")
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
    "grdp_quarter3.csv": ("grdp", csv_text(GRDP_HEADER, *GRDP_ROWS[1:]), ("grdp_quarter3.csv", "Name it")),
    "grdp__2024-Q3__2024-10-02.csv": ("grdp", b"", ("empty",)),
    "grdp__2024-Q3__2024-10-03.xlsx": ("grdp", workbook("GRDP", GRDP_ROWS)[:900], ("truncated",)),
    "grdp__2024-Q3__2024-10-04.xlsx": ("grdp", workbook("Dân số", GRDP_ROWS), ("Dân số", "GRDP")),
    "grdp__2024-Q3__2024-10-05.csv": (
        "grdp",
        csv_text(("area_code", "value_constant_bn"), *(("94", "1") for _ in range(18))),
        ("the column of sector_code is missing", "the column of period is missing", "Add the columns"),
    ),
    "grdp__2024-Q3__2024-10-08.csv": (
        "grdp",
        csv_text(("where", "what", "when", "how much", "at prices of now", "said as"), *GRDP_ROWS),
        ("no row of the first 15 is a header", "[rule header_is_found]"),
    ),
    "grdp__2024-Q3__2024-10-09.pdf": ("grdp", "%PDF", ("'.pdf' is no form of the feed grdp", "Send it as")),
    "grdp__2024-Q3__2024-10-06.csv": (
        "grdp",
        csv_text(GRDP_HEADER, *GRDP_ROWS[:-1], ("94", "TAX", "2024-Q3", "sixty-four", 64, "estimate_1")),
        ("row 15", "sixty-four", "value_constant_bn", "no number"),
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


VOUCHER_FILE = "treasury_disbursement__2024-08__2024-09-05.csv"
VOUCHERS_OF_AUGUST = tuple((f"M{n}", 1, "2024-08-06", *VOUCHER[3:-1], 100_000_000 * n) for n in range(1, 61))
DOUBLED_AND_IN_WORDS = (*VOUCHERS_OF_AUGUST[:-1], VOUCHERS_OF_AUGUST[0], (*VOUCHERS_OF_AUGUST[-1][:-1], "một tỷ"))
"""A line that stands there twice goes whole, and so does one whose amount is no number: three rows of 61."""
WITHDRAWALS = ("delivery_file", "withdrawn_on", "officer", "reason")
WAIVERS = ("delivery_file", "rule", "officer", "waived_on", "reason")
GOOD_GRDP = "grdp__2024-Q3__2024-10-01.csv"


class Fed(NamedTuple):
    """A house after a night, what came of it, and what it printed while it worked."""

    house: House
    outcome: NightOutcome
    said: str


@pytest.fixture
def house(opened_house: House) -> Unpublished:
    """A house that is in use: what a test delivers is paid for, and no more."""
    return Unpublished(opened_house.root)


@pytest.fixture(scope="module")
def fed_and_heard(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> Fed:
    """A night with good deliveries and every kind of bad file."""
    house = after_an_empty_night.copied_to(tmp_path_factory.mktemp("bad-input"))
    for name, text in GOOD_FILES.items():
        house.deliver(name, text)
    house.deliver_published_figures()
    house.deliver(VOUCHER_FILE, csv_text(VOUCHERS, *DOUBLED_AND_IN_WORDS))
    house.deliver(
        "delivery_withdrawals__2024__2024-10-12.csv",
        csv_text(
            WITHDRAWALS,
            ("grdp__2029__2029-10-01.xlsx", "2024-10-12", "Trần Thị B", "the wrong base year was used"),
            ("lạc.csv", "2024-10-12", "Trần Thị B", "it was never meant for this inbox"),
        ),
    )
    house.deliver("lạc.csv", "a,b\n1,2\n", "khác")
    house.deliver(
        "finding_waivers__2024__2024-10-12.csv",
        csv_text(
            WAIVERS, (GOOD_GRDP, "no_such_rule", "Nguyễn Văn A", "2024-10-12", "known to the office and accepted")
        ),
    )
    for name, (folder, content, _) in BAD.items():
        house.deliver(name, content, folder)
    text = io.StringIO()
    with progress.shown(Console(file=text, width=10_000)):
        outcome = house.quick_night()
    return Fed(house, outcome, text.getvalue())


@pytest.fixture(scope="module")
def fed(fed_and_heard: Fed) -> tuple[House, NightOutcome]:
    """The house and what came of its night."""
    return fed_and_heard[:2]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_a_sentence_that_says_why_and_what_next(
    fed: tuple[House, NightOutcome], name: str
) -> None:
    house, _ = fed
    row = house.delivery(name)
    assert row["status"] == "rejected"
    assert row["findings_critical"] >= 1
    for word in BAD[name][2]:
        assert word in row["reason"]
    assert not row["rows_accepted"]


def test_the_good_delivery_of_a_feed_is_used_beside_its_bad_ones(fed: tuple[House, NightOutcome]) -> None:
    house, _ = fed
    assert house.delivery("grdp__2024-Q3__2024-10-01.csv")["status"] == "accepted"
    growth = {
        r["sector_code"]: r["growth_yoy_pct"] for r in house.mart("sector_growth_vs_target") if r["period"] == "2024-Q3"
    }
    assert float(growth["I"]) == pytest.approx(3.75)
    assert float(growth["CON"]) == pytest.approx(16)


def test_a_delivery_in_thousand_dong_leaves_those_before_and_after_it_as_they_are(
    fed: tuple[House, NightOutcome],
) -> None:
    house, _ = fed
    for name in GOOD_FILES:
        row = house.delivery(name)
        assert (row["status"], row["findings_critical"], row["rows_rejected"]) == ("accepted", 0, 0), name
    accepted = house.table("validated", "treasury_disbursement")
    vouchers = [row for row in accepted if row["source_file"] != VOUCHER_FILE]
    months = [row["posted_on"].month for row in vouchers if row["amount_vnd"] >= 900_000_000]
    assert (sorted(set(months)), len(months), len(vouchers)) == ([2, 6], 36, 36)
    assert sum(row["amount_vnd"] for row in house.table("validated", "investment_plan")) == 28 * 10**10


def test_a_night_with_a_refused_target_feed_says_so_in_its_exit_code_and_names_the_targets(
    fed: tuple[House, NightOutcome],
) -> None:
    _, outcome = fed
    assert outcome.exit_code == EVIDENCE_AFFECTED
    affected = {refused.file_name: refused.targets for refused in outcome.refused}
    assert Target("2724-UBND-TH", "DIS-FY-1") in affected["treasury_disbursement__2024-03__2024-04-01.csv"]
    assert Target("2724-UBND-TH", "DIS-FY-1") in affected["treasury_disbursement__2024-05__2024-06-05.csv"]
    assert affected["weather__2024__2024-10-01.csv"] == ()


def test_a_line_of_a_refusal_is_whole_sentences_with_rule_and_items_by_directive_and_stands_once(
    fed_and_heard: Fed,
) -> None:
    house, outcome, said = fed_and_heard
    lines = told(outcome)
    for name in BAD:
        assert [name in line for line in lines if line.startswith("Refused: ")].count(True) == 1
        assert name not in said
    (line,) = [line for line in lines if "2024-10-06.csv" in line]
    assert "[rule is_a_number]" in line
    assert line.endswith(
        " at the end of its name. Evidence of 25-NQ-CP GRDP; 2724-UBND-TH GRDP, KV1, KV3, IND, CON is affected."
    )
    (line,) = [line for line in lines if ".pdf" in line]
    assert "Send it as .csv, .xml, .xlsx, .ods, .xls, .xlsb, .xlsm. Evidence of" in line
    assert house.ledger("grdp__2024-Q3__2024-10-09.pdf")["reason"].endswith(".")


def test_quarantined_rows_are_said_in_a_line_and_in_the_exit_code_as_a_refusal_is(fed_and_heard: Fed) -> None:
    house, outcome, _ = fed_and_heard
    row = house.delivery(VOUCHER_FILE)
    assert (row["status"], row["rows_in"], row["rows_accepted"], row["rows_rejected"]) == (
        "accepted_in_part",
        61,
        58,
        3,
    )
    (line,) = [line for line in told(outcome) if line.startswith("Accepted in part: ")]
    assert f"treasury_disbursement, {VOUCHER_FILE}: 3 of 61 rows quarantined: " in line
    assert "một tỷ" in line
    assert line.endswith(" Evidence of 2724-UBND-TH DIS-Q3-1, DIS-Q3-2, DIS-FY-1, DIS-FY-2 is affected.")


def test_a_missing_column_is_named_and_not_counted_cell_by_cell(fed: tuple[House, NightOutcome]) -> None:
    house, _ = fed
    row = house.delivery("grdp__2024-Q3__2024-10-05.csv")
    assert (row["rows_in"], row["rows_rejected"], row["findings_critical"]) == (18, 18, 1)
    assert " more." not in row["reason"]


def test_rows_are_not_known_where_no_header_is_found(fed: tuple[House, NightOutcome]) -> None:
    house, _ = fed
    row = house.delivery("grdp__2024-Q3__2024-10-08.csv")
    assert (row["rows_in"], row["rows_accepted"], row["rows_rejected"]) == (None, None, None)


def test_a_withdrawal_or_waiver_that_names_nothing_is_a_warning_that_the_night_prints(
    fed: tuple[House, NightOutcome],
) -> None:
    house, outcome = fed
    waiver = "finding_waivers__2024__2024-10-12.csv"
    withdrawal = "delivery_withdrawals__2024__2024-10-12.csv"
    no_rule = f"row 2 waives the rule no_such_rule for {GOOD_GRDP}, but nothing was found by such a rule"
    no_file = "row 2 names grdp__2029__2029-10-01.xlsx, but no delivery of that name has landed"
    for name, words in ((waiver, no_rule), (withdrawal, no_file)):
        row = house.delivery(name)
        assert (row["status"], row["findings_warning"]) == ("accepted", 1)
        assert words in row["reason"]
        (line,) = [line for line in told(outcome) if line.startswith("Without effect: ") and name in line]
        assert words in line


def test_any_file_may_be_withdrawn_even_one_under_no_feed(fed: tuple[House, NightOutcome]) -> None:
    house, outcome = fed
    assert house.delivery("lạc.csv")["status"] == "withdrawn"
    assert "lạc.csv" not in {refused.file_name for refused in outcome.refused}


@pytest.mark.parametrize(
    ("name", "rows", "is_silent"),
    [
        ("treasury_disbursement__2024-08__2024-09-05__r2.csv", VOUCHERS_OF_AUGUST, True),
        ("treasury_disbursement__2024-08__2024-10-05.csv", VOUCHERS_OF_AUGUST, True),
        ("treasury_disbursement__2024-08__2024-09-05__r2.csv", DOUBLED_AND_IN_WORDS[:-2], True),
        ("treasury_disbursement__2024-08__2024-09-05__r2.csv", DOUBLED_AND_IN_WORDS[2:], False),
        ("treasury_disbursement__2024-08..2024-09__2024-10-05.csv", VOUCHERS_OF_AUGUST, True),
        ("treasury_disbursement__2024-09__2024-10-05.csv", VOUCHERS_OF_AUGUST[:30], False),
    ],
    ids=[
        "corrected",
        "restated later",
        "corrected, shorter",
        "corrected in part",
        "all in a longer period",
        "another month",
    ],
)
def test_quarantined_rows_are_no_more_spoken_of_once_a_whole_delivery_of_the_period_came(
    house: House, name: str, rows: tuple[tuple[object, ...], ...], is_silent: bool
) -> None:
    house.deliver(VOUCHER_FILE, csv_text(VOUCHERS, *DOUBLED_AND_IN_WORDS))
    house.deliver(name, csv_text(VOUCHERS, *rows))
    outcome = house.intake_night()
    assert outcome.exit_code == (GOOD if is_silent else EVIDENCE_AFFECTED)
    assert (VOUCHER_FILE in {affected.file_name for affected in outcome.in_part}) == (not is_silent)


def test_quarantined_rows_of_a_feed_without_targets_leave_the_exit_code_good(house: House) -> None:
    cases = [(f"K{n}", "SXD", "2024-08-01", "2024-09-01", "2024-08-30", "land") for n in range(60)]
    wrong = (*cases[0][:4], "2024-10-30", "land")
    header = ("case_id", "agency_code", "raised_on", "due_on", "resolved_on", "kind")
    house.deliver("obstacles__2024-Q3__2024-10-05.csv", csv_text(header, wrong, *cases[1:]))
    outcome = house.intake_night()
    assert house.ledger("obstacles__2024-Q3__2024-10-05.csv")["status"] == "accepted_in_part"
    assert (outcome.exit_code, len(outcome.in_part)) == (GOOD, 1)


MISNAMED = "GRDP năm 2024.csv"
GRDP_OF_THE_YEAR = csv_text(GRDP_HEADER, *GRDP_ROWS)


def test_a_misnamed_file_is_spoken_of_until_its_bytes_came_under_a_good_name(house: House) -> None:
    house.deliver(MISNAMED, GRDP_OF_THE_YEAR, "grdp")
    assert house.intake_night().exit_code == EVIDENCE_AFFECTED
    house.deliver("grdp__2024-Q3__2024-10-01.csv", GRDP_OF_THE_YEAR.replace("1074", "1075"))
    assert house.intake_night().exit_code == EVIDENCE_AFFECTED
    house.deliver("grdp__2024-Q3__2024-10-02.csv", GRDP_OF_THE_YEAR)
    assert house.ledger(MISNAMED)["status"] == "rejected"
    assert house.intake_night() == replace(house.intake_night(), exit_code=GOOD, refused=())


def test_a_misnamed_file_is_spoken_of_until_it_leaves_the_inbox(house: House) -> None:
    path = house.deliver(MISNAMED, GRDP_OF_THE_YEAR, "grdp")
    stray = house.deliver("notes.csv", "a,b\n", "elsewhere")
    assert {refused.file_name for refused in house.intake_night().refused} == {MISNAMED, "notes.csv"}
    path.unlink()
    stray.write_text("c,d\n")
    outcome = house.intake_night()
    assert outcome.exit_code == GOOD
    assert [refused.file_name for refused in outcome.refused] == ["notes.csv"]


def test_a_misnamed_file_may_be_withdrawn_however_its_accents_are_written(house: House) -> None:
    house.deliver(unicodedata.normalize("NFD", MISNAMED), GRDP_OF_THE_YEAR, "grdp")
    house.deliver(
        "delivery_withdrawals__2024__2024-10-12.csv",
        csv_text(WITHDRAWALS, (MISNAMED, "2024-10-12", "Trần Thị B", "sent again under its right name")),
    )
    outcome = house.intake_night()
    assert (outcome.exit_code, outcome.refused) == (GOOD, ())
    assert house.ledger(MISNAMED)["status"] == "withdrawn"


def test_the_supplier_gets_a_csv_of_what_is_wrong(fed: tuple[House, NightOutcome]) -> None:
    house, _ = fed
    (path,) = (house.home.root / "rejects" / "grdp").glob("grdp__2024-Q3__2024-10-06.csv.*.csv")
    text = path.read_text(encoding="utf-8-sig")
    assert "sixty-four" in text
    assert ",15," in text


def test_the_check_of_a_feed_points_to_the_file_of_its_findings(fed: tuple[House, NightOutcome]) -> None:
    house, _ = fed
    assert launch(house, ["candidates/grdp"], day=AS_OF).success
    key = dg.AssetCheckKey(dg.AssetKey(["candidates", "grdp"]), "validity")
    with open_instance(house.home.dagster) as instance:
        (said,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    assert said.event is not None
    place = Path(str(said.event.dagster_event.asset_check_evaluation_data.metadata["rejects"].value))
    assert place == house.home.root / "rejects" / "grdp.parquet"
    assert "sixty-four" in {row["value_text"] for row in table(place)}


def test_every_row_in_is_accepted_or_rejected(fed: tuple[House, NightOutcome]) -> None:
    house, _ = fed
    for row in house.mart("delivery_quality"):
        if row["rows_in"] is not None:
            assert row["rows_in"] == row["rows_accepted"] + row["rows_rejected"]


def test_a_refused_file_of_no_target_leaves_the_exit_code_good(house: House) -> None:
    house.deliver_published_figures()
    house.deliver("weather__2024__2024-10-01.csv", "a,b\n1,2\n")
    assert house.intake_night().exit_code == GOOD


def test_an_extra_column_is_a_warning_and_the_delivery_is_accepted(house: House) -> None:
    rows = [(*row, "x") for row in GRDP_ROWS]
    house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text((*GRDP_HEADER, "remark"), *rows))
    outcome = house.intake_night()
    row = house.ledger("grdp__2024-Q3__2024-10-01.csv")
    assert (row["status"], row["findings_warning"]) == ("accepted", 1)
    for word in ("1 warning: ", "'remark' is not in the contract", "[rule no_unknown_columns]", "Nothing to do if"):
        assert word in row["reason"]
    (line,) = [line for line in told(outcome) if line.startswith("Accepted with warnings: ")]
    assert "1 of the deliveries" in line
    (csv_file,) = (house.home.root / "rejects" / "grdp").glob("*.csv")
    assert "no_unknown_columns" in csv_file.read_text(encoding="utf-8-sig")


def test_a_poisoned_delivery_leaves_the_last_good_table(house: House) -> None:
    house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    house.intake_night()
    before = house.table("validated", "grdp")
    house.deliver("grdp__2024-Q3__2024-12-01.csv", csv_text(GRDP_HEADER, (*GRDP_ROWS[0][:3], "x", 1, None)))
    outcome = house.intake_night()
    assert outcome.exit_code == EVIDENCE_AFFECTED
    assert house.table("validated", "grdp") == before


def test_the_same_delivery_twice_lands_once(house: House) -> None:
    name = "grdp__2024-Q3__2024-10-01.csv"
    house.deliver(name, csv_text(GRDP_HEADER, *GRDP_ROWS))
    house.part_night("delivery_quality")
    first = house.mart("delivery_quality")
    assert first
    house.deliver(name, csv_text(GRDP_HEADER, *GRDP_ROWS))
    house.part_night("delivery_quality")
    assert house.mart("delivery_quality") == first


def test_a_restatement_is_a_new_vintage_and_the_latest_is_shown(house: House) -> None:
    house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    restated = [
        (*row[:3], row[3] + 10, row[4] + 10, "preliminary") if row[1] in ("GRDP", "I") and row[2] == "2024-Q3" else row
        for row in GRDP_ROWS
    ]
    house.deliver("grdp__2024-Q3__2024-12-01.csv", csv_text(GRDP_HEADER, *restated))
    house.part_night("delivery_quality", "sector_growth_vs_target")
    assert len(house.table("validated", "grdp")) == 2 * len(GRDP_ROWS)
    (row,) = [r for r in house.mart("sector_growth_vs_target") if r["sector_code"] == "I" and r["period"] == "2024-Q3"]
    assert float(row["growth_yoy_pct"]) == pytest.approx(6.25)
    assert row["released_on"] == dt.date(2024, 12, 1)
    assert house.delivery("grdp__2024-Q3__2024-10-01.csv")["status"] == "superseded"


def test_a_voucher_file_whose_lines_were_all_sent_again_is_superseded_from_that_day_on(house: House) -> None:
    house.deliver("treasury_disbursement__2024-03__2024-04-05.csv", csv_text(VOUCHERS, VOUCHER))
    house.deliver("treasury_disbursement__2024-03__2024-05-05.csv", csv_text(VOUCHERS, VOUCHER))
    house.part_night("delivery_quality", as_of=dt.date(2024, 4, 10))
    assert house.delivery("treasury_disbursement__2024-03__2024-04-05.csv")["status"] == "accepted"
    house.part_night("delivery_quality", as_of=dt.date(2024, 6, 1))
    assert house.delivery("treasury_disbursement__2024-03__2024-04-05.csv")["status"] == "superseded"
    assert house.delivery("treasury_disbursement__2024-03__2024-05-05.csv")["status"] == "accepted"


def test_two_differing_deliveries_of_one_day_are_both_refused(house: House) -> None:
    name = "grdp__2024-Q3__2024-10-01"
    house.deliver(f"{name}.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    changed = [(*row[:3], row[3] + 1, *row[4:]) if row[1] in ("GRDP", "I") else row for row in GRDP_ROWS]
    commented = csv_text((*GRDP_HEADER, "remark"), *((*row, "x") for row in changed))
    house.deliver(f"{name}__copy.csv", commented)
    house.intake_night()
    rows = [house.ledger(f"{name}.csv"), house.ledger(f"{name}__copy.csv")]
    assert [row["status"] for row in rows] == ["rejected", "rejected"]
    assert all("r2" in row["reason"] for row in rows)
    assert [row["findings_critical"] for row in rows] == [1, 1]
    assert [row["findings_warning"] for row in rows] == [0, 1]
    for path in (house.home.root / "rejects" / "grdp").glob("*.csv"):
        assert "two differing deliveries" in path.read_text(encoding="utf-8-sig")
    house.deliver(f"{name}__r2.csv", csv_text(GRDP_HEADER, *changed))
    house.intake_night()
    assert house.ledger(f"{name}__r2.csv")["status"] == "accepted"


def test_a_file_still_being_written_waits_for_the_next_night(house: House) -> None:
    path = house.deliver("grdp__2024-Q3__2024-10-01.csv", csv_text(GRDP_HEADER, *GRDP_ROWS))
    with path.open("ab") as writer:
        writer.write(b"")
        house.part_night("delivery_quality")
        assert house.mart("delivery_quality") == []
    house.part_night("delivery_quality")
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
    house.part_night("delivery_quality")
    row = house.delivery(name)
    assert row["status"] == "withdrawn"
    assert row["reason"] == "withdrawn on 2024-10-05: wrong base year"
    assert house.table("validated", "grdp") == []
    house.part_night("delivery_quality", as_of=dt.date(2024, 10, 4))
    assert house.delivery(name)["status"] == "accepted"


def test_a_home_with_real_deliveries_refuses_the_samples(published_only_copy: House) -> None:
    result = published_only_copy.command("nightly", "--inbox", "samples/inbox")
    assert result.returncode == 2
    assert "must not mix" in result.stderr


def test_a_waived_finding_lets_the_delivery_in_from_its_day_on_and_is_shown(house: House) -> None:
    name = "grdp__2024-Q3__2024-10-01.csv"
    wrong = [
        (*row[:3], row[3] + 40, row[4] + 40, row[5]) if row[1:3] == ("GRDP", "2024-Q3") else row for row in GRDP_ROWS
    ]
    house.deliver(name, csv_text(GRDP_HEADER, *wrong))
    house.part_night("delivery_quality")
    assert house.delivery(name)["status"] == "rejected"
    rules = {row["rule"] for row in house.table("rejects", "grdp") if row["severity"] == "critical"}
    house.deliver(
        "finding_waivers__2024__2024-10-08.csv",
        csv_text(
            ("delivery_file", "rule", "officer", "waived_on", "reason"),
            *((name, rule, "Nguyễn Văn A", "2024-10-08", "the office confirmed the total by letter") for rule in rules),
        ),
    )
    house.part_night("delivery_quality")
    row = house.delivery(name)
    assert row["status"] == "accepted"
    assert row["reason"].startswith("waived on 2024-10-08: the office confirmed the total by letter")
    assert "Nguyễn Văn A" not in row["reason"], "who waived is known to the office alone"
    assert row["findings_waived"] >= 1
    assert row["findings_critical"] == 0
    house.part_night("delivery_quality", as_of=dt.date(2024, 10, 7))
    assert house.delivery(name)["status"] == "rejected"
