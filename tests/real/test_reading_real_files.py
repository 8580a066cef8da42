"""Real files of real suppliers, read in place and compared with what other programs say of them."""

from __future__ import annotations

import csv
import dataclasses
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from assets.layout import lay_out
from assets.readers import Limits, ReadJob, read_deliveries
from assets.readers.raw import read_raw
from dbt_like_sql.project import load_project
from tests.fuzz.independent import read_by_another, trimmed
from tests.office_made_files import CSV, SDMX, cells_of, rows_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
GDP = DATA / "nso_sdmx" / "GDPVNM_prepared_2024-10-24.xml"
IIP = DATA / "nso_sdmx" / "IIPVNM_prepared_2024-10-24.xml"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.exists(), reason="needs the real files in ../shared/data, which are not here"),
]


def read(tmp_path: Path, source: Path, form: Any) -> Any:
    (reading,) = read_deliveries([ReadJob("id", source, form, tmp_path / "raw.parquet", source.name)], Limits())
    assert reading.refusal is None, reading.refusal
    return reading


@pytest.mark.parametrize(("source", "count"), [(GDP, 5818), (IIP, 470)])
def test_every_observation_of_the_national_files_is_read_as_it_stands_there(tmp_path, source, count):
    """In the file's order, every attribute and value character for character: read with the standard library alone."""
    reading = read(tmp_path, source, SDMX)
    assert (reading.physical_rows, reading.parsed_rows) == (count, count)
    (_, header, _), *rows = [(row["source_row"], row["cells"], row["kinds"]) for row in rows_of(reading)]
    ours = [(number, {k: v for k, v in zip(header, cells, strict=True) if v is not None}) for number, cells, _ in rows]
    series = [element for element in ElementTree.parse(source).iter() if element.tag == "Series"]
    theirs = [{**one.attrib, **observation.attrib} for one in series for observation in one]
    assert ours == list(enumerate(theirs, start=1))
    assert {kinds[-1] for _, _, kinds in rows} <= {"n", "s"}


def test_the_national_accounts_are_laid_out_with_every_observation_counted(tmp_path):
    project = load_project()
    contract = project.contracts["grdp"]
    form = contract.forms["xml"]
    reading = read(tmp_path, GDP, dataclasses.asdict(form))
    parsed = lay_out(read_raw(reading.path), contract, form, project.fields)
    assert not parsed.findings
    assert parsed.physical_rows == 5818 == parsed.data_rows + parsed.rows_set_aside["out_of_scope"]
    rows = {(row["sector_code"], row["period"]): row for row in parsed.rows.to_pylist()}
    assert len(rows) == parsed.rows_in

    # The defect of the file, by arithmetic of our own on its text: taxes of 2020.
    year = Decimal(rows["TAX", "2020"]["value_constant_bn"])
    quarters = sum(Decimal(rows["TAX", f"2020-Q{n}"]["value_constant_bn"]) for n in range(1, 5))
    assert round(quarters - year, 2) == Decimal("87.95")
    text = GDP.read_text("utf-8")
    series = re.search(r'<Series [^>]*INDICATOR="NGDPTXS_R_XDC"[^>]*FREQ="A"[^>]*>.*?</Series>', text)
    assert series is not None
    assert f'OBS_VALUE="{rows["TAX", "2020"]["value_constant_bn"]}"' in series.group(0)


def test_the_index_of_industrial_production_is_laid_out_whole(tmp_path):
    project = load_project()
    contract = project.contracts["industrial_production_index"]
    form = contract.forms["xml"]
    reading = read(tmp_path, IIP, dataclasses.asdict(form))
    parsed = lay_out(read_raw(reading.path), contract, form, project.fields)
    assert not parsed.findings
    assert parsed.physical_rows == 470
    january = [row for row in parsed.rows.to_pylist() if (row["activity_code"], row["month"]) == ("BTE", "2017-01")]
    assert [(row["index_level"], row["base_year"]) for row in january] == [("96.8", "2015")]


def test_the_permit_register_is_read_cell_for_cell(tmp_path):
    source = DATA / "permits" / "real_permit_register.csv"
    reading = read(tmp_path, source, CSV)
    with source.open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.reader(file))
    assert cells_of(reading) == expected
    assert reading.physical_rows == 5230


def test_a_px_web_table_with_byte_order_mark_title_and_two_dots_is_read(tmp_path):
    source = DATA / "pxweb" / "index_of_industrial_production_by_province.csv"
    cells = cells_of(read(tmp_path, source, {**CSV, "delimiter": ";"}))
    assert cells[0] == ["Index of Industrial production by province by Cities, provincies and Year"]
    assert cells[1][1:] == ["2012", "2013", "2014", "2015", "2016"]
    assert ["Red River Delta", "..", "..", "..", "..", ".."] in cells


def test_a_json_file_under_the_name_of_a_table_is_refused(tmp_path):
    source = DATA / "pxweb" / "E02.01_area_population_density_by_province.json"
    job = ReadJob("id", source, CSV, tmp_path / "raw.parquet", source.name)
    (reading,) = read_deliveries([job], Limits())
    assert "NUL" in str(reading.refusal)


OLD = DATA / "nso_monthly" / "2014-07-29-Bieu-7-2014.xls"


@pytest.mark.parametrize("sheet", ["01NN", "IIP", "SP", "VonDT", "Tongmuc", "XK", "CPI", "Vantai"])
def test_a_workbook_of_2014_is_read_cell_for_cell(tmp_path, sheet):
    """As xlrd alone reads it, every sheet of the office's .xls; calamine is what reads it here."""
    rows = rows_of(read(tmp_path, OLD, {"reader": "xlsx", "sheets": [sheet]}))
    ours = {row["source_row"]: trimmed(row["cells"]) for row in rows}
    assert ours == read_by_another("xls", OLD.read_bytes(), sheet)
