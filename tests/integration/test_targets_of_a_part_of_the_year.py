"""A target of a quarter or of the first months of a year: registered, followed and judged as any other."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.checkout import Checkout
from tests.house import House, csv_text

ITEMS = (
    "directive", "item", "item_order", "clause", "item_kind", "indicator", "area_code", "sector_code", "board_code",
    "key_item", "comparator", "threshold", "unit", "period", "deadline_on", "denominator", "basis", "title_vi",
    "title_en", "source_note",
)  # fmt: skip
GRDP = ("area_code", "sector_code", "period", "value_constant_bn")
LEVELS = {"2023-Q1": 20, "2023-Q2": 30, "2023-Q3": 24, "2023-Q4": 26, "2024-Q1": 21, "2024-Q2": 32, "2024-Q3": 26}


def test_a_directive_may_set_targets_for_a_quarter_and_for_nine_months(
    checkout_copy: Checkout, after_an_empty_night: House
) -> None:
    folder = checkout_copy.folder / "dbt_like_sql" / "seeds" / "directives" / "quarterly"
    folder.mkdir()

    def item(name: str, order: int, threshold: str, period: str) -> tuple[object, ...]:
        head = ("QUARTERLY", name, order, "1", "target", "grdp_growth", "94", "GRDP", None, None, ">=", threshold)
        titles = (f"Tăng trưởng GRDP {period}", f"Growth of GRDP in {period}", "test")
        return (*head, "percent", period, "2024-09-30", None, "directive", *titles)

    register = [item("Q3", 1, "8", "2024-Q3"), item("9M", 2, "7", "2024-9M"), item("Q4", 3, "8", "2024-Q4")]
    files = {
        "directives": csv_text(
            ("directive", "title_vi", "title_en", "issuer_code", "issued_on", "area_code", "source_note"),
            ("QUARTERLY", "Kịch bản quý", "Scenario by quarter", "UBNDT", "2024-07-05", "94", "test"),
        ),
        "directive_items": csv_text(ITEMS, *register),
        "directive_item_agencies": csv_text(
            ("directive", "item", "agency_code", "agency_role", "source_note"),
            *(("QUARTERLY", name, "CTK", "lead", "test") for name in ("Q3", "9M", "Q4")),
        ),
    }
    for name, text in files.items():
        (folder / f"{name}__quarterly.csv").write_text(text, encoding="utf-8")
    house = after_an_empty_night.copied_to(checkout_copy.folder.parent)
    rows = [("94", "GRDP", period, value) for period, value in LEVELS.items()]
    house.deliver("grdp__2023-Q1..2024-Q3__2024-10-01.csv", csv_text(GRDP, *rows))
    checkout_copy.quick_night(house, dt.date(2024, 10, 5))

    quarter, months, later = (house.item(name, "QUARTERLY") for name in ("Q3", "9M", "Q4"))
    assert (quarter["status"], quarter["actual"], quarter["evidence_period"]) == (
        "achieved", Decimal("8.3333"), "2024-Q3",
    )  # fmt: skip
    assert (months["status"], months["actual"]) == ("missed", Decimal("6.7568")), "79 / 74"
    assert (later["status"], later["actual"]) == ("not_yet_due", None)
    remembered = {
        (row["item"], row["on_date"]): (row["status"], row["actual"], row["evidence_period"])
        for row in house.mart("scorecard_history")
        if row["directive"] == "QUARTERLY" and row["knowledge"] == "as_then_known"
    }
    assert remembered["9M", dt.date(2024, 8, 31)] == ("no_data", None, None), "all came on 1 October"
    printed = checkout_copy.pipeline("scorecard", "--lang", "vi", GROWTH_HOME=str(house.home.root))
    assert "Tăng trưởng GRDP 2024-Q3" in " ".join(printed.stdout.split())
