"""Evidence: the rows named under a figure give that figure again, and each of them stands in what was delivered."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from assets.dagster.metadata import evidence_deliveries
from tests.house import House, table

Row = dict[str, Any]
Place = tuple[str, str, str, int]


@pytest.fixture(scope="module")
def evidence(province: House) -> list[Row]:
    return province.mart("evidence")


@pytest.fixture(scope="module")
def validated(province: House) -> dict[Place, list[Row]]:
    """What was accepted from each row of each delivery: a row of a workbook may hold several years of a sector."""
    rows: dict[Place, list[Row]] = defaultdict(list)
    for path in sorted((province.home.root / "validated").glob("*.parquet")):
        for row in table(path):
            rows[path.stem, row["delivery_id"], row["source_sheet"] or "", row["source_row"]].append(row)
    return rows


def place_of(row: Row) -> Place:
    return row["feed"], row["delivery_id"], row["source_sheet"], row["source_row"]


def by_role(evidence: list[Row], validated: dict[Place, list[Row]], item: str) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in evidence:
        if row["item"] == item:
            rows[row["evidence_role"]] += validated[place_of(row)]
    return rows


def test_every_row_named_as_evidence_stands_in_the_raw_layer(province: House, evidence: list[Row]) -> None:
    raw = {
        (path.parent.name, row["delivery_id"], row["source_sheet"] or "", row["source_row"])
        for path in sorted((province.home.root / "raw").glob("*/*.parquet"))
        for row in table(path)
    }
    assert {place_of(row) for row in evidence} <= raw


def test_the_rows_under_a_growth_figure_give_it_again(
    province: House, evidence: list[Row], validated: dict[Place, list[Row]]
) -> None:
    computed = [r for r in province.mart("directive_scorecard") if r["actual"] is not None and r["sector_code"]]
    assert {"CON", "IND", "KV1"} <= {row["item"] for row in computed}
    for row in computed:
        rows = by_role(evidence, validated, row["item"])
        if "year_before" in rows:
            (now,) = [r["value_constant_bn"] for r in rows["value"] if r["period"] == "2024"]
            (before,) = [r["value_constant_bn"] for r in rows["year_before"] if r["period"] == "2023"]
            assert round(100 * (now / before - 1), 4) == row["actual"], row["item"]
        else:
            assert [said["value"] for said in rows["value"]] == [row["actual"]], row["item"]


def test_the_rows_under_a_disbursed_share_give_it_again(
    province: House, evidence: list[Row], validated: dict[Place, list[Row]]
) -> None:
    judged = 0
    for row in province.mart("directive_scorecard"):
        rows = by_role(evidence, validated, row["item"])
        if "voucher" not in rows or not row["indicator"].endswith("disbursed_rate"):
            continue
        judged += 1
        assert share_of(rows) == row["actual"], row["item"]
        if row["value_year_before"] is not None:
            assert share_of(rows, "_year_before") == row["value_year_before"], row["item"]
    assert judged == 7  # the boards' shares by 30 September rest on vouchers that this inbox lacks


def share_of(rows: dict[str, list[Row]], ending: str = "") -> Decimal:
    """The disbursed share, in percent, of the plans and vouchers with roles of this ending."""
    signs = {"advance": 1, "payment": 1, "advance_recovery": -1, "refund": -1}
    cells: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for number, role in enumerate(("plan", "voucher")):
        for money in rows[role + ending]:
            cell = money["project_code"], money["source"], money["plan_component"]
            cells[cell][number] += money["amount_vnd"] * signs[money.get("transaction_type") or "advance"]
    assert {named["project_code"] for named in rows["register" + ending]} >= {code for code, _, _ in cells}
    plan = sum((planned for planned, _ in cells.values()), Decimal(0))
    counted = sum((min(paid, max(planned, Decimal(0))) for planned, paid in cells.values()), Decimal(0))
    return round(100 * counted / plan, 4)


def test_a_figure_of_the_year_before_is_shown_with_the_rows_that_it_rests_on(
    province: House, evidence: list[Row]
) -> None:
    shown = {row["item"] for row in province.mart("directive_scorecard") if row["value_year_before"] is not None}
    assert shown
    assert shown <= {row["item"] for row in evidence if row["evidence_role"].endswith("year_before")}


def test_the_rows_under_the_peak_season_give_its_growth_again(
    province: House, evidence: list[Row], validated: dict[Place, list[Row]]
) -> None:
    rows = by_role(evidence, validated, "IND-SEA")
    exports = {role: [row["value_usd"] for row in rows[role] if "value_usd" in row] for role in rows}
    now, before = (sum(exports[role]) for role in ("value", "year_before"))
    assert round(100 * (now / before - 1), 4) == province.item("IND-SEA")["actual"]


def test_every_actual_value_has_rows_of_the_delivery_that_the_scorecard_names(province: House) -> None:
    judged = province.table("audits", "scorecard_rests_on_evidence")
    assert len(judged) == len([row for row in province.mart("directive_scorecard") if row["actual"] is not None])
    assert [row["item"] for row in judged if row["evidence_rows_of_delivery"] == 0] == []


def test_the_command_prints_the_cells_as_the_supplier_wrote_them(province: House) -> None:
    told = province.command("evidence", "KV1").stdout.splitlines()
    assert told[0].startswith("2724-UBND-TH KV1: 3.94%, missed.")
    assert told[1].startswith("  value: 1 rows of published_figures, ")
    assert told[1].endswith("/published_figures__2022..2025__2025-05-15.csv")
    assert "sector_i_growth | 94 | 2024 |" in told[2]
    assert " | 3.94 | " in told[2]


def test_the_command_says_what_there_is_where_an_item_is_unknown_and_that_nothing_stands_under_an_item_without_data(
    province: House,
) -> None:
    unknown = province.command("evidence", "KV9")
    assert unknown.returncode == 2
    assert "There is no item KV9 in release" in unknown.stderr
    assert "KV1" in unknown.stderr
    assert province.command("evidence", "CON-PROJ").stdout.splitlines()[1] == "  No source row stands under it."


def test_every_item_names_its_landed_deliveries_in_the_ui(province: House) -> None:
    shown: dict[str, Any] = evidence_deliveries(province.home.root / "marts" / "built" / "evidence.parquet")
    told = {value for record in shown["deliveries_by_item"].records for value in record.data.values()}
    for file in {row["source_file"] for row in province.mart("evidence")}:
        (landed,) = province.home.landing.glob(f"*/*/{file}")
        assert {file, str(landed.resolve())} <= told
