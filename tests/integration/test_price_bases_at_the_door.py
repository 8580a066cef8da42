"""The price base of a delivery as its supplier states it: in a header, in a column, or not at all."""

from __future__ import annotations

from pathlib import Path

from tests.house import House

ROWS = "94,GRDP,2023,1000{},official\n94,GRDP,2024,1074{},estimate_1\n"
KEY = "area_code,sector_code,period"


def delivered(house: House, day: str, header: str, base: str = "") -> str:
    name = f"grdp__2023..2024__{day}.csv"
    house.deliver(name, f"{KEY},{header},estimate_stage\n" + ROWS.replace("{}", base))
    return name


def test_a_base_is_read_wherever_it_stands_and_a_level_without_one_is_a_warning(tmp_path: Path) -> None:
    house = House(tmp_path)
    unstated = delivered(house, "2025-01-04", "value_constant_bn")
    stated = [
        delivered(house, "2025-01-05", "Giá so sánh 2010"),
        delivered(house, "2025-01-06", "Theo giá so sánh 2020"),
        delivered(house, "2025-01-07", "value_constant_bn,base_year", ",2010"),
    ]
    house.intake_night()
    read = {row["source_file"]: row["base_year"] for row in house.table("validated", "grdp")}
    assert read == dict(zip([unstated, *stated], (None, 2010, 2020, 2010), strict=True))
    assert {name: house.ledger(name)["findings_warning"] for name in read} == {
        **dict.fromkeys(stated, 0), unstated: 2,
    }  # fmt: skip
    rejects = "".join(p.read_text(encoding="utf-8-sig") for p in (house.home.root / "rejects").rglob("*.csv"))
    assert "constant_prices_state_their_base" in rejects


def test_a_base_that_every_earlier_delivery_said_is_missed(tmp_path: Path) -> None:
    house = House(tmp_path)
    said = delivered(house, "2025-01-05", "Giá so sánh 2010")
    silent = delivered(house, "2025-01-06", "Giá so sánh")
    house.intake_night()
    assert {row["source_file"] for row in house.table("validated", "grdp")} == {said}
    reason = house.ledger(silent)["reason"]
    assert "no column is base_year, which every earlier delivery had (1)" in reason
    assert "('Năm gốc' or 'base_year'), or say it in the header 'Giá so sánh {base_year}' and send" in reason


def test_two_deliveries_of_one_day_that_state_no_base_still_contradict_each_other(tmp_path: Path) -> None:
    house = House(tmp_path)
    name = delivered(house, "2025-01-08", "value_constant_bn")
    house.deliver(name.replace(".csv", "__again.csv"), f"{KEY},value_constant_bn\n94,GRDP,2024,1080\n")
    house.intake_night()
    assert house.ledger(name)["status"] == "rejected"
