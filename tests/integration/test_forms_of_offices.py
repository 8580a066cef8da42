"""Every form that an office makes comes in through the product's doors, or is refused with what to do about it.

The same rows in each form must give the same accepted rows; the files are made here, byte by byte where no library
writes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dbt_like_sql.contracts import WORKBOOKS, Contract
from dbt_like_sql.project import load_project
from pipeline.cli.commands import cli
from pipeline.settings import PROJECT_ROOT
from tests.house import House
from tests.office_made_files import at_the_root, ods, ods_of, renamed_parts, with_backslashes, workbook, xls, xlsb

CASES = PROJECT_ROOT.parent / "shared" / "cases"
SHEET = "Du lịch"
HEADER = ("Tháng", "Tổng lượt khách (lượt)", "Khách lưu trú (lượt)", "Doanh thu du lịch (tỷ đồng)")
MONTHS = [(f"2024-{month:02}", 200_000 + month, 60_000 + month, 100.5 + month) for month in range(1, 7)]
TABLE = [HEADER, *MONTHS]
NAME = "tourism__2024-6M__2024-07-10"
BOOKS = {
    "xlsx": workbook(TABLE, SHEET),
    "xls": xls(TABLE, SHEET),
    "xlsb": xlsb(TABLE, SHEET),
    "ods": ods(TABLE, SHEET),
    "root": at_the_root(workbook(TABLE, SHEET)),
    "backslash": with_backslashes(workbook(TABLE, SHEET)),
}


def tried(house: House, file: Path, *options: str) -> Result:
    return CliRunner().invoke(
        cli, ["check", str(file), *options], env={"GROWTH_HOME": str(house.home.root), "COLUMNS": "200"}
    )


def accepted(house: House, feed: str = "tourism") -> list[dict[str, Any]]:
    return house.table("validated", feed)


def months_of(house: House) -> list[tuple[str, int, int, float]]:
    rows = accepted(house)
    return [(r["month"], r["visitors"], r["overnight_visitors"], float(r["revenue_bn"])) for r in rows]


@pytest.mark.parametrize("kind", BOOKS)
@pytest.mark.parametrize("extension", ["xlsx", "xls"])
def test_a_workbook_is_read_for_what_it_is_whatever_it_is_called(house: House, kind: str, extension: str) -> None:
    name = f"{NAME}.{extension}"
    house.deliver(name, BOOKS[kind])
    house.intake_night()
    row = house.ledger(name)
    assert (row["status"], row["rows_in"], row["rows_accepted"]) == ("accepted", 6, 6), row["reason"]
    assert months_of(house) == MONTHS


@pytest.mark.parametrize("extension", ["xlsx", "xlsm", "xls", "xlsb", "ods"])
def test_every_extension_of_workbooks_is_a_form_where_one_is(house: House, extension: str) -> None:
    name = f"{NAME}.{extension}"
    house.deliver(name, BOOKS.get(extension, BOOKS["xlsx"]))
    house.intake_night()
    assert months_of(house) == MONTHS


def test_an_error_of_a_formula_in_any_workbook_is_a_finding_and_never_zero(house: House) -> None:
    cells = (
        '<table:table-cell office:value-type="string"><text:p>2024-07</text:p></table:table-cell>'
        '<table:table-cell table:formula="of:=1" office:value-type="float" office:value="0" calcext:value-type="error">'
        "<text:p>Err:502</text:p></table:table-cell>"
    )
    header = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{h}</text:p></table:table-cell>' for h in HEADER
    )
    table = (
        f'<table:table table:name="{SHEET}"><table:table-row>{header}</table:table-row>'
        f"<table:table-row>{cells}</table:table-row></table:table>"
    )
    house.deliver(f"{NAME}.ods", ods_of(table))
    house.intake_night()
    row = house.ledger(f"{NAME}.ods")
    assert row["status"] == "rejected"
    assert "Err:502" in row["reason"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, ("old kind (.xls)", "save it as")),
        (b"PK\x03\x04", ("truncated or damaged", "again")),
        (b"<html><table><tr><td>1</td></tr></table></html>", ("web page", "save it as")),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', ("Excel 2003", "save it as")),
        (renamed_parts(xlsb(TABLE, SHEET), str, lambda part: part[:-3]), ("damaged",)),
    ],
)
def test_what_is_no_whole_workbook_is_refused_with_what_to_do(
    house: House, tmp_path: Path, content: bytes, words: tuple[str, ...]
) -> None:
    file = tmp_path / f"{NAME}.xls"
    file.write_bytes(content)
    result = tried(house, file)
    assert result.exit_code == 1
    for word in words:
        assert word in result.output


@pytest.mark.skipif(not CASES.exists(), reason="needs ../shared/cases")
def test_the_workbook_at_the_root_of_a_portal_is_accepted_whole(house: House) -> None:
    result = tried(house, CASES / "13-workbook-at-root" / f"{NAME}.xlsx")
    assert result.exit_code == 0
    assert "accepted (6 of 6 rows)" in result.output


VOUCHERS = [
    ("Số chứng từ", "Số dòng", "Ngày hạch toán", "Năm ngân sách", "Mã dự án", "Nguồn vốn", "Loại kế hoạch vốn",
     "Loại giao dịch", "Số tiền (đồng)"),
    ("V1", 1, "05/08/2024", 2024, "7000001", "local", "pm_assigned", "advance", 5_000_000_000),
    ("V2", 1, "06/08/2024", 2024, "7000001", "local", "pm_assigned", "payment", "1.250.000.000"),
]  # fmt: skip


@pytest.mark.parametrize("book", [workbook(VOUCHERS, "Sheet1"), xls(VOUCHERS, "Sheet1"), ods(VOUCHERS, "Sheet1")])
def test_the_treasury_gives_workbooks_too(house: House, book: bytes) -> None:
    house.deliver("treasury_disbursement__2024-08__2024-09-05.xlsx", book)
    house.intake_night()
    rows = accepted(house, "treasury_disbursement")
    assert [(r["voucher_no"], r["posted_on"].day, r["amount_vnd"]) for r in rows] == [
        ("V1", 5, 5_000_000_000),
        ("V2", 6, 1_250_000_000),
    ]


@pytest.mark.parametrize("contract", load_project().contracts.values(), ids=lambda contract: contract.feed)
def test_every_feed_takes_tables_as_text_and_as_workbooks(contract: Contract) -> None:
    assert {"csv", *WORKBOOKS} <= set(contract.forms)
