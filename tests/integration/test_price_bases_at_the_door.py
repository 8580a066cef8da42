"""The price base of a delivery as its supplier states it: in a header, in a column, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from tests.house import House, Unpublished, csv_text

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


def test_a_delivery_in_a_newer_base_is_linked_to_earlier_ones_series_by_series(tmp_path: Path) -> None:
    """Industry 100 to 110 and construction 100 to 102 in prices of 2010; in those of 2020 they begin at 200 and 120."""
    house = Unpublished(tmp_path)
    header = ("area_code", "sector_code", "period", "value_constant_bn", "base_year")

    def deliver(name: str, base: int, levels: Mapping[str, Sequence[object]]) -> None:
        rows = [
            ("94", sector, period, value, base)
            for period, values in levels.items()
            for sector, value in zip(("IND", "CON", "II"), values, strict=True)
        ]
        house.deliver(name, csv_text(header, *rows))

    old = {"2024": (100, 100, 200), "2025": (110, 102, 212), "2025-Q1": (25, 30, 55)}
    deliver("grdp__2024..2025__2026-01-06.csv", 2010, old)
    new = {"2024": (200, 120, 320), "2025": ("…", "…", "…"), "2026-Q1": (55, "39.6", "94.6")}
    deliver("grdp__2024..2026__2026-04-01.csv", 2020, new)
    house.part_night("sector_growth_vs_target", as_of=dt.date(2026, 4, 5))
    told = {path.name: house.ledger(path.name) for path in house.inbox.rglob("*.csv")}
    assert {row["status"] for row in told.values()} == {"accepted"}, [row["reason"] for row in told.values()]
    rows = {(row["sector_code"], row["period"]): row for row in house.mart("sector_growth_vs_target")}

    shown = ("growth_yoy_pct", "base_year", "is_linked", "linked_base_year", "linked_level_constant_bn")
    assert [rows["IND", "2025"][name] for name in shown] == [10, 2010, False, 2020, 220]
    assert [rows["CON", "2025"][name] for name in shown] == [2, 2010, False, 2020, Decimal("122.4")]
    assert [rows["II", "2025"][name] for name in shown] == [6, 2010, False, 2020, Decimal("339.2")]
    assert rows["II", "2025"]["linking_residual_bn"] == Decimal("-3.2"), "339.2 less 220 and 122.4"
    assert [rows[s, "2025"]["linking_factor"] for s in ("IND", "CON", "II")] == [2, Decimal("1.2"), Decimal("1.6")]

    across = rows["II", "2026-Q1"]
    assert (across["growth_yoy_pct"], across["base_year"], across["is_linked"]) == (Decimal("7.5"), 2020, True)
    assert (across["link_year"], across["contribution_pp"], across["linked_level_constant_bn"]) == (2024, None, None)
    assert [rows[s, "2026-Q1"]["growth_yoy_pct"] for s in ("IND", "CON")] == [10, 10]
