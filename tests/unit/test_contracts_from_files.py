"""A contract proposed from a file: a CSV, a sheet with titles, and one with the month in its header."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
import yaml

from assets.layout import lay_out
from dbt_like_sql.contracts import load_contracts
from dbt_like_sql.periods import parse_period
from dbt_like_sql.project import load_project
from pipeline.scaffold.feed import new_feed
from pipeline.scaffold.from_file import proposed
from pipeline.scaffold.skeleton import ScaffoldError
from tests.office_made_files import raw_table, workbook

PROJECT = load_project()
MONTHLY = [
    ["2. Chỉ số sản xuất công nghiệp", None, None],
    [None, None, "%"],
    [None, "Tháng 6", "Tháng 7"],
    [None, "năm 2024", "năm 2024"],
    [None, "so với cùng kỳ", "so với cùng kỳ"],
    ["Toàn ngành", 112.36, 111.23],
    ["Khai khoáng", 88.94, 93],
]


def test_headers_of_a_csv_are_fields(tmp_path: Path):
    path = tmp_path / "sales.csv"
    path.write_text("area_code,month,value_bn\nVN,2024-07,12.5\n", encoding="utf-8")
    proposal = proposed(path, PROJECT)
    assert (proposal.fields, proposal.not_understood) == (("area_code", "month", "value_bn"), ())


def test_headers_below_titles_are_those_that_contracts_know(tmp_path: Path):
    path = tmp_path / "visits.xlsx"
    rows = [["KHÁCH DU LỊCH"], ["Tháng", "Tổng lượt khách (lượt)", "Ghi chép"], ["2024-07", 1200, 5]]
    path.write_bytes(workbook(rows))
    proposal = proposed(path, PROJECT)
    assert proposal.fields == ("month", "visitors")
    assert "title: KHÁCH DU LỊCH" in proposal.understood
    assert [said.split(":")[0] for said in proposal.not_understood] == ["column 3 'ghi chép'"]


def test_a_sheet_with_the_month_in_its_header_gives_a_contract_that_finds_it_in_every_month(tmp_path: Path):
    path = tmp_path / "industry.xlsx"
    path.write_bytes(workbook(MONTHLY))
    unnamed = proposed(path, PROJECT)
    assert len(unnamed.not_understood) == 2
    named = proposed(path, PROJECT, ("row_label", "index_yoy_month_before", "index_yoy"))
    assert named.fields == ("row_label", "index_yoy_month_before", "index_yoy", "month")
    new_feed("some_index", PROJECT, tmp_path, named.fields, ("row_label", "month"), "national", named)
    form = load_contracts(PROJECT.fields, tmp_path / "dbt_like_sql" / "sources")["some_index"].forms["xlsx"]
    assert form.columns == {
        "index_yoy_month_before": "tháng {month_before} năm {year} so với cùng kỳ",
        "index_yoy": "tháng {month} năm {year} so với cùng kỳ",
    }
    assert form.period_from == {"field": "month", "of": ["name"]}


def test_a_numbered_sheet_is_proposed_without_its_number_and_noise_as_such(tmp_path: Path):
    path = tmp_path / "industry.xlsx"
    path.write_bytes(workbook([*MONTHLY[:-1], ["Khai khoáng", 88.94123456789, 93]], "2.IIPthang"))
    proposal = proposed(path, PROJECT, ("row_label", "index_yoy_month_before", "index_yoy"), "2.IIPthang")
    new_feed("some_index", PROJECT, tmp_path, proposal.fields, ("row_label", "month"), "national", proposal)
    form = load_contracts(PROJECT.fields, tmp_path / "dbt_like_sql" / "sources")["some_index"].forms["xlsx"]
    assert form.sheets == ()
    assert form.sheet_pattern is not None
    assert re.search(form.sheet_pattern, "12. iipthang")
    assert (form.source_precision, form.round_to) == ("binary_float", 6)


def test_a_file_without_a_table_is_no_sample(tmp_path: Path):
    path = tmp_path / "letter.xlsx"
    path.write_bytes(workbook([["Kính gửi"], ["Các sở"]]))
    with pytest.raises(ScaffoldError, match="has a label and a figure"):
        proposed(path, PROJECT)


EXPORTS = [
    ["14. Hàng hóa xuất khẩu", None, None, None, None, None],
    [None, None, None, None, None, "Nghìn tấn; Triệu USD"],
    [None, None, "Ước tính", None, "Tháng 7 năm 2024", None],
    [None, None, "tháng 7 năm 2024", None, "so với cùng kỳ (%)", None],
    [None, None, "Lượng", "Trị giá", "Lượng", "Trị giá"],
    ["TỔNG TRỊ GIÁ", None, None, 35920, None, 119.1],
    ["MẶT HÀNG CHỦ YẾU", None, None, None, None, None],
    [None, "Hạt điều", 70, 428.5, 127.7, 140.4],
]
MERGED = ["C3:D3", "C4:D4", "E3:F3", "E4:F4"]


def exports(tmp_path: Path) -> Path:
    book = openpyxl.load_workbook(io.BytesIO(workbook(EXPORTS, "14.XK")))
    for cells in MERGED:
        book["14.XK"].merge_cells(cells)
    path = tmp_path / "exports.xlsx"
    book.save(path)
    return path


def test_merged_headers_and_a_first_row_without_a_quantity_give_labels_and_every_column(tmp_path: Path):
    path = exports(tmp_path)
    named = ("row_label", "value_bn", "ytd_bn", "index_yoy", "-")
    proposal = proposed(path, PROJECT, named, "14.XK", {"area_code": "VN"})
    assert proposal.not_understood == ()
    assert {"unit: Nghìn tấn; Triệu USD", "header: rows 3, 4, 5"} <= {*proposal.understood}
    new_feed("exports", PROJECT, tmp_path, proposal.fields, (), "national", proposal, constants={"area_code": "VN"})
    contract = load_contracts(PROJECT.fields, tmp_path / "dbt_like_sql" / "sources")["exports"]
    form = contract.forms["xlsx"]
    assert form.labels == {"field": "row_label"}
    assert form.columns == {
        "value_bn": "ước tính tháng {month} năm {year} lượng",
        "ytd_bn": "ước tính tháng {month} năm {year} trị giá",
        "index_yoy": r"tháng {month} năm {year} so với cùng kỳ \(%\) lượng",
    }
    assert form.constants == {"area_code": "VN"}
    assert contract.key == ("row_label", "month", "area_code")
    sample = next((tmp_path / "samples" / "inbox" / "exports").iterdir()).read_text(encoding="utf-8")
    assert {line.split(",")[-1] for line in sample.splitlines()[1:]} == {"VN"}


def test_a_suggested_expression_can_be_taken_from_the_comment_as_it_stands(tmp_path: Path):
    path = exports(tmp_path)
    proposal = proposed(path, PROJECT, (), "14.XK")
    new_feed("exports", PROJECT, tmp_path, proposal.fields, (), "national", proposal)
    (contract,) = (tmp_path / "dbt_like_sql" / "sources").rglob("exports.yml")
    asked = [line for line in contract.read_text(encoding="utf-8").splitlines() if "which field is it?" in line]
    found = [re.search(r"(?<=is it\? )'.*'(?= finds it)", line) for line in asked]
    patterns = [yaml.safe_load(match[0]) for match in found if match]
    assert r"tháng {month} năm {year} so với cùng kỳ \(%\) trị giá" in patterns
    assert len(patterns) == len(asked) == 4


def test_what_an_earlier_run_wrote_is_written_anew_until_somebody_has_put_it_into_words(tmp_path: Path):
    path = exports(tmp_path)
    first = proposed(path, PROJECT, ("row_label", "value_bn"), "14.XK")
    new_feed("exports", PROJECT, tmp_path, first.fields, (), "national", first)
    second = proposed(path, PROJECT, ("row_label", "index_yoy"), "14.XK")
    with pytest.raises(ScaffoldError, match="exist already"):
        new_feed("exports", PROJECT, tmp_path, second.fields, (), "national", second)
    new_feed("exports", PROJECT, tmp_path, second.fields, (), "national", second, again=True)
    contract = load_contracts(PROJECT.fields, tmp_path / "dbt_like_sql" / "sources")["exports"]
    assert [rule.name for rule in contract.fields] == ["row_label", "index_yoy", "month"]
    (written,) = (tmp_path / "dbt_like_sql" / "sources").rglob("exports.yml")
    text = written.read_text(encoding="utf-8").replace(" (đặt tên tiếng Việt)", " xuất khẩu")
    written.write_text(re.sub("(?m)^description_.*$", "", text), encoding="utf-8")
    with pytest.raises(ScaffoldError, match="put into words"):
        new_feed("exports", PROJECT, tmp_path, second.fields, (), "national", second, again=True)


def test_a_workbook_of_several_sheets_asks_for_the_sheet_by_the_options_name(tmp_path: Path):
    book = openpyxl.load_workbook(exports(tmp_path))
    book.create_sheet("15.NK")["A1"] = "Nhập khẩu"
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(ScaffoldError, match="--sheet"):
        proposed(tmp_path / "two.xlsx", PROJECT)


def lays_out(tmp_path: Path, name: str, rows: list[list[object]]) -> list[dict[str, object]]:
    """The rows that the contract of a scaffold reads from its own sample."""
    contract = load_contracts(PROJECT.fields, tmp_path / "dbt_like_sql" / "sources")[name]
    cells = [[None if cell is None else str(cell) for cell in row] for row in rows]
    result = lay_out(raw_table(cells), contract, contract.forms["xlsx"], PROJECT.fields, parse_period("2024-07"))
    assert [finding.sentence for finding in result.findings if finding.severity == "critical"] == []
    return result.rows.to_pylist()


@pytest.mark.parametrize("gap", [[], [None]])
def test_two_halves_of_a_table_side_by_side_are_seen_and_the_contract_reads_both(tmp_path: Path, gap: list[None]):
    path = tmp_path / "visits.xlsx"
    rows: list[list[object]] = [
        ["KHÁCH THÁNG 7 NĂM 2024"],
        ["Nước", "Khách", *gap, "Nước", "Khách"],
        ["Lào", 30, *gap, "Đức", 12],
        ["Pháp", 9, *gap, "Nga", 15],
    ]
    path.write_bytes(workbook(rows))
    proposal = proposed(path, PROJECT, ("row_label", "visitors"))
    assert proposal.not_understood == ()
    assert any(line.startswith("2 tables stand side by side (columns A to B, ") for line in proposal.understood)
    new_feed("origins", PROJECT, tmp_path, proposal.fields, (), "national", proposal)
    found = lays_out(tmp_path, "origins", rows)
    assert [(row["row_label"], row["visitors"], row["month"]) for row in found] == [
        ("Lào", "30", "2024-07"), ("Pháp", "9", "2024-07"), ("Đức", "12", "2024-07"), ("Nga", "15", "2024-07"),
    ]  # fmt: skip


def test_two_tables_side_by_side_that_begin_unlike_are_asked_about(tmp_path: Path):
    path = tmp_path / "visits.xlsx"
    path.write_bytes(workbook([["Tỉnh", "Khách", None, "Nước", "Khách"], ["Cần Thơ", 30, None, "Đức", 12]]))
    proposal = proposed(path, PROJECT, ("row_label", "visitors"))
    assert [line.split(":")[0] for line in proposal.not_understood if "side by side" in line] == [
        "2 tables stand side by side (columns A to B, D to E)"
    ]
    assert proposal.fields[:2] == ("row_label", "visitors")


def test_a_wide_table_is_not_taken_for_two(tmp_path: Path):
    path = tmp_path / "visits.xlsx"
    path.write_bytes(workbook([["Tỉnh", "Khách", "Tỷ lệ", "Khách", "Tỷ lệ"], ["Cần Thơ", 30, 5, 12, 3]]))
    assert not any("side by side" in line for line in proposed(path, PROJECT).not_understood)
