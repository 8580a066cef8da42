"""CSV as offices' programs write it: other delimiters, decimal commas, cells of several lines, SDMX-CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest

from assets.layout import lay_out
from assets.readers.raw import read_raw
from dbt_like_sql.contracts import FieldRule, FileForm
from dbt_like_sql.project import load_project
from tests.house import House
from tests.integration.test_forms_of_offices import CASES, HEADER, MONTHS, NAME, accepted, months_of, tried
from tests.office_made_files import CSV, cells_of, read_files, rows_of

OBSTACLES = ("case_id", "agency_code", "raised_on", "due_on", "resolved_on", "kind")


def parted_by(delimiter: str, *rows: tuple[object, ...]) -> str:
    return "".join(delimiter.join(str(cell) for cell in row) + "\r\n" for row in rows)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_detected_and_said(house: House, tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text("\ufeff" + parted_by(delimiter, HEADER, *MONTHS), encoding="utf-8")
    result = tried(house, file)
    assert result.exit_code == 0
    assert "info: " in result.output
    assert "cells are parted by" in result.output
    assert "accepted (6 of 6 rows)" in result.output
    house.deliver(file.name, file.read_bytes())
    house.intake_night()
    assert months_of(house) == MONTHS


def test_excel_s_line_that_names_the_delimiter_is_followed(tmp_path: Path) -> None:
    content = b"sep=;\r\na;b,c\r\n1;2,5\r\n"
    reading = read_files(tmp_path, {"a.csv": (content, CSV)})["a.csv"]
    assert [(row["source_row"], row["cells"]) for row in rows_of(reading)] == [
        (1, ["sep=", ""]),
        (2, ["a", "b,c"]),
        (3, ["1", "2,5"]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\nx;y,1\nz;w,2\n",  # semicolons in cells
        "a,b,c\n1;2,3,4\n",
        "Bảng 1; số liệu\na,b\n1,2\n3,4\n",  # and in a title
        'a,b\n"x;y;z",1\n"x;y;z",2\n',
    ],
)
def test_the_declared_delimiter_stands_where_it_parts_the_table(tmp_path: Path, text: str) -> None:
    reading = read_files(tmp_path, {"a.csv": (text.encode(), CSV)})["a.csv"]
    assert cells_of(reading) == list(csv.reader(io.StringIO(text)))


def test_decimal_commas_of_a_vietnamese_excel_are_named_with_their_cause(house: House, tmp_path: Path) -> None:
    """Of a contract that reads plain numbers: nothing is guessed, and what is said helps on that very machine."""
    file = tmp_path / f"{NAME}.csv"
    rows = [(m, v, o, str(r).replace(".", ",")) for m, v, o, r in MONTHS]
    file.write_text("\ufeff" + parted_by(";", HEADER, *rows), encoding="utf-8")
    result = tried(house, file)
    assert result.exit_code == 1
    assert "cells are parted by ';'" in result.output
    assert "'101,5'" in result.output
    assert "decimal comma" in result.output
    assert ".xlsx" in result.output
    assert "header" not in result.output


def test_a_cell_of_several_lines_is_one_row_of_the_line_where_it_begins(house: House) -> None:
    text = (
        "case_id,agency_code,raised_on,due_on,resolved_on,kind\r\n"
        'V1,SCT,2024-08-01,2024-08-20,,"dòng 1\r\n\r\ndòng ""hai"", 3"\r\n'
        "V2,SCT,2024-08-02,2024-08-21,,x\r\n"
    )
    name = "obstacles__2024-08__2024-09-05.csv"
    house.deliver(name, text)
    house.intake_night()
    rows = accepted(house, "obstacles")
    assert [(r["case_id"], r["source_row"]) for r in rows] == [("V1", 2), ("V2", 5)]
    assert rows[0]["kind"] == 'dòng 1\r\n\r\ndòng "hai", 3'
    assert house.ledger(name)["rows_in"] == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('a,b\nx,1\n"y,2\nz,3\nv,"4"\n', ("line 3", "opens a quote", "stray quote")),
        ('a,b\nx,1\ny,"2\nz,3"\n', ("line 3", "swallow")),
        ('a,b,c\n1,2,"x\n' + "4,5,6\n" * 50, ("line 2", "opens a quote")),
        ('a,b\nx,"' + "y" * 20_000 + "\n" + "z" * 20_000 + '"\n', ("line 2", "characters")),
    ],
)
def test_a_stray_quote_still_swallows_nothing(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    refusal = read_files(tmp_path, {"a.csv": (text.encode(), CSV)})["a.csv"].refusal
    assert refusal is not None
    for word in words:
        assert word in refusal


def test_cells_of_several_lines_across_blocks_keep_their_lines(tmp_path: Path) -> None:
    count = 30_000
    text = "a,b\n" + "".join(f'{i},"{"x" * 150}\n{i}"\n' for i in range(count))
    reading = read_files(tmp_path, {"big.csv": (text.encode(), CSV)})["big.csv"]
    assert (reading.physical_rows, reading.parsed_rows) == (count + 1, count + 1)
    rows = rows_of(reading)[1:]
    assert [row["source_row"] for row in rows] == list(range(2, 2 * count + 2, 2))
    assert all(row["cells"][1].endswith(f"\n{row['cells'][0]}") for row in rows)


@pytest.mark.skipif(not CASES.exists(), reason="needs ../shared/cases")
def test_the_cases_that_came_in_are_answered(house: House) -> None:
    of_excel = tried(house, CASES / "09-csv-of-vietnamese-excel" / f"{NAME}.csv")
    assert "cells are parted by ';'" in of_excel.output
    broken = tried(house, CASES / "25-line-break-in-cell" / "obstacles__2024-08__2024-09-05.csv")
    assert "accepted (1 of 1 rows)" in broken.output


SDMX_CSV = """DATAFLOW,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS
NSO:NA(1.0),94,gdp,2024-Q1,1399.5,A
NSO:NA(1.0),94,gdp,2024-Q2,1.51070E3,P
NSO:NA(1.0),94,gdp,2024-Q3,,M
NSO:NA(1.0),94,gdp,2024-Q4,NaN,M
NSO:NA(1.0),94,gdp,2025-Q1,1.02e-1,A
"""


def test_sdmx_csv_reads_exponents_and_nan_where_a_form_says_so(tmp_path: Path) -> None:
    project = load_project()
    rules = (
        FieldRule("area_code", required=True, headers=("REF_AREA",)),
        FieldRule("period", required=True, headers=("TIME_PERIOD",)),
        FieldRule("value", headers=("OBS_VALUE",)),
    )
    form = FileForm("csv", numbers="sdmx")
    contract = dataclasses.replace(project.contracts["tourism"], fields=rules, forms={"csv": form})
    reading = read_files(tmp_path, {"a.csv": (SDMX_CSV.encode(), dataclasses.asdict(form))})["a.csv"]
    parsed = lay_out(read_raw(reading.path), contract, form, project.fields)
    values = [(row["period"], row["value"]) for row in parsed.rows.to_pylist()]
    assert values == [
        ("2024-Q1", "1399.5"),
        ("2024-Q2", "1510.70"),
        ("2024-Q3", ""),
        ("2024-Q4", "…"),
        ("2025-Q1", "0.102"),
    ]
    assert [finding.severity for finding in parsed.findings] == ["warning"] * 3  # columns of no field


TREASURY = "treasury_disbursement__2024-08__2024-09-05.csv"
VOUCHERS = (
    "voucher_no", "line_no", "posted_on", "budget_year", "project_code", "source", "plan_component", "transaction_type",
    "amount_vnd",
)  # fmt: skip


def of_august(count: int) -> str:
    lines = [
        (f"V{n}", 1, "2024-08-05", 2024, "7000001", "local", "pm_assigned", "payment", 10**9) for n in range(count)
    ]
    return parted_by(",", VOUCHERS, *lines)


@pytest.mark.parametrize("cut", [1, 3, 15, 40])
def test_a_file_that_was_cut_off_in_a_line_is_refused_whole(house: House, tmp_path: Path, cut: int) -> None:
    content = of_august(6)
    last = content.rindex("V5")
    file = tmp_path / TREASURY
    file.write_text(content[: last + cut], encoding="utf-8", newline="")
    result = tried(house, file, "--lang", "vi")
    assert result.exit_code == 1
    assert "cut off in line 7" in result.output
    assert "Dòng 7 bị đứt" in result.output


@pytest.mark.parametrize("ending", ["Ghi chú: số liệu sơ bộ", "Người lập biểu,Nguyễn Văn A"])
def test_a_note_without_a_line_end_is_no_line_cut_off(house: House, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_text(parted_by(",", HEADER, *MONTHS) + ending, encoding="utf-8", newline="")
    assert "cut off" not in tried(house, file).output
