"""What `check` answers to whoever made a file: where, what stands there, what should, what to do; and its exit code."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assets.rules import rules_of_feed, rules_of_model
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT
from tests.house import House, csv_text
from tests.integration.test_forms_of_offices import HEADER, MONTHS, NAME, SHEET, VOUCHERS, tried
from tests.integration.test_preflight import GRDP, LEVELS
from tests.office_made_files import workbook, xls


def bad_cells(count: int) -> list[tuple[object, ...]]:
    return [(m, v, o, "không có") if n < count else (m, v, o, r) for n, (m, v, o, r) in enumerate(MONTHS)]


@pytest.mark.parametrize("book", [workbook, xls])
def test_a_cell_is_named_as_its_spreadsheet_names_it(house: House, tmp_path: Path, book: Callable[..., bytes]) -> None:
    file = tmp_path / f"{NAME}.xlsx"
    file.write_bytes(book([("Biểu 1",), (), HEADER, *bad_cells(1)], SHEET))
    result = tried(house, file, "--lang", "vi")
    assert result.exit_code == 1
    line, verdict, *_ = result.output.splitlines()
    assert line == (
        "Lỗi: Trang 'Du lịch', D4: Doanh thu du lịch ghi 'không có', không phải là số; số phải ghi như 1.234.567,89. "
        "Sửa lại rồi gửi lại tệp, thêm r2 (hoặc số lớn hơn) vào cuối tên tệp. [is_a_number]"
    )
    assert verdict == f"{file.name}: bị từ chối (0/6 dòng)."
    assert "Found at D4." in result.output


def test_a_cause_of_many_cells_is_one_line_with_line_and_column(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(csv_text(HEADER, *((*row[:3], "x y") for row in MONTHS)), "utf-8")
    vietnamese = tried(house, file, "--lang", "vi").output.splitlines()
    first = "dòng 2, cột 4, dòng 3, cột 4, dòng 4, cột 4, dòng 5, cột 4, dòng 6, cột 4 và 1 chỗ khác"
    assert vietnamese[0].startswith(f"Lỗi: {first}: Doanh thu du lịch ghi 'x y', không phải là số")
    english = tried(house, file).output.splitlines()
    assert len([line for line in english if "is_a_number" in line and line.startswith("critical: ")]) == 1
    assert "and 1 more" in english[0]


def test_missing_columns_and_strange_ones_are_said_in_vietnamese(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(csv_text(("Tháng", "Ghi chú"), ("2024-01", "x")), "utf-8")
    said = tried(house, file, "--lang", "vi").output
    assert "Lỗi: thiếu cột Lượt khách" in said
    assert "Cảnh báo: dòng 1, cột 2: có cột không thuộc biểu mẫu, không được đọc: 'ghi chú'" in said


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (f"{NAME}.xlsx", b"", "Tệp rỗng"),
        (f"{NAME}.xlsx", workbook(MONTHS, SHEET)[:900], "Tệp bị hỏng hoặc chưa tải đủ"),
        (f"{NAME}.xls", b"<html><table/></html>", "Tệp là trang web"),
        (f"{NAME}.xlsx", workbook(MONTHS, "Sheet1"), "Không có trang tính 'Du lịch'; tệp có 'Sheet1'"),
        (f"{NAME}.xlsx", workbook([HEADER, ("2024-01", "=1+1")], SHEET), "Ô B2 có công thức chưa lưu giá trị"),
        (f"{NAME}.csv", b'a,b\n1,2\n"3,4\n', "Dòng 3 có dấu ngoặc kép thừa"),
        (f"{NAME}.csv", b"m\xb7,gi\xb8 tr\xde\nA,1\n", "TCVN3"),
        (f"{NAME}.pdf", b"%PDF", "hãy gửi tệp .csv, .xlsx"),
        ("tourism_2024.csv", b"a,b\n1,2\n", "Tên tệp không đúng mẫu"),
    ],
)
def test_why_a_file_cannot_be_read_is_said_in_vietnamese(
    house: House, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    result = tried(house, file, "--lang", "vi", "--feed", "tourism")
    assert result.exit_code == 1
    assert words in result.output.splitlines()[0]


def grdp(*extra: str) -> str:
    header = (*GRDP, *extra)
    rows = [("94", code, "2024", level, level, "official", *("x" for _ in extra)) for code, level in LEVELS.items()]
    return csv_text(header, *rows)


def voucher_file(*bad: int) -> str:
    header, first, _ = VOUCHERS
    lines = [(f"V{n}", *first[1:8], "nhiều" if n in bad else 5_000_000_000) for n in range(40)]
    return csv_text(header, *lines)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("grdp__2024__2025-01-10.csv", grdp(), 0),
        ("grdp__2024__2025-01-10.csv", grdp("note"), 3),  # a warning, and the accounts are evidence of targets
        ("tourism__2024-6M__2024-07-10.csv", csv_text(("month", "visitors", "note"), ("2024-01", 5, "x")), 0),
        ("tourism__2024-6M__2024-07-10.csv", csv_text(("month", "visitors"), ("2024-01", "x")), 1),
        ("treasury_disbursement__2024-08__2024-09-05.csv", voucher_file(), 0),
        ("treasury_disbursement__2024-08__2024-09-05.csv", voucher_file(7), 3),
        ("treasury_disbursement__2024-08__2024-09-05.csv", voucher_file(*range(9)), 1),
        ("unknown__2024__2025-01-10.csv", "a,b\n1,2\n", 2),
    ],
)
def test_the_exit_code_says_what_would_become_of_it(
    house: House, tmp_path: Path, name: str, text: str, code: int
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    result = tried(house, file)
    assert result.exit_code == code, result.output


@pytest.mark.parametrize(
    ("divided_by", "words"),
    [
        (1_000, "Lỗi: dòng 2, cột 2: Lượt khách chỉ bằng khoảng 1/1.000 số liệu đã gửi trước; kiểm tra đơn vị tính."),
        (0.001, "Lỗi: dòng 2, cột 2: Lượt khách gấp khoảng 1.000 lần số liệu đã gửi trước; kiểm tra đơn vị tính."),
    ],
)
def test_a_wrong_unit_is_said_in_times_of_the_earlier_figure(
    house: House, tmp_path: Path, divided_by: float, words: str
) -> None:
    header = ("month", "visitors")
    house.deliver("tourism__2023-01__2023-02-10.csv", csv_text(header, ("2023-01", 150_000)))
    house.intake_night()
    file = tmp_path / "tourism__2024-01__2024-02-10.csv"
    file.write_text(csv_text(header, ("2024-01", int(150_000 / divided_by))), "utf-8")
    result = tried(house, file, "--lang", "vi")
    assert result.exit_code == 1
    assert any(line.startswith(words) for line in result.output.splitlines()), result.output


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (5_000_000, "chỉ bằng khoảng 1/1.000 số liệu đã gửi trước; có thể đã nhập theo nghìn đồng (yêu cầu: đồng)"),
        (5_000, "chỉ bằng khoảng 1/1.000.000 số liệu đã gửi trước; có thể đã nhập theo triệu đồng (yêu cầu: đồng)"),
    ],
)
def test_a_middle_line_far_from_an_earlier_one_says_which_way_and_in_which_unit_it_may_be(
    house: House, tmp_path: Path, amount: int, words: str
) -> None:
    house.deliver("treasury_disbursement__2024-08__2024-09-05.csv", voucher_file())
    house.intake_night()
    file = tmp_path / "treasury_disbursement__2024-08__2024-10-05.csv"
    file.write_text(voucher_file().replace("5000000000", str(amount)), "utf-8")
    result = tried(house, file, "--lang", "vi")
    assert result.exit_code == 1
    assert words in result.output


def test_a_first_delivery_is_set_beside_what_is_usual(house: House, tmp_path: Path) -> None:
    file = tmp_path / "treasury_disbursement__2024-08__2024-10-05.csv"
    file.write_text(voucher_file().replace("5000000000", "5000000"), "utf-8")
    usual = "chỉ bằng khoảng 1/200 mức thường gặp; có thể đã nhập theo nghìn đồng (yêu cầu: đồng)"
    assert usual in tried(house, file, "--lang", "vi").output


def test_every_rule_that_tells_how_far_apart_figures_lie_tells_which_way() -> None:
    project = load_project()
    for feed in project.contracts:
        for model in project.delivery_rules(feed):
            suite = rules_of_model(project, model)
            for rule in suite.expectations if suite else ():
                if "largest_factor" in rule.kwargs.values():
                    assert suite is not None
                    assert {"figure_name", "middle_ratio"} <= set(suite.row_id), model.name


def test_every_rule_that_a_delivery_meets_is_worded_in_vietnamese() -> None:
    project = load_project()
    rules = {
        rule.check
        for feed in project.contracts
        for suite in (rules_of_feed(project, feed), *(rules_of_model(project, m) for m in project.delivery_rules(feed)))
        if suite is not None
        for rule in suite.expectations
    }
    sources = [
        file for part in ("layout", "intake", "readers") for file in (PROJECT_ROOT / "assets" / part).glob("*.py")
    ]
    text = "\n".join(file.read_text("utf-8") for file in sources)
    rules |= set(re.findall(r"(?:found|found_in|_in)\(\s*(?:\w+(?:\.\w+)?,\s*)?\"(\w+_\w+)\"", text))
    rules |= set(re.findall(r"(?:check = |\"check\": )\"(\w+)\"", text))
    assert {"header_is_found", "delimiter_is_as_agreed", "period_is_readable"} <= rules
    worded = read_yaml(PROJECT_ROOT / "assets" / "answers" / "answers.yml")
    assert [rule for rule in sorted(rules) if not any(f"_{rule}".endswith(f"_{one}") for one in worded)] == []


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        (NAME, [(HEADER[0], HEADER[2], HEADER[3]), ("2024-01", 1, 2)], "hãy thêm cột, hoặc ghi tiêu đề là 'Tổng lượt"),
        (
            "tourism__2025-01__2025-02-08",
            [HEADER, *MONTHS],
            "tên tệp ghi kỳ 2025-01, nhưng các dòng số liệu là của '2024-01-01 … 2024-06-30'",
        ),
        (NAME, [("Kết quả tháng 8 năm 2024",), HEADER, *MONTHS], "tiêu đề bảng ghi kỳ khác '2024-08'"),
    ],
)
def test_what_an_answer_says_in_english_it_says_in_vietnamese(
    house: House, tmp_path: Path, name: str, rows: list[tuple[object, ...]], expected: str
) -> None:
    file = tmp_path / f"{name}.xlsx"
    file.write_bytes(workbook(rows, SHEET))
    assert expected in tried(house, file, "--lang", "vi").output


def test_a_magnitude_is_said_of_its_cell_and_figure(house: House, tmp_path: Path) -> None:
    house.deliver(f"{NAME}.xlsx", workbook([HEADER, *MONTHS], SHEET))
    house.intake_night()
    file = tmp_path / f"{NAME}__r2.xlsx"
    thousandfold = [(month, visits, nights, 1000 * revenue) for month, visits, nights, revenue in MONTHS]
    file.write_bytes(workbook([HEADER, *thousandfold], SHEET))
    said = tried(house, file, "--lang", "vi").output
    assert "Lỗi: Trang 'Du lịch', D2, D3, D4, D5, D6 và 1 chỗ khác: Doanh thu du lịch gấp khoảng 1.000 lần" in said
    assert "có thể đã nhập theo triệu đồng (yêu cầu: tỷ đồng)" in said


def test_numbers_of_another_style_are_one_cause_of_their_column(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.xlsx"
    rows = [(month, f"{visits:,}", nights, revenue) for month, visits, nights, revenue in MONTHS]
    file.write_bytes(workbook([HEADER, *rows], SHEET))
    said = tried(house, file, "--lang", "vi").output
    assert "[numbers_are_written_as_agreed]" in said
    assert "has_no_surplus_decimals" not in said


def test_a_sheet_written_in_another_style_is_one_line_that_counts_its_cells(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.xlsx"
    rows = [(month, f"{visits:,}", f"{nights:,}", f"{revenue:.1f}") for month, visits, nights, revenue in MONTHS]
    file.write_bytes(workbook([HEADER, *rows], SHEET))
    said = [line for line in tried(house, file, "--lang", "vi").output.splitlines() if line.startswith(("Lỗi", "Cảnh"))]
    assert len(said) == 1, said
    assert "B2, C2, D2, B3, C3 và 13 chỗ khác: Lượt khách, Lượt khách lưu trú, Doanh thu du lịch ghi" in said[0]
    assert said[0].endswith("[numbers_are_written_as_agreed]")


def test_the_noise_of_a_computation_is_read_as_seen_and_said_and_a_surplus_decimal_is_refused(
    house: House, tmp_path: Path
) -> None:
    file = tmp_path / f"{NAME}.xlsx"
    (month, visits, *more), *others = MONTHS
    file.write_bytes(workbook([HEADER, (month, visits + 1e-7, *more), *others], SHEET))
    read = tried(house, file, "--lang", "vi")
    assert read.exit_code == 0, read.output
    assert f"'{visits}.0000001 = {visits}'" in read.output
    file.write_bytes(workbook([HEADER, (month, visits + 0.5, *more), *others], SHEET))
    refused = tried(house, file, "--lang", "vi")
    assert refused.exit_code == 1
    assert f"Lượt khách ghi '{visits}.5', nhiều chữ số thập phân hơn" in refused.output


def test_a_month_that_cannot_be_read_is_said_once(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.xlsx"
    file.write_bytes(workbook([HEADER, *MONTHS[:-1], ("Tháng 13/2024", *MONTHS[-1][1:])], SHEET))
    wrong = [line for line in tried(house, file, "--lang", "vi").output.splitlines() if line.startswith("Lỗi: ")]
    assert len(wrong) == 1
    assert "Trang 'Du lịch', A7: Tháng ghi 'Tháng 13/2024', không đọc được là kỳ" in wrong[0]


def test_other_delimiters_and_encodings_are_named_in_vietnamese(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(csv_text(HEADER, *MONTHS).replace(",", ";"), "utf-8")
    assert "ngăn bằng dấu ';', khác với quy định" in tried(house, file, "--lang", "vi").output
    file.write_text(csv_text(HEADER, *MONTHS), "utf-16")
    assert "Tệp là chữ UTF-16" in tried(house, file, "--lang", "vi").output


def marked(house: House, file: Path) -> openpyxl.Workbook:
    """The workbook that `check --answer` writes of a file."""
    answer = file.with_name("answer.xlsx")
    tried(house, file, "--answer", str(answer))
    return openpyxl.load_workbook(answer)


def is_marked(cell: Any) -> bool:
    return cell.fill.fill_type == "solid" and cell.comment is not None


FORMULA = '=HYPERLINK("http://example.org")'


def test_the_workbook_comes_again_with_its_cells_marked_and_a_summary_before_it(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.xlsx"
    rows = [("Biểu 1",), (), (*HEADER, "Ghi chú"), *((*row, f"'{FORMULA}") for row in bad_cells(2))]
    file.write_bytes(workbook(rows, SHEET))
    book = marked(house, file)
    summary, sheet = book.worksheets
    assert (summary.title, sheet.title) == ("Tóm tắt", SHEET)
    assert summary["A2"].value == f"{file.name}: bị từ chối (0/6 dòng)."
    lines = [[cell.value for cell in row] for row in summary.iter_rows(min_row=6, values_only=False)]
    assert [line[:3] for line in lines] == [["Lỗi", SHEET, "D4, D5"], ["Cảnh báo", SHEET, "E3"]]
    assert "'không có', không phải là số" in lines[0][3]
    of_file = openpyxl.load_workbook(file).worksheets[0]
    assert {c.coordinate for row in sheet for c in row if is_marked(c)} == {"D4", "D5", "E3"}
    assert sheet["D4"].comment.text.startswith("Lỗi: Doanh thu du lịch ghi 'không có', không phải là số")
    assert [[c.value for c in row] for row in sheet] == [[c.value for c in row] for row in of_file]
    assert not [c for one in book.worksheets for row in one for c in row if c.data_type == "f"]


def test_nothing_in_a_marked_workbook_runs(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(csv_text(HEADER, *((*row[:3], "=cmd|'/c calc'!A1") for row in MONTHS)), "utf-8")
    book = marked(house, file)
    assert not [c for one in book.worksheets for row in one for c in row if c.data_type == "f" or c.hyperlink]
    with zipfile.ZipFile(tmp_path / "answer.xlsx") as parts:
        names = parts.namelist()
        assert not [name for name in names if "vba" in name or "externalLink" in name or "embeddings" in name]
        assert not [name for name in names if b"<f>" in parts.read(name) or b"TargetMode" in parts.read(name)]


def test_a_csv_file_comes_again_as_a_workbook(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(csv_text(HEADER, *((*row[:3], "x y") for row in MONTHS[:2])), "utf-8")
    sheet = marked(house, file)["Tệp gửi"]
    assert {c.coordinate for row in sheet for c in row if is_marked(c)} == {"D2", "D3"}
    assert [c.value for c in sheet[1]] == list(HEADER)


def test_a_row_that_breaks_a_rule_of_its_whole_is_marked_whole(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(csv_text(HEADER, *MONTHS, (*MONTHS[0], 5)), "utf-8")
    sheet = marked(house, file)["Tệp gửi"]
    row = MONTHS and len(MONTHS) + 2
    assert all(cell.fill.fill_type == "solid" for cell in sheet[row])
    assert is_marked(sheet.cell(row, 1))


def test_the_night_leaves_the_marked_workbook_beside_its_findings_until_it_is_mended(
    house: House, tmp_path: Path
) -> None:
    bad, good = (csv_text(HEADER, *((*row[:3], said) for row in MONTHS)) for said in ("x", 5))
    house.deliver(f"{NAME}.csv", bad)
    house.deliver("tourism__2024-6M__2024-07-11.csv", good)
    house.intake_night()
    folder = house.home.root / "rejects" / "tourism"
    (path,) = folder.glob("*.xlsx")
    assert path.with_suffix(".csv").exists()
    before = path.stat().st_mtime_ns
    house.deliver("tourism__2024-6M__2024-07-12.csv", good)
    house.intake_night()
    assert path.stat().st_mtime_ns == before, "what stands is not written again"
    path.write_bytes(path.read_bytes()[:900])
    house.deliver("tourism__2024-6M__2024-07-13.csv", good)
    house.intake_night()
    assert openpyxl.load_workbook(path).worksheets[1]["D2"].value == "x"


def test_a_file_that_cannot_be_read_gets_a_summary_alone(house: House, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.xlsx"
    file.write_bytes(b"PK")
    (summary,) = marked(house, file).worksheets
    assert "bị từ chối" in summary["A2"].value
    assert "Không đọc được" in summary["A3"].value


@pytest.mark.parametrize("name", ["answer.csv", "there.xlsx", "nowhere/answer.xlsx"])
def test_an_answer_takes_the_place_of_no_file(house: House, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(csv_text(HEADER, *MONTHS), "utf-8")
    (tmp_path / "there.xlsx").write_bytes(b"x")
    result = tried(house, file, "--answer", str(tmp_path / name))
    assert result.exit_code == 2
    assert (tmp_path / "there.xlsx").read_bytes() == b"x"


@pytest.mark.slow
def test_libreoffice_opens_a_marked_workbook(house: House, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None or not list(Path(office).resolve().parent.glob("*scalc*")):
        pytest.skip("LibreOffice Calc is not installed (Debian: libreoffice-calc)")
    file = tmp_path / f"{NAME}.xlsx"
    file.write_bytes(workbook([("Biểu 1",), (), HEADER, *bad_cells(2)], SHEET))
    marked(house, file)
    settings = f"-env:UserInstallation=file://{tmp_path}/office"
    sheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    converted = [office, settings, "--headless", "--convert-to", sheets, "--outdir", tmp_path, tmp_path / "answer.xlsx"]
    subprocess.run(converted, check=True, capture_output=True, timeout=120)
    summary = (tmp_path / "answer-Tóm tắt.csv").read_text("utf-8")
    table = (tmp_path / f"answer-{SHEET}.csv").read_text("utf-8").splitlines()
    assert "D4, D5" in summary
    assert table[3].split(",")[3] == "không có"
    assert float(table[5].split(",")[1]) == MONTHS[2][1]
