"""Tables of the national office's PX-Web come in by a contract alone: JSON-stat, PX-Web CSV and PX, cell by cell.

Each is compared with an independent reading of its file: JSON with plain floats, CSV with the csv module.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assets.layout import ParsedRows, lay_out
from assets.readers import Limits, ReadJob, read_deliveries
from assets.readers.raw import read_raw
from dbt_like_sql.contracts import load_contracts
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT

TABLES = PROJECT_ROOT.parent / "shared" / "data" / "pxweb"
PROJECT = load_project()
CONTRACT = load_contracts(PROJECT.fields, Path(__file__).parent / "contracts_of_tables")["province_tables"]

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not TABLES.exists(), reason="needs the real tables in ../shared/data/pxweb, which are not here"),
]


def laid_out(folder: Path, source: Path) -> ParsedRows:
    form = CONTRACT.forms[source.suffix[1:]]
    job = ReadJob("id", source, dataclasses.asdict(form), folder / "raw.parquet", source.name)
    (reading,) = read_deliveries([job], Limits())
    assert reading.refusal is None, reading.refusal
    return lay_out(read_raw(reading.path), CONTRACT, form, PROJECT.fields)


def cells_of_the_json() -> Iterator[tuple[str, str, str, float]]:
    table = json.loads((TABLES / "E02.01_area_population_density_by_province.json").read_bytes().rstrip(b"\0"))[
        "dataset"
    ]
    described = table["dimension"]
    labels = [list(described[name]["category"]["label"].values()) for name in described["id"]]
    for (place, year, item), value in zip(itertools.product(*labels), table["value"], strict=True):
        yield place.strip(), year, item, value


def test_json_stat_that_ends_in_a_nul_byte_is_read_cell_for_cell(tmp_path: Path) -> None:
    parsed = laid_out(tmp_path, TABLES / "E02.01_area_population_density_by_province.json")
    rows = parsed.rows.to_pylist()
    assert (parsed.physical_rows, parsed.data_rows, len(rows)) == (2940, 2940, 2940)
    ours = [(r["row_label"].strip(), r["period"], r["indicator"], float(r["value"])) for r in rows]
    assert ours == list(cells_of_the_json())
    assert parsed.findings == []


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("index_of_industrial_production_by_province.csv", 70 * 5),
        ("area_of_housing_floors_by_type_of_house.csv", 3 * 10),
    ],
)
def test_px_web_csv_is_read_cell_for_cell(tmp_path: Path, name: str, cells: int) -> None:
    with (TABLES / name).open(encoding="utf-8-sig", newline="") as file:
        _, header, *lines = [row for row in csv.reader(file, delimiter=";") if row]
    expected = [
        (line[0].strip(), year, value) for line in lines for year, value in zip(header[1:], line[1:], strict=True)
    ]
    parsed = laid_out(tmp_path, TABLES / name)
    rows = [(r["row_label"], r["period"], r["value"]) for r in parsed.rows.to_pylist()]
    assert rows == expected
    assert len(rows) == cells
    assert [f.check for f in parsed.findings] == []


def px_of(table: list[list[str]]) -> str:
    """A table of provinces and years as a PX file."""
    header, *lines = table
    listed = ",\n".join(f'"{line[0]}"' for line in lines)
    years = ",".join(f'"{year}"' for year in header[1:])
    data = "\n".join(" ".join(f'"{v}"' if set(v) == {"."} else v for v in line[1:]) for line in lines)
    return (
        'CHARSET="ANSI";\nAXIS-VERSION="2010";\nCODEPAGE="utf-8";\nLANGUAGE="en";\nTITLE="Index; by province "\n'
        f'"and year";\nSTUB="Cities, provincies";\nHEADING="Year";\nVALUES("Cities, provincies")={listed};\n'
        f'VALUES[vi]("Cities, provincies")="x";\nVALUES("Year")={years};\nTIMEVAL("Year")=TLIST(A1),{years};\n'
        f"DECIMALS=1;\nDATA=\n{data};\n"
    )


def test_a_px_file_of_the_same_table_gives_the_same_rows(tmp_path: Path) -> None:
    name = "index_of_industrial_production_by_province.csv"
    with (TABLES / name).open(encoding="utf-8-sig", newline="") as file:
        _, *table = [row for row in csv.reader(file, delimiter=";") if row]
    source = tmp_path / "table.px"
    source.write_text(px_of(table), encoding="utf-8")
    parsed = laid_out(tmp_path, source)
    by_csv = laid_out(tmp_path, TABLES / name)

    def values(parsed: ParsedRows) -> list[tuple[Any, ...]]:
        gone = {"…", ".."}
        return [
            (r["row_label"].strip(), r["period"], None if r["value"] in gone else Decimal(r["value"]))
            for r in parsed.rows.to_pylist()
        ]

    assert values(parsed) == values(by_csv)
    assert parsed.findings == []
