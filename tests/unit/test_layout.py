"""Raw cells laid out by a contract: where the table lies, what its columns are, and that no row goes
missing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.layout import ParsedRows, lay_out
from dbt_like_sql.contracts import Contract, FieldRule, FileForm, Schedule
from dbt_like_sql.fields import Field
from tests.office_made_files import raw_table


def field(name: str, type_: str = "varchar", unit: str = "text", format_: str | None = None) -> Field:
    return Field(name, type_, unit, "public", name, name, name, name, format=format_)


FIELDS = {
    f.name: f
    for f in (
        field("sector_code"),
        field("row_label"),
        field("period", format_="period"),
        field("month", format_="month"),
        field("value_bn", "decimal(20,6)", "bn VND"),
        field("current_bn", "decimal(20,6)", "bn VND at current prices"),
        field("note"),
        field("base_year", "integer", "year"),
    )
}
VALUE = FieldRule("value_bn", headers=("Giá so sánh 2010", "Giá trị | Giá so sánh 2010"))
CURRENT = FieldRule("current_bn", headers=("Giá hiện hành", "Giá trị | Giá hiện hành"))
SECTOR = FieldRule("sector_code", required=True, headers=("Mã số", "Mã ngành"))
PERIOD = FieldRule("period", required=True, headers=("Kỳ",))
LABEL = FieldRule("row_label", headers=("Chỉ tiêu",))
LONG = FileForm(reader="csv")
SHEET = FileForm(reader="xlsx", header_rows=2, numbers="vi", ends_at="(?i)^(ghi chú|nguồn)")
WIDE = FileForm(
    reader="xlsx", header_rows=2, melt={"field": "period", "groups": r"^(?:ước )?(?P<period>(quý|năm) .*)$"}
)


def contract(*rules: FieldRule, form: FileForm = LONG) -> Contract:
    return Contract(
        feed="grdp", title_en="", title_vi="", description_en="", description_vi="", supplier="", supplier_en="",
        owner="", kind="increment", schedule=Schedule("quarterly"), key=(),
        fields=rules or (SECTOR, PERIOD, VALUE), forms={"csv": form},
    )  # fmt: skip


def laid_out(rows: Sequence[Sequence[str | None]], *rules: FieldRule, form: FileForm = LONG, **raw: Any) -> ParsedRows:
    return lay_out(raw_table(rows, **raw), contract(*rules, form=form), form, FIELDS)


def values(result: ParsedRows, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in result.rows.to_pylist()]


def checks(result: ParsedRows) -> list[tuple[str, str]]:
    return [(finding.check, finding.severity) for finding in result.findings]


def test_canonical_names_are_always_accepted_as_headers():
    result = laid_out([["period", "value_bn", "sector_code"], ["2024", "1.5", "I"]])
    assert values(result, "sector_code", "period", "value_bn", "kinds", "source_row") == [
        ("I", "2024", "1.5", "sss", 2)
    ]
    assert (result.findings, result.rows_in, result.rows_set_aside) == ([], 1, {"header": 1})


@pytest.mark.parametrize(("wholes", "rows_read"), [((), [2, 3]), (("Total",), [5, 2, 3])])
def test_a_row_that_says_total_is_data_where_the_contract_names_its_label_and_is_set_aside_elsewhere(wholes, rows_read):
    rows = [
        ["row_label", "period", "value_bn"],
        ["TOTAL", "2024", "5"],
        ["Flats", "2024", "2"],
        ["Houses", "2024", "3"],
    ]
    result = laid_out(rows, FieldRule("row_label", required=True, wholes=wholes), PERIOD, VALUE)
    assert [int(value) for (value,) in values(result, "value_bn")] == rows_read
    assert result.rows_set_aside.get("total", 0) == 3 - len(rows_read)


def test_headers_are_compared_without_case_spaces_or_encoding_of_marks():
    header = ["  MÃ   số", unicodedata.normalize("NFD", "Kỳ"), "giá\nso sánh 2010"]
    result = laid_out([header, ["I", "2024", "1"]])
    assert values(result, "sector_code", "period", "value_bn") == [("I", "2024", "1")]
    assert not result.findings


def test_values_lose_the_spaces_around_them_and_are_composed():
    name = unicodedata.normalize("NFD", "Tổng số")
    result = laid_out([["Mã số", "Kỳ", "Chỉ tiêu"], ["I", "2024", f"\xa0  {name} "]], SECTOR, PERIOD, LABEL)
    assert values(result, "row_label") == [("Tổng số",)]


def test_an_office_sheet_is_laid_out_whole():
    rows = [
        ["TỔNG SẢN PHẨM", None, None, None],
        ["Quý III năm 2024", None, None, None],
        [None, None, None, "Đơn vị tính: Tỷ đồng"],
        ["Chỉ tiêu", "Mã số", "Giá trị", None],
        [None, None, "Giá so sánh 2010", "Giá hiện hành"],
        ["A", "B", "1", "2"],
        ["Tổng số", "GRDP", "7.310,5", "…"],
        ["Trong đó:", None, None, None],
        ["  Nông nghiệp", "I", "-", "19,06"],
        ["Ghi chú: số sơ bộ", None, None, None],
        ["Người lập biểu", None, None, None],
    ]
    merged = [[1, 1, 1, 4], [4, 1, 5, 1], [4, 2, 5, 2], [4, 3, 4, 4]]
    result = laid_out(rows, LABEL, SECTOR, VALUE, CURRENT, form=SHEET, sheet="GRDP", merged=merged)
    assert values(result, "row_label", "sector_code", "value_bn", "current_bn") == [
        ("Tổng số", "GRDP", "7.310,5", "…"),
        ("Nông nghiệp", "I", "-", "19,06"),
    ]
    assert values(result, "source_sheet", "source_row") == [("GRDP", 7), ("GRDP", 9)]
    assert result.rows_set_aside == {"footer": 2, "header": 2, "heading": 1, "numbering": 1, "title": 2, "unit_line": 1}
    assert (result.physical_rows, result.data_rows) == (11, 2)
    assert not result.findings


def test_a_sheet_whose_merged_cells_are_unknown_is_read_too():
    rows = [["Mã số", "Kỳ", "Giá trị", ""], ["", "", "Giá so sánh 2010", "Giá hiện hành"], ["I", "2024", "1", "2"]]
    result = laid_out(rows, SECTOR, PERIOD, VALUE, CURRENT, form=SHEET)
    assert values(result, "sector_code", "value_bn", "current_bn") == [("I", "1", "2")]


@pytest.mark.parametrize(
    ("row", "is_data"),
    [
        (["A", "B", "1"], False),
        (["(1)", "(2)", "(3)=(2)/(1)"], False),
        (["1", "2", "3"], False),
        (["A", "2024", "1"], True),
        (["A", "B", "2"], True),
        (["A", "B", ""], True),
    ],
)
def test_only_a_row_that_numbers_every_column_is_a_numbering_row(row, is_data):
    result = laid_out([["Mã số", "Kỳ", "Giá so sánh 2010"], row, ["I", "2024", "5"]])
    assert result.rows_in == (2 if is_data else 1)
    assert result.rows_set_aside.get("numbering", 0) == (0 if is_data else 1)


def test_a_header_repeated_on_the_next_page_is_no_data():
    header = ["Mã số", "Kỳ", "Giá so sánh 2010"]
    result = laid_out([header, ["I", "2024", "5"], header, ["II", "2024", "6"]])
    assert values(result, "sector_code") == [("I",), ("II",)]
    assert result.rows_set_aside == {"header": 2}


def test_a_wide_table_becomes_one_row_for_each_group_that_holds_anything():
    rows = [
        ["Mã số", "Quý III năm 2023", None, "Ước quý III năm 2024", None, "So sánh (%)"],
        [None, "Giá so sánh 2010", "Giá hiện hành", "Giá so sánh 2010", "Giá hiện hành", None],
        ["GRDP", "1.000", "1.500", "1.074", "1.650", "107,4"],
        ["I", "400", "600", None, None, None],
        ["II", None, None, None, None, "1"],
    ]
    merged = [[1, 1, 2, 1], [1, 2, 1, 3], [1, 4, 1, 5], [1, 6, 2, 6]]
    result = laid_out(rows, SECTOR, PERIOD, VALUE, CURRENT, form=WIDE, sheet="GRDP", merged=merged)
    assert values(result, "source_row", "sector_code", "period", "value_bn", "current_bn") == [
        (3, "GRDP", "2023-Q3", "1.000", "1.500"),
        (3, "GRDP", "2024-Q3", "1.074", "1.650"),
        (4, "I", "2023-Q3", "400", "600"),
    ]
    assert checks(result) == [("no_unknown_columns", "warning")]
    assert (result.rows_in, result.data_rows, result.physical_rows) == (3, 3, 5)


def test_a_long_table_under_a_wide_form_is_read_by_its_canonical_names():
    result = laid_out(
        [["sector_code", "period", "value_bn"], ["I", "2024-Q3", "5"]], form=WIDE, sheet="GRDP", merged=[]
    )
    assert values(result, "sector_code", "period", "value_bn") == [("I", "2024-Q3", "5")]
    assert not result.findings


def test_a_missing_required_column_names_what_was_expected_and_what_was_found():
    result = laid_out([["Kỳ", "Giá so sánh 2010", "Vùng"], ["2024", "1", "x"]])
    finding = result.findings[0]
    assert (finding.check, finding.severity, finding.column) == (
        "required_columns_are_present",
        "critical",
        "sector_code",
    )
    for word in ("grdp", "file.csv", "'Mã số'", "'sector_code'", "'vùng'"):
        assert word in finding.sentence
    assert result.rows_in == 1


def test_a_missing_optional_column_is_null_and_no_finding():
    result = laid_out([["Mã số", "Kỳ"], ["I", "2024"]])
    assert values(result, "value_bn", "kinds") == [(None, "ss_")]
    assert not result.findings


def test_an_unknown_column_is_a_warning_and_a_column_of_ordinals_is_not():
    result = laid_out([["STT", "Mã số", "Kỳ", "Ghi chú của phòng", ""], ["1", "I", "2024", "", "9"]])
    assert checks(result) == [("no_unknown_columns", "warning"), ("no_unknown_columns", "warning")]
    assert "ghi chú của phòng" in result.findings[0].sentence
    assert "column 5" in result.findings[1].sentence


def test_two_columns_of_one_field_reject_the_delivery():
    result = laid_out([["Mã số", "Mã ngành", "Kỳ"], ["I", "I", "2024"]])
    assert checks(result) == [("no_duplicate_headers", "critical")]


def test_a_file_without_a_known_header_offers_nothing_and_says_what_it_found():
    result = laid_out([["Dân số"], ["Năm", "Người"], ["2024", "1.200.000"]])
    assert checks(result) == [("header_is_found", "critical")]
    assert "'Năm | Người'" in result.findings[0].sentence
    assert (result.rows_in, result.rows_set_aside, result.physical_rows) == (None, {"unread": 3}, 3)


def test_rows_with_too_many_or_too_few_cells_are_kept_and_found():
    header = ["Mã số", "Kỳ", "Giá so sánh 2010"]
    result = laid_out(
        [header, ["I", "2024", "1"], ["II", "2024", "1", "5"], ["III", "2024"], ["TAX", "2024", "1", "", " "]]
    )
    assert checks(result) == [("row_has_as_many_cells_as_the_header", "critical")] * 2
    assert [finding.source_row for finding in result.findings] == [3, 4]
    assert values(result, "value_bn") == [("1",), ("1",), (None,), ("1",)]


def test_data_below_the_closing_notes_is_never_lost_in_silence():
    rows = [
        ["Mã số", "Kỳ", "Giá so sánh 2010"],
        ["I", "2024", "1"],
        ["Nguồn: Cục Thống kê", "", ""],
        ["II", "2024", "2"],
    ]
    result = laid_out(rows, form=SHEET)
    assert checks(result) == [("nothing_follows_the_table", "critical")]
    assert result.findings[0].source_row == 4


@pytest.mark.parametrize(
    ("line", "declared", "expected"),
    [
        ("Đơn vị tính: Tỷ đồng", None, []),
        ("ĐVT: triệu đồng", None, [("unit_is_the_declared_one", "critical")]),
        ("(Đơn vị: đồng)", None, [("unit_is_the_declared_one", "critical")]),
        ("Đơn vị tính: %", None, []),
        ("Đơn vị tính: Tỷ đồng", "tỷ đồng", []),
        ("Đơn vị tính: Triệu đồng", "tỷ đồng", [("unit_is_the_declared_one", "critical")]),
        ("Quý III", "tỷ đồng", [("unit_line_is_present", "warning")]),
    ],
)
def test_a_sheet_in_another_unit_than_its_contract_is_rejected(line, declared, expected):
    form = FileForm(reader="xlsx", unit_line=declared)
    result = laid_out([["", "", line], ["Mã số", "Kỳ", "Giá so sánh 2010"], ["I", "2024", "1"]], form=form)
    assert checks(result) == expected


def test_periods_become_codes_and_what_cannot_be_read_is_found_by_row():
    rows = [["Mã số", "Kỳ"], ["I", "Quý III năm 2024"], ["I", "Sơ bộ 2023"], ["I", "quý sau"], ["I", ""], ["I", "…"]]
    result = laid_out(rows)
    assert values(result, "period") == [("2024-Q3",), ("2023",), ("quý sau",), ("",), ("…",)]
    (finding,) = result.findings
    assert (finding.check, finding.severity, finding.source_row, finding.value) == (
        "period_is_readable", "critical", 4, "quý sau",
    )  # fmt: skip


def test_a_month_that_a_spreadsheet_made_a_date_is_that_month_and_another_kind_is_found():
    month = FieldRule("month", required=True)
    rows = [["sector_code", "month"], ["I", "2024-08-01"], ["I", "Tháng 9/2024"], ["I", "2024-Q3"], ["I", "2024-08-15"]]
    result = laid_out(rows, SECTOR, month)
    assert values(result, "month") == [("2024-08",), ("2024-09",), ("2024-Q3",), ("2024-08-15",)]
    assert [finding.source_row for finding in result.findings] == [4, 5]


def test_a_date_cell_on_the_first_of_a_month_is_no_clear_period():
    rows = [["Mã số", "Kỳ"], ["I", "2024-08-01"], ["I", "2024-08-01"], ["I", "2024-10-31"]]
    result = laid_out(rows, SECTOR, PERIOD, kinds=["ss", "sd", "ss", "sd"])
    (finding,) = result.findings
    assert (finding.check, finding.source_row) == ("period_is_readable", 2)
    assert "type the period as text" in finding.sentence


def test_a_row_without_key_and_number_but_with_several_cells_is_data():
    rows = [["Mã số", "Kỳ", "Chỉ tiêu", "note"], ["", "", "Nông nghiệp", ""], ["", "", "Nông nghiệp", "mới"]]
    result = laid_out(rows, SECTOR, PERIOD, LABEL, FieldRule("note"))
    assert values(result, "source_row") == [(3,)]
    assert result.rows_set_aside == {"header": 1, "heading": 1}


def test_constants_fill_the_columns_that_a_file_does_not_have():
    form = FileForm(reader="csv", constants={"base_year": 2015, "sector_code": "I"})
    base_year = FieldRule("base_year", required=True)
    result = laid_out([["period", "value_bn"], ["2024", "1"]], SECTOR, PERIOD, VALUE, base_year, form=form)
    assert values(result, "sector_code", "base_year", "kinds") == [("I", "2015", "ssss")]
    assert not result.findings


def test_kinds_follow_their_fields():
    result = laid_out([["value_bn", "period", "sector_code"], ["1", "2024", "I"]], kinds=["sss", "nds"])
    assert values(result, "kinds") == [("sdn",)]


def test_a_poisoned_cell_is_carried_through_as_it_is():
    result = laid_out(
        [["sector_code", "period", "value_bn"], ["I", "2024", "=cmd|' /C calc'!A0"], ["I", "2023", "1,2,3"]]
    )
    assert values(result, "value_bn") == [("=cmd|' /C calc'!A0",), ("1,2,3",)]


CELL = st.sampled_from(["", "I", "Mã số", "Kỳ", "2024", "1", "A", "Ghi chú", "Đơn vị: tỷ đồng", " x "])


@given(
    st.lists(st.lists(CELL, min_size=1, max_size=5).filter(any), min_size=1, max_size=12),
    st.sampled_from([LONG, SHEET, WIDE]),
)
def test_every_row_of_any_file_is_accounted_for(rows, form):
    result = laid_out(rows, form=form)
    assert result.physical_rows == len(rows) == result.data_rows + sum(result.rows_set_aside.values())
    assert ("every_row_is_accounted_for", "critical") not in checks(result)
    assert set(result.rows.column("source_row").to_pylist()) <= set(range(1, len(rows) + 1))
    assert result.rows.schema.names[:4] == ["delivery_id", "source_file", "source_sheet", "source_row"]


BASED = FieldRule("value_bn", headers=("Giá so sánh {base_year}", "Giá trị | Giá so sánh {base_year}", "Giá so sánh"))
BASE = FieldRule("base_year", headers=("Năm gốc",))


def test_the_year_in_a_header_is_read_into_the_field_that_the_contract_names():
    for year in ("2010", "2020"):
        result = laid_out([["Mã số", "Kỳ", f"Giá so sánh  {year}"], ["I", "2024", "1"]], SECTOR, PERIOD, BASED, BASE)
        assert values(result, "sector_code", "value_bn", "base_year", "kinds") == [("I", "1", year, "ssss")]
        assert not result.findings


def test_a_header_without_a_year_leaves_the_base_unknown_and_a_column_states_it_row_by_row():
    unstated = laid_out([["Mã số", "Kỳ", "Giá so sánh"], ["I", "2024", "1"]], SECTOR, PERIOD, BASED, BASE)
    assert values(unstated, "value_bn", "base_year") == [("1", None)]
    rows = [["Mã số", "Kỳ", "value_bn", "base_year"], ["I", "2024", "1", "2010"], ["I", "2025", "2", "2020"]]
    assert values(laid_out(rows, SECTOR, PERIOD, BASED, BASE), "value_bn", "base_year") == [
        ("1", "2010"),
        ("2", "2020"),
    ]


def test_two_bases_side_by_side_are_two_rows_and_what_has_no_base_is_told_once():
    rows = [
        ["Mã số", "Quý I năm 2024", "", "", "Quý I năm 2025", ""],
        ["", "Giá so sánh 2010", "Giá so sánh 2020", "Giá hiện hành", "Giá so sánh 2020", "Giá hiện hành"],
        ["I", "1", "2", "3", "4", "5"],
        ["II", "6", "", "", "", ""],
    ]
    merged = [[1, 1, 2, 1], [1, 2, 1, 4], [1, 5, 1, 6]]
    result = laid_out(rows, SECTOR, PERIOD, BASED, CURRENT, BASE, form=WIDE, sheet="GRDP", merged=merged)
    assert values(result, "source_row", "sector_code", "period", "value_bn", "base_year", "current_bn") == [
        (3, "I", "2024-Q1", "2", "2020", "3"),
        (3, "I", "2024-Q1", "1", "2010", None),
        (3, "I", "2025-Q1", "4", "2020", "5"),
        (4, "II", "2024-Q1", "6", "2010", None),
    ]
    assert not result.findings


def test_two_columns_of_one_base_are_one_too_many():
    rows = [["Mã số", "Kỳ", "Giá so sánh 2010", "Giá so sánh 2010"], ["I", "2024", "1", "2"]]
    assert checks(laid_out(rows, SECTOR, PERIOD, BASED, BASE)) == [("no_duplicate_headers", "critical")]


NAMES = ["BASE_PER", "FREQ", "INDICATOR", "REF_AREA", "TIME_PERIOD", "OBS_VALUE"]
SDMX = FileForm(
    reader="sdmx",
    dimensions={"REF_AREA": "note", "TIME_PERIOD": "period"},
    where={"FREQ": ["A", "Q"], "BASE_PER": ["2010", "_Z"]},
    series={
        "R": {"sector_code": "GRDP", "value": "value_bn"},
        "N": {"sector_code": "GRDP", "value": "current_bn"},
        "RA": {"sector_code": "I", "value": "value_bn"},
    },
)  # fmt: skip


def observations(*rows: Sequence[str | None]) -> ParsedRows:
    raw = raw_table([NAMES, *rows], first=0)
    rules = (FieldRule("note"), SECTOR, PERIOD, VALUE, CURRENT)
    return lay_out(raw, contract(*rules, form=SDMX), SDMX, FIELDS)


def test_observations_of_one_key_become_one_row_and_all_are_counted():
    result = observations(
        ["2010", "A", "R", "VN", "2023", "1.25"],
        ["_Z", "A", "N", "VN", "2023", "2.5"],
        ["2010", "Q", "RA", "VN", "2023-Q1", "NaN"],
        ["1994", "A", "R", "VN", "2023", "9"],
        [None, "A", "R", "VN", "2023", "9"],
        ["2010", "M", "R", "VN", "2023-01", "9"],
        ["2010", "A", "OTHER", "VN", "2023", "9"],
    )
    assert values(result, "source_row", "note", "sector_code", "period", "value_bn", "current_bn", "kinds") == [
        (1, "VN", "GRDP", "2023", "1.25", "2.5", "sssnn"),
        (3, "VN", "I", "2023-Q1", "…", None, "ssss_"),
    ]
    assert (result.physical_rows, result.data_rows, result.rows_set_aside) == (7, 3, {"out_of_scope": 4})
    assert not result.findings


BASES = replace(SDMX, dimensions={**SDMX.dimensions, "BASE_PER": "base_year"}, where={"FREQ": ["A", "Q"]})


def based(*rows: Sequence[str | None]) -> ParsedRows:
    rules = (FieldRule("note"), SECTOR, PERIOD, VALUE, BASE, CURRENT)
    return lay_out(raw_table([NAMES, *rows], first=0), contract(*rules, form=BASES), BASES, FIELDS)


def test_the_base_of_an_observation_is_a_field_and_a_value_without_one_joins_the_newest():
    result = based(
        ["_Z", "A", "N", "VN", "2023", "2.5"],
        ["2010", "A", "R", "VN", "2023", "1.25"],
        ["2020", "A", "R", "VN", "2023", "1.75"],
        ["_Z", "A", "N", "VN", "2022", "2.25"],
        ["2010", "A", "RA", "VN", "2023", "0.5"],
    )
    assert values(result, "source_row", "period", "value_bn", "base_year", "current_bn") == [
        (1, "2023", "1.75", "2020", "2.5"),
        (2, "2023", "1.25", "2010", None),
        (4, "2022", None, None, "2.25"),
        (5, "2023", "0.5", "2010", None),
    ]
    assert not result.findings


def test_an_observation_given_twice_is_found():
    others = (["_Z", "A", "N", "VN", "2023", "5"], ["2010", "A", "RA", "VN", "2023", "3"])
    result = observations(["2010", "A", "R", "VN", "2023", "1"], ["2010", "A", "R", "VN", "2023", "2"], *others)
    (finding,) = result.findings
    assert (finding.check, finding.severity, finding.source_row) == ("one_observation_for_each_value", "critical", 2)
    assert values(result, "value_bn") == [("1",), ("3",)]


def test_a_series_of_which_nothing_is_in_scope_refuses_the_file():
    others = (["_Z", "A", "N", "VN", "2023", "5"], ["2010", "A", "RA", "VN", "2023", "3"])
    result = observations(["2020", "A", "R", "VN", "2023", "1"], ["2020", "A", "R", "VN", "2022", "2"], *others)
    assert checks(result) == [("series_are_in_scope", "critical")]
    assert "series R is in the scope of the contract: 2 with BASE_PER 2020" in result.findings[0].sentence


def test_observations_of_another_base_that_stand_alone_are_a_warning_and_those_beside_others_are_not():
    others = (["_Z", "A", "N", "VN", "2023", "5"], ["2010", "A", "RA", "VN", "2023", "3"])
    known = ["2010", "A", "R", "VN", "2023", "1"]
    assert not observations(known, ["1994", "A", "R", "VN", "2023", "2"], *others).findings
    result = observations(known, ["2020", "A", "R", "VN", "2024", "2"], *others)
    assert checks(result) == [("series_are_in_scope", "warning")]


def test_a_series_that_is_not_there_under_its_name_is_a_warning():
    renamed = ["2010", "A", "NEW", "VN", "2023", "3"]
    result = observations(["2010", "A", "R", "VN", "2023", "1"], ["_Z", "A", "N", "VN", "2023", "5"], renamed)
    assert checks(result) == [("series_are_there", "warning")]
    assert "1 series of the contract: RA" in result.findings[0].sentence


def test_a_data_set_without_any_mapped_series_is_rejected():
    assert checks(observations(["2010", "A", "X", "VN", "2023", "1"])) == [
        ("some_observations_are_in_scope", "critical")
    ]


def test_an_attribute_that_the_contract_needs_must_be_there():
    raw = raw_table([["INDICATOR", "TIME_PERIOD", "OBS_VALUE"], ["R", "2023", "1"]], first=0)
    result = lay_out(raw, contract(form=SDMX), SDMX, FIELDS)
    missing = {finding.column for finding in result.findings}
    assert missing == {"REF_AREA", "FREQ", "BASE_PER"}
    assert result.rows_in is None


def test_a_delivery_of_nothing_but_bad_rows_is_one_finding():
    rows: list[Sequence[str | None]] = [["sector_code", "period", "value_bn"], *([["I", "2024"]] * 10_001)]
    result = laid_out(rows)
    assert len(result.findings) == 1
    assert result.findings[0].source_row is None
    assert "10,001 rows" in result.findings[0].sentence


def test_rows_of_a_raw_table_in_several_chunks_are_laid_out_alike():
    rows: list[Sequence[str | None]] = [["sector_code", "period"], *([[f"S{i}", "2024"] for i in range(10)])]
    whole = raw_table(rows)
    chunked = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 4), whole.slice(5)])
    assert (
        lay_out(chunked, contract(), LONG, FIELDS).rows.to_pylist()
        == lay_out(whole, contract(), LONG, FIELDS).rows.to_pylist()
    )


def test_two_sheets_are_laid_out_one_after_the_other():
    one = raw_table([["sector_code", "period"], ["I", "2024"]], sheet="Một")
    two = raw_table([["period", "sector_code"], ["2023", "II"]], sheet="Hai")
    result = lay_out(pa.concat_tables([one, two]), contract(), LONG, FIELDS)
    assert values(result, "source_sheet", "source_row", "sector_code", "period") == [
        ("Một", 2, "I", "2024"), ("Hai", 2, "II", "2023"),
    ]  # fmt: skip


def of_this_project() -> Mapping[str, Field]:
    from dbt_like_sql.fields import load_fields

    return load_fields()


def test_the_dictionary_of_this_project_is_used_where_none_is_given():
    name = next(name for name, known in of_this_project().items() if known.format == "period")
    rows = [[name], ["Quý III năm 2024"]]
    result = lay_out(raw_table(rows), contract(FieldRule(name, required=True)), LONG)
    assert values(result, name) == [("2024-Q3",)]


@pytest.mark.parametrize(
    ("text", "kind", "read"),
    [
        ("236441.0000001", "n", "236441"),
        ("236440.9999999", "n", "236441"),
        ("236441.5", "n", "236441.5"),
        ("123456789012.1", "n", "123456789012.1"),
        ("100.0000001", "n", "100.0000001"),
        ("236441.0000001", "s", "236441.0000001"),
    ],
)
def test_the_noise_of_a_computation_in_a_workbook_is_taken_off_and_no_decimal_that_a_person_wrote(text, kind, read):
    fields = {**FIELDS, "visits": field("visits", "bigint", "visits")}
    raw = raw_table([["Kỳ", "visits"], ["2024", text]], kinds=["ss", f"s{kind}"])
    form = FileForm(reader="xlsx")
    result = lay_out(raw, contract(PERIOD, FieldRule("visits"), form=form), form, fields)
    assert values(result, "visits") == [(read,)]
    assert ("numbers_are_read_as_seen" in dict(checks(result))) == (text != read)
