"""Tables whose headers change with the month: columns by place and pattern, the period from header, title or name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from assets.layout import ParsedRows, lay_out
from dbt_like_sql.contracts import Contract, FieldRule, FileForm
from dbt_like_sql.periods import parse_period
from tests.office_made_files import raw_table
from tests.unit.test_layout import checks, contract, field, values

FIELDS = {
    one.name: one
    for one in (
        field("row_label"),
        field("month", format_="month"),
        field("index_mom", "decimal(12,4)", "index, month before = 100"),
        field("index_yoy", "decimal(12,4)", "index, same month of the year before = 100"),
        field("index_ytd", "decimal(12,4)", "index, same months of the year before = 100"),
    )
}
RULES = tuple(FieldRule(name, required=name in ("row_label", "month")) for name in FIELDS)
COLUMNS = {
    "row_label": 1,
    "index_mom": "so tháng liền trước",
    "index_yoy": "so cùng tháng năm",
    "index_ytd": "so cùng kỳ",
}


def form(*sources: str) -> FileForm:
    return FileForm(
        reader="xlsx",
        header_rows=4,
        columns=COLUMNS,
        period_from={"field": "month", "of": list(sources or ("header", "title", "name"))},
    )


def sheet(month: int, year: int, title: str = "Chỉ số ngành công nghiệp tháng {} năm {}") -> list[list[str | None]]:
    """A national monthly table: its month stands in title and header alone, its header over four rows."""
    before = f"năm {year - 1}"
    return [
        [title.format(month, year), None, None, None],
        [None, f"Tháng {month}", f"Tháng {month}", f"{month} tháng"],
        [None, str(year), str(year), str(year)],
        [None, "so tháng", "so cùng tháng", "so cùng kỳ"],
        [None, "liền trước", before, before],
        ["Toàn ngành", f"10{month}.5", "108.2", "107.1"],
        ["Khai khoáng", f"11{month}.5", "109.2", "108.1"],
    ]


def of_months() -> Contract:
    return contract(*RULES, form=form())


def laid_out(rows: Sequence[Sequence[str | None]], one: FileForm, name: str = "2025-03") -> ParsedRows:
    return lay_out(raw_table(rows), of_months(), one, FIELDS, parse_period(name))


@pytest.mark.parametrize(("month", "year"), [(3, 2025), (4, 2025), (12, 2024)])
def test_one_contract_reads_every_month(month, year):
    result = laid_out(sheet(month, year), form(), f"{year}-{month:02}")
    code = f"{year}-{month:02}"
    assert values(result, "row_label", "month", "index_mom", "index_yoy", "index_ytd") == [
        ("Toàn ngành", code, f"10{month}.5", "108.2", "107.1"),
        ("Khai khoáng", code, f"11{month}.5", "109.2", "108.1"),
    ]
    assert result.rows_set_aside == {"header": 4, "title": 1}
    assert not result.findings


@pytest.mark.parametrize(
    ("source", "expected", "severity"),
    [("header", "2025-04", "warning"), ("title", "2025-04", "warning"), ("name", "2025-03", "critical")],
)
def test_the_month_is_taken_from_where_the_contract_says(source, expected, severity):
    result = laid_out(sheet(4, 2025), form(source))
    assert {month for (month,) in values(result, "month")} == {expected}
    assert checks(result) == [("titles_speak_of_the_period_named", severity)]


def test_a_header_without_the_month_of_the_name_is_refused_also_where_other_columns_stand_by_their_place():
    columns = {"row_label": 1, "index_mom": 2, "index_yoy": r"^tháng {month}\b.*so cùng tháng"}
    one = dataclasses.replace(form("name"), columns=columns)
    title = "Chỉ số ngành công nghiệp"
    assert checks(laid_out(sheet(4, 2025, title), one, "2025-04")) == [("no_unknown_columns", "warning")]
    assert ("titles_speak_of_the_period_named", "critical") in checks(laid_out(sheet(4, 2025, title), one))


def test_a_table_that_says_no_month_is_refused():
    result = laid_out(sheet(4, 2025, title="Chỉ số ngành công nghiệp"), form("title"))
    assert ("period_of_the_table_is_clear", "critical") in checks(result)


def test_a_table_that_says_two_months_is_refused():
    result = laid_out(sheet(4, 2025, title="So sánh tháng 4 năm 2025 với tháng 4 năm 2024"), form("title"))
    assert ("period_of_the_table_is_clear", "critical") in checks(result)


EXPORTS = {
    one.name: one
    for one in (field("row_label"), field("tonnes", "decimal(12,3)", "thousand t"), field("value", "bigint", "mn USD"))
}


@pytest.mark.parametrize(
    ("line", "section", "expected"),
    [
        ("Nghìn tấn; Triệu USD", "I. Thủy sản", []),
        ("Đơn vị tính: Nghìn tấn và triệu USD", "I. Thủy sản (Nghìn tấn)", []),
        ("Tấn; Nghìn USD", "I. Thủy sản", [("unit_is_the_declared_one", "critical")]),
        ("Nghìn tấn; Nghìn USD", "I. Thủy sản", [("unit_is_the_declared_one", "critical")]),
        ("Nghìn tấn; Triệu USD", "I. Thủy sản (Tấn)", [("unit_is_the_declared_one", "critical")]),
        ("Nghìn tấn; Triệu USD", "I. Thủy sản (nghìn con)", [("unit_is_understood", "warning")]),
        ("Nghìn tấn; Triệu USD", "I. Thủy sản (trừ tôm)", []),
        ("Đơn vị tính: thúng", "I. Thủy sản", [("unit_is_understood", "warning")]),
    ],
)
def test_all_units_of_a_line_and_of_a_section_are_held_against_the_contract(line, section, expected):
    one = FileForm(reader="xlsx", labels={"field": "row_label"}, columns={"tonnes": "lượng", "value": "trị giá"})
    rules = (FieldRule("row_label"), FieldRule("tonnes"), FieldRule("value"))
    rows = [[None, None, line], [None, "Lượng", "Trị giá"], [section, None, None], ["Tôm", "12.5", "88"]]
    result = lay_out(raw_table(rows), contract(*rules, form=one), one, EXPORTS, parse_period("2024-07"))
    assert checks(result) == expected
    assert values(result, "row_label", "tonnes", "value") == [("Tôm", "12.5", "88")]


BY_SECTION = {
    one.name: one
    for one in (
        field("row_label"),
        field("section_label"),
        field("carried", "decimal(12,3)", "thousand passengers"),
        field("travelled", "decimal(12,3)", "mn passenger-km"),
        field("index_ytd", "decimal(12,4)", "index, same months of the year before = 100"),
    )
}


def by_section(second: str) -> ParsedRows:
    one = FileForm(
        reader="xlsx",
        labels={"field": "row_label", "section": "section_label", "sections": r"^i+\."},
        columns={"carried": "ước tính", "index_ytd": "cùng kỳ"},
        by_section={"luân chuyển": {"carried": "travelled"}},
    )
    rows = [[None, "Ước tính"], ["I. Vận chuyển (Nghìn HK)", "12.5"], [second, "7.5"], ["Đường bộ", "5.5"]]
    return lay_out(raw_table(rows), contract(*map(FieldRule, BY_SECTION), form=one), one, BY_SECTION)


def test_a_section_whose_title_is_not_the_contracts_is_refused_and_not_read_as_another_field():
    assert checks(by_section("II. Luân chuyển (Triệu HK.km)")) == [("columns_of_the_contract_are_there", "info")]
    found = dict(checks(by_section("II. Luan chuyen")))
    assert found["sections_of_the_contract_are_there"] == "critical"
    assert dict(checks(by_section("II. Luân chuyển (Nghìn HK)")))["unit_is_the_declared_one"] == "critical"


def test_a_figure_of_another_field_has_the_address_of_its_column():
    result = by_section("II. Luân chuyển (Triệu HK.km)")
    assert result.column_numbers[""] == {"carried": [2], "row_label": [1], "section_label": [1], "travelled": [2]}


def test_a_sheet_on_which_no_table_begins_is_refused():
    one = FileForm(reader="xlsx", blocks={"begin": "^bảng"}, columns={"row_label": 1, "carried": "ước tính"})
    rows = [["Tên", "Ước tính"], ["Đường bộ", "5.5"]]
    result = lay_out(raw_table(rows), contract(FieldRule("row_label"), FieldRule("carried"), form=one), one, BY_SECTION)
    assert checks(result) == [("tables_of_the_sheet_are_there", "critical")]


@pytest.mark.parametrize(
    ("title", "named", "month"),
    [
        ("Sản xuất nông nghiệp đến ngày 15 tháng 7 năm 2024", "2024-07", "2024-07"),
        ("Đầu tư nước ngoài được cấp phép từ 01/01- 20/7/2024", "2024-07", "2024-07"),
        ("Doanh thu từ ngày 15/6/2024 đến ngày 14/7/2024", "2024-07", "2024-07"),
        ("Lao động thời điểm 01/7/2024", "2024-07", "2024-07"),
        ("Một số sản phẩm tháng 9 và 9 tháng năm 2024", "2024-09", "2024-09"),
        ("Giải ngân tháng 12 năm 2024, tính đến ngày 31/01/2025", "2024-12", "2024-12"),
    ],
)
def test_days_up_to_which_a_title_speaks_give_the_month(title, named, month):
    one = dataclasses.replace(form("title"), columns={"index_yoy": "cùng kỳ"}, labels={"field": "row_label"})
    rows = [[title, None], [None, "So cùng kỳ"], ["Lúa", "101.5"]]
    result = laid_out(rows, one, named)
    assert values(result, "month", "index_yoy") == [(month, "101.5")]
    assert checks(result) == []


@pytest.mark.parametrize(
    ("title", "contradicts"),
    [
        ("Sản xuất nông nghiệp đến ngày 15 tháng 7 năm 2024", True),
        ("Đầu tư nước ngoài được cấp phép từ 01/01- 20/7/2024", True),
        ("Sóc Trăng, ngày 15 tháng 7 năm 2024", False),
        ("Kèm theo Công văn số 12/BC ngày 05/7/2024", False),
        ("Giải ngân năm 2024 tính đến ngày 31/07/2024", False),
    ],
)
def test_days_of_a_title_are_held_against_the_name_and_the_day_of_a_letter_is_not(title, contradicts):
    one = dataclasses.replace(form("name"), columns={"index_yoy": "cùng kỳ"}, labels={"field": "row_label"})
    result = laid_out([[title, None], [None, "So cùng kỳ"], ["Lúa", "101.5"]], one, "2024-09")
    assert checks(result) == ([("titles_speak_of_the_period_named", "critical")] if contradicts else [])


@pytest.mark.parametrize(("second", "expected"), [("B. Luân chuyển", "7.5"), ("B. Luan chuyen", None)])
def test_tables_of_a_sheet_hold_fields_of_their_own_and_a_title_that_nobody_knows_is_refused(second, expected):
    one = FileForm(
        reader="xlsx",
        blocks={"begin": r"^[a-z]\. ", "field": "section_label"},
        columns={"row_label": "^tên$", "carried": "ước tính"},
        by_section={"luân chuyển": {"carried": "travelled"}},
    )
    rows = [["Vận tải", None]]
    for title, figure in (("A. Vận chuyển", "12.5"), (second, "7.5")):
        rows += [[title, None], ["Tên", "Ước tính"], ["Đường bộ", figure]]
    result = lay_out(raw_table(rows), contract(*map(FieldRule, BY_SECTION), form=one), one, BY_SECTION)
    if expected is None:
        assert ("sections_of_the_contract_are_there", "critical") in checks(result)
        return
    assert checks(result) == []
    assert values(result, "section_label", "carried", "travelled") == [
        ("A. Vận chuyển", "12.5", None),
        (second, None, expected),
    ]
    assert result.physical_rows == 7


BESIDE = FileForm(
    reader="xlsx", blocks={"begin": "^nước$", "side_by_side": 2}, columns={"row_label": "^nước$", "carried": "khách"}
)
HALVES: list[list[str | None]] = [
    ["Khách đến", None, None, None, None],
    ["Nước", "Khách", None, "Nước", "Khách"],
    ["Lào", "30", None, "Đức", "12"],
    ["Pháp", "9", None, "Nga", "15 người"],
    [None, None, None, "Anh", "7"],
]


def beside(rows: list[list[str | None]], form: FileForm = BESIDE) -> ParsedRows:
    rules = contract(FieldRule("row_label", required=True), FieldRule("carried"), form=form)
    return lay_out(raw_table(rows), rules, form, BY_SECTION)


def test_tables_side_by_side_keep_the_addresses_of_their_cells_and_every_row_is_counted_for_each():
    result = beside(HALVES)
    assert checks(result) == []
    assert values(result, "row_label", "carried") == [
        ("Lào", "30"), ("Pháp", "9"), ("Đức", "12"), ("Nga", "15 người"), ("Anh", "7"),
    ]  # fmt: skip
    assert result.rows.column("source_row").to_pylist() == [3, 4, 3, 4, 5]
    assert result.column_numbers[""] == {"row_label": [1, 4], "carried": [2, 5]}
    assert (result.physical_rows, result.data_rows, dict(result.rows_set_aside)) == (8, 5, {"header": 2, "title": 1})


def test_what_stands_left_of_the_first_table_belongs_to_it_and_is_not_lost():
    rows = [["Ghi", None, None, None, None, None], *([None, *row] for row in HALVES[1:])]
    rows[2][0] = "số này 5"
    result = beside(rows)
    assert [check for check, _ in checks(result)] == ["no_unknown_columns"]
    assert ("Lào", "30") in values(result, "row_label", "carried")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            ["Nước", "Khách", None, "Nuoc", "Khách"],
            "row 2 begins 1 table: 'Nước' (column A); in the agreed form 2 stand",
        ),
        (["Nước", "Khách", "Nước", "Nước", "Khách"], "row 2 begins 3 tables"),
    ],
)
def test_another_number_of_tables_side_by_side_than_agreed_is_refused_and_shown(row, said):
    result = beside([HALVES[0], row, *HALVES[2:]])
    assert checks(result) == [("tables_side_by_side_are_as_agreed", "critical")]
    (finding,) = result.findings
    assert said in finding.sentence
    assert (finding.line, finding.column_numbers[0]) == (2, 1)
    assert result.rows_in is None


def test_each_of_two_tables_side_by_side_says_its_own_month_in_its_title():
    form = FileForm(
        reader="xlsx",
        blocks={"begin": "^tháng", "side_by_side": 2},
        columns={"row_label": "^nước$", "index_yoy": "cùng kỳ"},
        period_from={"field": "month", "of": ["title", "header"]},
    )
    rows = [
        ["Tháng 6 năm 2024", None, "Tháng 7 năm 2024", None],
        ["Nước", "So cùng kỳ", "Nước", "So cùng kỳ"],
        ["Lào", "99.5", "Lào", "101"],
    ]
    result = laid_out(rows, form, "2024-Q3")
    assert values(result, "month", "row_label", "index_yoy") == [("2024-06", "Lào", "99.5"), ("2024-07", "Lào", "101")]
