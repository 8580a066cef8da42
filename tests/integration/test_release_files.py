"""The files beside the marts of a release: the workbook, the data package, the dictionary."""

from __future__ import annotations

import csv
import datetime as dt
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pyarrow.parquet as pq
import pytest

from assets.product.marts import Marts
from assets.product.package import DICTIONARY, PACKAGE
from assets.product.workbook import DICTIONARY_SHEET, WORKBOOK, workbook
from dbt_like_sql.project import load_project
from resources.files import sha256_of
from tests.house import House, table


@pytest.fixture(scope="module")
def release(province: House) -> Path:
    return province.home.marts / "current"


@pytest.fixture(scope="module")
def book(release: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(release / WORKBOOK)


def test_the_workbook_begins_with_the_scorecard_and_ends_with_the_dictionary(book: openpyxl.Workbook) -> None:
    assert (book.sheetnames[0], book.sheetnames[-1]) == ("Chỉ tiêu, nhiệm vụ", DICTIONARY_SHEET)


def test_every_cell_of_the_scorecards_sheet_is_that_of_the_mart(book: openpyxl.Workbook, release: Path) -> None:
    heads, *shown = book.worksheets[0].iter_rows(values_only=True)
    fields = load_project().fields
    columns = ["directive", "item", "title_vi", "comparator", "threshold", "actual", "gap", "unit", "status"]
    assert [fields[column].label_vi for column in columns] == list(heads[: len(columns)])
    rows = table(release / "directive_scorecard.parquet")
    assert len(shown) == len(rows) > 30
    for cells, row in zip(shown, rows, strict=True):
        for column, cell in zip(columns[:8], cells, strict=False):
            value = row[column]
            if isinstance(value, Decimal):
                assert Decimal(str(cell)) == value
            else:
                assert cell == value


def test_days_are_days_and_numbers_are_numbers_and_nothing_is_a_formula(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
        for row in sheet.iter_rows():
            assert not [cell for cell in row if cell.data_type == "f"]
    head = [cell.value for cell in book.worksheets[0][1]]
    fields = load_project().fields
    deadlines = [row[head.index(fields["deadline_on"].label_vi)] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert all(isinstance(cell.value, dt.datetime) for cell in deadlines if cell.value is not None)


def test_a_workbook_of_the_same_marts_has_the_same_bytes(release: Path) -> None:
    made = workbook(Marts(release.resolve(), load_project()), as_of_of(release))
    assert made == (release / WORKBOOK).read_bytes()
    assert {entry.date_time[0] for entry in zipfile.ZipFile(release / WORKBOOK).infolist()} == {1980}


def as_of_of(release: Path) -> dt.date:
    return dt.date.fromisoformat(json.loads((release / "manifest.json").read_text())["as_of"])


def test_the_data_package_is_valid_and_says_what_the_files_are(release: Path) -> None:
    package = json.loads((release / PACKAGE).read_text(encoding="utf-8"))
    report = frictionless.Package.validate_descriptor(package)
    assert report.valid, report.flatten(["type", "message"])
    for resource in package["resources"]:
        path = release / resource["path"]
        assert resource["hash"] == f"sha256:{sha256_of(path)}"
        assert resource["bytes"] == path.stat().st_size
        assert [field["name"] for field in resource["schema"]["fields"]] == pq.read_schema(path).names


def test_primary_keys_of_the_package_are_unique_and_known(release: Path) -> None:
    for resource in json.loads((release / PACKAGE).read_text(encoding="utf-8"))["resources"]:
        key = resource["schema"]["primaryKey"]
        keys = [tuple(row[column] for column in key) for row in table(release / resource["path"])]
        assert len(keys) == len(set(keys)), resource["name"]


def test_foreign_keys_of_the_package_lead_somewhere(release: Path) -> None:
    resources = {r["name"]: r for r in json.loads((release / PACKAGE).read_text(encoding="utf-8"))["resources"]}
    lost: dict[str, list[Any]] = {}
    for name, resource in resources.items():
        for key in resource["schema"].get("foreignKeys", []):
            target = table(release / resources[key["reference"]["resource"]]["path"])
            known = {tuple(row[column] for column in key["reference"]["fields"]) for row in target}
            asked = {tuple(row[column] for column in key["fields"]) for row in table(release / resource["path"])}
            missing = sorted(str(one) for one in asked - known if None not in one)
            if missing:
                lost[f"{name}.{','.join(key['fields'])}"] = missing[:5]
    assert lost == {}


def test_the_dictionary_has_every_column_of_every_mart_in_both_languages(release: Path) -> None:
    with (release / DICTIONARY).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for path in sorted(release.resolve().glob("*.parquet")):
        assert [row["column"] for row in rows if row["mart"] == path.stem] == pq.read_schema(path).names
    assert all(row["label_vi"] and row["label_en"] and row["description_vi"] for row in rows)
