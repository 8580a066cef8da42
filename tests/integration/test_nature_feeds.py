"""Aquaculture, seafood exports and wind farms through the public door: traps in files, and the simulator's truth."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.house import House, Unpublished, csv_text
from tests.office_made_files import workbook

POND = (
    "district_code", "species", "month", "stocked_ha", "of_which_high_tech_ha", "damaged_ha", "harvest_t",
    "warnings_issued", "seed_lots_checked", "seed_lots_failed",
)  # fmt: skip
EXPORT = ("month", "market", "product_code", "tonnes", "value_usd")
FARM = ("plant_code", "month", "capacity_mw", "dossier_stage", "commercial_operation_on", "generation_mwh")
RUNNING = ("DG-1", "2024-01", 72, "commercial_operation", "2021-10-30")


def pond(month: str = "2024-01", stocked: object = 100, high: object = 10, damaged: object = 5) -> tuple[object, ...]:
    return ("950", "whiteleg_shrimp", month, stocked, high, damaged, 50, 1, 10, 1)


GOOD = {
    "aquaculture__2024-01__2024-02-15.csv": csv_text(POND, pond()),
    "seafood_exports__2024-01__2024-02-15.csv": csv_text(EXPORT, ("2024-01", "US", "frozen_shrimp", 900, 8_640_000)),
    "wind_power__2024-01__2024-02-10.csv": csv_text(FARM, (*RUNNING, 19_000)),
}
BAD: dict[str, tuple[str, tuple[str, ...]]] = {
    # 239,400 GWh in a year from 72 MW, as one month in MWh
    "wind_power__2024-01__2024-02-11.csv": (
        csv_text(FARM, (*RUNNING, 19_950_000)),
        ("row 2", "at most its capacity times the hours of the month", "631 GWh", "kWh instead of MWh"),
    ),
    "wind_power__2024-01__2024-02-12.csv": (csv_text(FARM, (*RUNNING, 19)), ("row 2", "magnitude", "unit")),
    "wind_power__2024-02__2024-03-10.csv": (
        csv_text(FARM, (*RUNNING[:4], "2025-06-01", 100)),
        ("commercial_operation_on", "released_on"),
    ),
    "wind_power__2024-03__2024-04-10.csv": (
        csv_text(FARM, (*RUNNING[:3], "nearly_done", None, 0)),
        ("dossier_stage", "nearly_done", "wind_dossier_stages"),
    ),
    # thousands of dollars written as dollars, in months that no earlier delivery holds
    "seafood_exports__2024-03__2024-04-15.csv": (
        csv_text(EXPORT, ("2024-03", "JP", "frozen_shrimp", 620, 6448)),
        ("row 2", "price", "thousand dollars"),
    ),
    "seafood_exports__2024-04__2024-05-15.csv": (
        csv_text(EXPORT, ("2024-04", "Tổng cộng", "frozen_shrimp", 620, 6_448_000)),
        ("market", "Tổng cộng", "row 2"),
    ),
    "seafood_exports__2025-01__2025-02-09.csv": (
        csv_text(EXPORT, ("2025-01", "US", "frozen_shrimp", 900_000, 8_640_000_000)),
        ("row 2", "magnitude", "unit"),
    ),
    "aquaculture__2024-02__2024-03-15.csv": (
        csv_text(POND, pond("2024-02", "about 100")),
        ("stocked_ha", "about 100", "no number", "row 2"),
    ),
    "aquaculture__2024-03__2024-04-15.csv": (
        csv_text(POND, pond("2024-03", 100, 101)),
        ("row 2", "high technology is a part of the area stocked"),
    ),
    "aquaculture__2024-04__2024-05-15.csv": (
        csv_text(POND, *(pond(f"2023-{m:02d}", 10, 1, 1) for m in range(6, 12)), pond("2024-04", 10, 1, 300)),
        ("row 8", "area damaged is within the area stocked"),
    ),
    "aquaculture__2024-05__2024-06-15.csv": (
        csv_text(POND, ("000", *pond("2024-05")[1:])),
        ("district_code", "000"),
    ),
    "aquaculture__2025-01__2025-02-09.csv": (
        csv_text(POND, pond("2025-01", 20_000, 10, 5)),
        ("row 2", "magnitude", "unit"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def fed(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    house = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("nature")).root)
    for name, content in GOOD.items():
        house.deliver(name, content)
    for name, (content, _) in BAD.items():
        house.deliver(name, content)
    head = ["Mã huyện", "Mã đối tượng nuôi", "Tháng", "Diện tích thả nuôi trong tháng (ha)"]
    head += ["Diện tích thiệt hại trong tháng (ha)", "Sản lượng thu hoạch (tấn)", "Trong đó: công nghệ cao (ha)"]
    head += ["Số bản tin cảnh báo", "Số lô giống kiểm tra", "Số lô giống không đạt"]
    rows = [
        ["ĐVT: ha, tấn"],
        head,
        [None] * 10,
        ["943", "whiteleg_shrimp", "Tháng 6/2024", "1.250,5", "-", "…", *["…"] * 4],
        ["951", "whiteleg_shrimp", "Tháng 6/2024", "1.000", "…", "-", *["…"] * 4],
    ]
    house.deliver("aquaculture__2024-06__2024-07-15.xlsx", workbook(rows, "Thủy sản"))
    house.part_night("aquaculture_monthly", "delivery_quality", "directive_scorecard")
    return house


@pytest.mark.parametrize("name", GOOD)
def test_good_deliveries_are_accepted_beside_bad_ones(fed: House, name: str) -> None:
    assert fed.delivery(name)["status"] == "accepted"


@pytest.mark.parametrize("name", BAD)
def test_a_trap_is_refused_with_a_sentence_that_says_which_rule_and_what_to_do(fed: House, name: str) -> None:
    row = fed.delivery(name)
    assert (row["status"], row["rows_accepted"]) == ("rejected", 0)
    for word in BAD[name][1]:
        assert word in row["reason"]


def test_a_dash_is_nil_and_dots_are_not_known(fed: House) -> None:
    row = fed.delivery("aquaculture__2024-06__2024-07-15.xlsx")
    assert row["status"] == "accepted", row["reason"]
    found = {r["district_code"]: r for r in fed.mart("aquaculture_monthly") if r["month"] == "2024-06"}
    assert (found["943"]["stocked_ha"], found["943"]["damaged_ha"], found["943"]["harvest_t"]) == (
        Decimal("1250.5"), 0, None,
    )  # fmt: skip
    assert (found["951"]["stocked_ha"], found["951"]["damaged_ha"], found["951"]["harvest_t"]) == (1000, None, 0)
    item = fed.item("KV1-ENV")
    # 5 of 100 hectares in January, 0 of 1250.5 in June; the district without a figure is left out
    assert item["actual"] == Decimal("0.3702")
    assert "rows left out because a figure is missing: 1" in item["status_reason_en"]


# --- the simulator's truth ------------------------------------------------------------------------------------------


def truth(name: str) -> list[dict[str, str]]:
    path: Path = PROJECT_ROOT / "samples" / "ground_truth" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_areas_and_seed_lots_add_up_to_what_the_simulator_knows(province: House) -> None:
    sums: dict[tuple[str, str], dict[str, Decimal | None]] = defaultdict(dict)
    names = ("stocked_ha", "of_which_high_tech_ha", "damaged_ha", "seed_lots_checked", "seed_lots_failed")
    for row in province.mart("aquaculture_monthly"):
        known = sums[row["species"], row["month"]]
        for name in names:
            before, value = known.get(name, Decimal(0)), row[name]
            known[name] = None if before is None or value is None else before + value
    rows = truth("aquaculture")
    assert len(rows) == len(sums) == 3 * 24
    for row in rows:
        wanted = {name: Decimal(row[name]) if row[name] else None for name in names}
        assert sums[row["species"], row["month"]] == wanted, row


def test_exports_add_up_with_the_restated_line(province: House) -> None:
    value: dict[str, Decimal] = defaultdict(Decimal)
    for row in province.mart("seafood_exports_monthly"):
        value[row["month"]] += row["value_usd"]
    assert value == {row["month"]: Decimal(row["value_usd"]) for row in truth("seafood_exports")}


def test_farms_capacity_and_generation_are_those_of_the_simulator(province: House) -> None:
    found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in province.mart("wind_power_monthly"):
        operates = int(row["is_in_operation"])
        more = (operates, operates * row["capacity_mw"], row["generation_mwh"] or 0)
        found[row["month"]] = [a + b for a, b in zip(found[row["month"]], more, strict=True)]
    names = ("plants_in_operation", "operating_mw", "generation_mwh")
    assert found == {row["month"]: [Decimal(row[name]) for name in names] for row in truth("wind_power")}


def test_the_items_say_what_the_truth_gives(province: House) -> None:
    value = {row["month"]: Decimal(row["value_usd"]) for row in truth("seafood_exports")}
    now, before = (sum(value[f"{year}-{month:02d}"] for month in (7, 8, 9, 10)) for year in (2024, 2023))
    assert abs(province.item("IND-SEA")["actual"] - (now / before - 1) * 100) <= Decimal("0.0001")
    of_2024 = [row for row in truth("aquaculture") if row["month"].startswith("2024")]
    stocked, high = (sum(Decimal(row[name]) for row in of_2024) for name in ("stocked_ha", "of_which_high_tech_ha"))
    assert abs(province.item("KV1-MODEL")["actual"] - high * 100 / stocked) <= Decimal("0.0001")
    checked, failed = (sum(Decimal(row[name]) for row in of_2024) for name in ("seed_lots_checked", "seed_lots_failed"))
    assert abs(province.item("KV1-SEED")["actual"] - failed * 100 / checked) <= Decimal("0.0001")
    (last,) = (row for row in truth("wind_power") if row["month"] == "2024-12")
    assert province.item("IND-WIND")["actual"] == Decimal(last["plants_in_operation"])
    assert all(province.item(i)["status"] == "monitored" for i in ("IND-SEA", "IND-WIND", "KV1-ENV", "KV1-MODEL"))
    assert province.item("KV1-ENV")["status_reason_vi"].endswith("số liệu mô phỏng")


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("aquaculture__2024-Q4__2025-01-15__simulated.xlsx", "damaged_area_is_given"),
        ("wind_power__2024-Q4__2025-01-10__simulated.xlsx", "generation_is_given_in_operation"),
    ],
)
def test_planted_gaps_are_warnings_and_keep_nothing_out(province: House, name: str, check: str) -> None:
    row = province.delivery(name)
    assert (row["status"], row["findings_critical"], row["findings_warning"]) == ("accepted", 0, 1)
    feed = name.split("__")[0]
    assert [r["rule"] for r in province.table("rejects", feed) if r["source_file"] == name] == [check]
