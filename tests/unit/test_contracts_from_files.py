"""A contract proposed from a file: a CSV, a sheet with titles, and one with the month in its header."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dbt_like_sql.contracts import load_contracts
from dbt_like_sql.project import load_project
from pipeline.scaffold.feed import new_feed
from pipeline.scaffold.from_file import proposed
from pipeline.scaffold.skeleton import ScaffoldError
from tests.files import workbook

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
