"""By which revision a gap is judged: first releases before vintages, the area's own before the country's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sql_on_rows import Tables
from tests.unit.test_growth_revisions import said, vintage

Row = dict[str, Any]
ENDS = {"Q1": "{}-04-01", "Q2": "{}-07-01", "Q3": "{}-10-01", "Q4": "{}-12-31"}
REGISTER = Decimal("0.82")


def growth_of_2024(*vintages: Sequence[Row], sector: str = "CON", **more: Sequence[Row]) -> Row:
    rows: Mapping[str, Sequence[Row]] = {"grdp": [row for one in vintages for row in one], **more}
    (row,) = [
        row
        for row in Tables(validated=rows).compute("sector_growth_vs_target", "2025-06-01")
        if (row["area_code"], row["sector_code"], row["period"]) == ("94", sector, "2024")
    ]
    return row


def year(growth: str, **more: Any) -> list[Row]:
    return vintage("2025-01-15", "estimate_2", {"2023": "1000", "2024": str(10 * (100 + Decimal(growth)))}, **more)


def quarters_told_twice(years: Sequence[int], area: str = "94", **more: Any) -> list[list[Row]]:
    """Each quarter is first said to grow by 10 % the day after it ends, and half a year later by 12 %."""
    told: dict[str, str] = {}
    deliveries = []
    for one in years:
        for quarter, day in ENDS.items():
            told |= {f"{one - 1}-{quarter}": "100", f"{one}-{quarter}": "110"}
            this = {period: told[period] for period in (f"{one - 1}-{quarter}", f"{one}-{quarter}")}
            deliveries.append(vintage(day.format(one), "estimate_1", this, area_code=area, **more))
        later = {f"{y}-{quarter}": "112" if y == one else "100" for y in (one - 1, one) for quarter in ENDS}
        deliveries.append(vintage(f"{one + 1}-06-30", "preliminary", later, area_code=area, **more))
    return [
        [{**row, "delivery_id": f"{area} {row['released_on']}", "area_code": area} for row in d] for d in deliveries
    ]


@pytest.mark.parametrize(
    ("growth", "is_within"), [("24.80", True), ("24.79", False), ("26.42", True), ("26.43", False)]
)
def test_where_no_vintages_landed_a_gap_is_judged_by_the_register(growth: str, *, is_within: bool) -> None:
    """The register says 0.82 pp for construction: a target of 25.61 % is near from 24.79 to 26.43, both excluded."""
    row = growth_of_2024(year(growth))
    assert (row["within_revision_error"], row["mean_absolute_revision_pp"]) == (is_within, REGISTER)
    assert row["revision_kind"] == "vintage_revision"
    assert "18 revisions (a lower bound" in row["revision_basis_en"]
    assert row["revision_basis_vi"].startswith(
        "Việt Nam, tốc độ tăng theo quý, lần công bố cũ nhất so với lần mới nhất"
    )


def test_eight_first_releases_of_its_own_stand_before_the_register() -> None:
    row = growth_of_2024(*quarters_told_twice((2021, 2023)), year("27.60"))
    assert (row["revision_kind"], row["mean_absolute_revision_pp"]) == ("first_release_revision", 2)
    assert row["within_revision_error"] is True, "1.99 pp above 25.61 is no more than such figures move"
    assert row["revision_basis_en"].startswith(
        "Soc Trang province, quarterly growth, first release against the newest, Q1 2021 to Q4 2023, 8 revisions"
    )


def test_four_first_releases_of_its_own_are_too_few() -> None:
    row = growth_of_2024(*quarters_told_twice((2023,)), year("27.60"))
    assert (row["revision_kind"], row["mean_absolute_revision_pp"]) == ("vintage_revision", REGISTER)


def test_first_releases_of_the_country_stand_in_before_vintages_of_the_register() -> None:
    row = growth_of_2024(*quarters_told_twice((2021, 2023), area="VN"), year("24.00"))
    assert (row["revision_kind"], row["mean_absolute_revision_pp"]) == ("first_release_revision", 2)
    assert row["revision_basis_en"].startswith("Viet Nam, quarterly growth, first release")
    assert row["revision_basis_en"].endswith("(a lower bound for this figure of a province)")


def test_simulated_revisions_judge_no_real_figure() -> None:
    simulated = quarters_told_twice((2021, 2023), is_simulated=True)
    real = growth_of_2024(*simulated, year("24.00"))
    assert (real["is_simulated"], real["mean_absolute_revision_pp"]) == (False, REGISTER)
    made_up = growth_of_2024(*simulated, year("24.00", is_simulated=True))
    assert (made_up["is_simulated"], made_up["mean_absolute_revision_pp"]) == (True, 2)


def test_the_scorecard_says_by_which_kind_its_gap_is_judged() -> None:
    published = [said("2024", "3.94", "2024-12-02", "estimate_2", indicator="sector_i_growth")]
    cards = Tables(validated={"published_figures": published}).compute("directive_scorecard", "2025-02-10")
    (row,) = [card for card in cards if card["item"] == "KV1"]
    assert (row["status"], row["within_revision_error"], row["revision_kind"]) == ("missed", True, "vintage_revision")
    assert row["mean_absolute_revision_pp"] == Decimal("0.23")
    assert "mức điều chỉnh số liệu bình quân (0,23 điểm phần trăm)" in row["status_reason_vi"]
