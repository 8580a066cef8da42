"""A directive is a folder of files: the next one is a folder more, and nothing else is edited."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import HERE
from dbt_like_sql.project import load_project
from tests.unit.disbursement_rows import Row, delivered
from tests.unit.sql_on_rows import Tables, compute

NEXT_YEAR = {
    "directives__27_nq_hdnd": (
        "directive,title_vi,title_en,issuer_code,issued_on,area_code,source_note\n"
        "27-NQ-HDND,Nghị quyết năm 2026,Resolution for 2026,HDNDT,2025-12-08,94,made up for this test\n"
    ),
    "directive_items__27_nq_hdnd": (
        "directive,item,item_order,clause,item_kind,indicator,area_code,sector_code,board_code,key_item,comparator,"
        "threshold,unit,period,deadline_on,denominator,basis,title_vi,title_en,source_note\n"
        "27-NQ-HDND,KV1,1,1,target,sector_i_growth,94,I,,,>,3.5,percent,2026,2026-12-31,,resolution,"
        "Tăng trưởng khu vực I,Growth of sector I,made up for this test\n"
    ),
    "directive_item_agencies__27_nq_hdnd": (
        "directive,item,agency_code,agency_role,source_note\n27-NQ-HDND,KV1,SNNPTNT,lead,made up for this test\n"
    ),
}


def copied(root: Path, files: dict[str, str]) -> Path:
    """Copy the declarations and add files to a folder of their own among the seeds."""
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    folder = root / "seeds" / "directives" / "next"
    folder.mkdir()
    for stem, text in files.items():
        (folder / f"{stem}.csv").write_text(text, encoding="utf-8")
    return root


def growth(period: str, value: str, said_on: str) -> Row:
    return {
        "indicator": "grdp_growth",
        "area_code": "94",
        "period": period,
        "measure": "growth_yoy",
        "value": Decimal(value),
        "unit": "percent",
        "said_on": dt.date.fromisoformat(said_on),
        "estimate_stage": "estimate_1",
        "publisher": "Cục Thống kê tỉnh Sóc Trăng",
        "trust": "press",
        "source_url": "https://example.vn",
    }


def levels(year: int, released_on: str, **sectors: int) -> list[Row]:
    rows = [
        {"area_code": "94", "sector_code": code, "period": str(year), "value_constant_bn": value}
        for code, value in sectors.items()
    ]
    return delivered(rows, "grdp", str(year), released_on)


def resolution_of_2025(as_of: str, said: list[Row] | None = None) -> Row:
    """The row of the resolution's target as of a day, on published figures."""
    figures = delivered(said or [growth("2024", "7.07", "2025-01-15")], "published_figures", "2025", "2025-05-16")
    rows = compute("directive_scorecard", as_of, validated={"published_figures": figures})
    (row,) = [row for row in rows if row["directive"] == "25-NQ-CP"]
    return row


def test_a_third_directive_needs_its_files_and_nothing_else(tmp_path: Path) -> None:
    project = load_project(copied(tmp_path / "sql", NEXT_YEAR))
    assert [path.stem for path in project.seeds["directives"].paths] == [
        "directives__25_nq_cp",
        "directives__2724_ubnd_th",
        "directives__27_nq_hdnd",
    ]
    grdp = [*levels(2025, "2026-10-01", I=1000), *levels(2026, "2026-12-01", I=1040)]
    tables = Tables(validated={"grdp": grdp}, project=project)
    rows = {(row["directive"], row["item"]): row for row in tables.compute("directive_scorecard", "2027-01-10")}
    new = rows["27-NQ-HDND", "KV1"]
    assert (new["actual"], new["threshold"], new["status"]) == (Decimal(4), Decimal("3.5"), "achieved")
    assert (new["lead_agency_code"], new["basis"], new["period"]) == ("SNNPTNT", "resolution", "2026")
    assert rows["2724-UBND-TH", "KV1"]["status"] == "no_data"
    assert rows["25-NQ-CP", "GRDP"]["threshold"] == 8


def test_the_target_of_2025_is_not_due_in_february_2025() -> None:
    row = resolution_of_2025("2025-02-10")
    assert (row["status"], row["actual"], row["threshold"], row["comparator"]) == ("not_yet_due", None, 8, ">=")
    assert (row["basis"], row["period"], row["lead_agency_code"]) == ("resolution", "2025", "UBNDT")


def test_a_directive_is_absent_before_its_day_of_issue() -> None:
    figures = [growth("2024-6M", "6.54", "2024-07-01"), growth("2024", "7.07", "2024-08-01")]
    said = delivered(figures, "published_figures", "2024", "2024-08-02")
    for mart in ("directive_scorecard", "dim_directive_item", "item_agencies", "evidence"):
        assert compute(mart, "2024-08-25", validated={"published_figures": said}) == []
    directives = {row["directive"] for row in compute("directive_scorecard", "2025-02-04")}
    assert directives == {"2724-UBND-TH"}, "the resolution of 2025 is of 5 February"
    (grdp,) = [
        row
        for row in compute("directive_scorecard", "2024-08-26", validated={"published_figures": said})
        if row["directive"] == "2724-UBND-TH" and row["item"] == "GRDP"
    ]
    assert (grdp["actual"], grdp["evidence_period"], grdp["status"]) == (Decimal("6.54"), "2024-6M", "at_risk")
    assert grdp["office_forecast"] == Decimal("7.07"), "the year is not over: an estimate of it is no verdict"


def test_a_target_whose_area_ended_before_its_period_ends_with_it() -> None:
    assert resolution_of_2025("2025-06-30")["status"] == "no_data"
    row = resolution_of_2025("2025-07-01", [growth("2025-6M", "8.2", "2025-07-01")])
    assert row["status"] == "not_comparable"
    assert row["status_reason_vi"] == (
        "Tỉnh Sóc Trăng kết thúc hoạt động ngày 30/06/2025, đơn vị kế tục là Thành phố Cần Thơ; chỉ tiêu giao cho địa "
        "bàn cũ không còn hiệu lực từ sau ngày đó"
    )
    assert row["next_step_vi"] == "Cơ quan kế tục xác định lại chỉ tiêu cho địa bàn mới"
    letter = compute("directive_scorecard", "2025-07-15")
    ended = [row for row in letter if row["directive"] == "2724-UBND-TH" and row["status"] == "not_comparable"]
    assert not ended, "the period of the letter was over before"


def register_of_areas(ended: str, successor: str | None) -> list[Row]:
    """A register of the country, a province that ends on a day, and the one that may follow it."""

    def unit(code: str, name: str, **more: Any) -> Row:
        return {"admin_unit_code": code, "name_vi": name, "name_en": name, "admin_level": "province", **more}

    return [
        unit("VN", "Cả nước") | {"admin_level": "country"},
        unit("94", "Tỉnh Cũ", valid_to=dt.date.fromisoformat(ended), successor_admin_unit_code=successor),
        unit("95", "Tỉnh Mới", valid_from=dt.date.fromisoformat(ended) + dt.timedelta(days=1)),
    ]


@pytest.mark.parametrize(
    ("successor", "vi", "en"),
    [
        ("95", "đơn vị kế tục là Tỉnh Mới", "followed by Tỉnh Mới"),
        (None, "danh mục chưa ghi đơn vị kế tục", "the register names no successor"),
    ],
)
def test_an_area_that_a_register_ends_takes_its_targets_with_it(successor: str | None, vi: str, en: str) -> None:
    """The province ends on 30 November 2024: targets of the year end with it, what was due on 30 September stands."""
    areas = register_of_areas("2024-11-30", successor)
    said = delivered([growth("2024-9M", "6.55", "2024-10-11")], "published_figures", "2024", "2024-10-12")
    cards = [
        {
            row["item"]: row
            for row in compute(
                "directive_scorecard", day, validated={"published_figures": said}, seeds={"admin_units": areas}
            )
            if row["directive"] == "2724-UBND-TH"
        }
        for day in ("2024-11-30", "2024-12-01")
    ]
    assert cards[0]["GRDP"]["status"] == "at_risk", "on its last day the area is there"
    ended = cards[1]["GRDP"]
    assert ended["status"] == "not_comparable"
    assert ended["status_reason_vi"].startswith(f"Tỉnh Cũ kết thúc hoạt động ngày 30/11/2024, {vi}")
    assert ended["status_reason_en"].startswith("Tỉnh Cũ ended on 2024-11-30, ")
    assert en in ended["status_reason_en"]
    assert "Cơ quan kế tục" in ended["next_step_vi"]
    assert cards[1]["DIS-Q3-1"]["status"] == cards[0]["DIS-Q3-1"]["status"] == "no_data"


def test_the_target_of_2025_lacks_its_figure_once_the_first_quarter_should_be_out() -> None:
    row = resolution_of_2025("2025-05-20")
    assert (row["status"], row["actual"]) == ("no_data", None)
    assert "2025" in row["status_reason_en"]


@pytest.mark.parametrize(
    ("value", "ratio", "status"), [("8.2", "1.025", "at_risk"), ("6.4", "0.8", "at_risk"), ("4", "0.5", "off_track")]
)
def test_the_target_of_2025_is_judged_as_soon_as_a_quarter_is_published(value: str, ratio: str, status: str) -> None:
    row = resolution_of_2025("2025-05-20", [growth("2025-Q1", value, "2025-04-06")])
    assert (row["actual"], row["evidence_period"]) == (Decimal(value), "2025-Q1")
    assert (row["progress_ratio"], row["status"]) == (Decimal(ratio), status)


def test_the_target_of_2025_is_judged_on_the_half_year_when_that_is_out() -> None:
    said = [growth("2025-Q1", "8.2", "2025-04-06"), growth("2025-6M", "7.9", "2025-07-04")]
    row = resolution_of_2025("2025-07-10", said)
    assert (row["actual"], row["evidence_period"]) == (Decimal("7.9"), "2025-6M")


def test_the_target_of_2024_is_not_touched_by_that_of_2025() -> None:
    figures = delivered(
        [growth("2024", "7.07", "2025-01-15"), growth("2025-Q1", "9", "2025-04-06")],
        "published_figures", "2025", "2025-05-16",
    )  # fmt: skip
    rows = compute("directive_scorecard", "2025-05-20", validated={"published_figures": figures})
    found = {(row["directive"], row["item"]): (row["actual"], row["status"]) for row in rows if row["item"] == "GRDP"}
    assert found["2724-UBND-TH", "GRDP"] == (Decimal("7.07"), "achieved")
    assert found["25-NQ-CP", "GRDP"][0] == 9


BAD: list[tuple[dict[str, str], str]] = [
    ({"directives__more": "directive,title_vi\nX,Y\n"}, r"directives__more.csv: its header differs from that of"),
    ({"directives": NEXT_YEAR["directives__27_nq_hdnd"]}, r"the seed 'directives' is one file directives.csv, or"),
    ({"directives__25_nq_cp": NEXT_YEAR["directives__27_nq_hdnd"]}, r"that each have a name\s+of their own"),
    ({"directives__more": "directive,colour\nX,Y\n"}, r"directives__more.csv: not in fields/: colour"),
]


@pytest.mark.parametrize(("files", "sentence"), BAD)
def test_parts_that_do_not_fit_are_refused(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        load_project(copied(tmp_path / "sql", files))


def test_a_change_in_any_part_changes_the_digest_of_the_register(tmp_path: Path) -> None:
    root = copied(tmp_path / "sql", NEXT_YEAR)
    before: dict[str, Any] = {name: seed.digest for name, seed in load_project(root).seeds.items()}
    part = root / "seeds" / "directives" / "next" / "directives__27_nq_hdnd.csv"
    part.write_text(part.read_text(encoding="utf-8").replace("2025-12-08", "2025-12-09"), encoding="utf-8")
    after = {name: seed.digest for name, seed in load_project(root).seeds.items()}
    assert {name for name in after if after[name] != before[name]} == {"directives"}
