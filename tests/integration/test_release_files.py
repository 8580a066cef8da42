"""The files beside the marts of a release: workbook, database, data package, dictionary, catalogue, lineage."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import openpyxl
import pyarrow.parquet as pq
import pytest

from assets.product import database as database_module
from assets.product.catalog import CATALOG, LINEAGE_FILE
from assets.product.companions import companions
from assets.product.database import DATABASE, additive_views, code_words, columns_of, database, marts_held
from assets.product.marts import Marts
from assets.product.package import DICTIONARY, PACKAGE
from assets.product.powerbi import MODEL, power_bi_model
from assets.product.reused_files import MADE_OF
from assets.product.superset import BUNDLE
from assets.product.words import words
from assets.product.workbook import COVER_SHEET, DICTIONARY_SHEET, WORKBOOK, workbook
from dbt_like_sql.access import public_columns
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.project import load_project
from resources.files import sha256_of
from resources.releases import ReleaseStore
from tests.house import House, table


@pytest.fixture(scope="module")
def release(province: House) -> Path:
    return province.home.marts / "current"


@pytest.fixture(scope="module")
def book(release: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(release / WORKBOOK)


def test_the_workbook_begins_with_a_cover_and_the_scorecard_and_ends_with_the_dictionary(
    book: openpyxl.Workbook,
) -> None:
    assert book.sheetnames[:2] == [COVER_SHEET, "Chỉ tiêu, nhiệm vụ"]
    assert book.sheetnames[-1] == DICTIONARY_SHEET


def test_the_cover_says_the_day_what_is_simulated_and_what_may_be_added_up(
    book: openpyxl.Workbook, release: Path
) -> None:
    said = [[cell for cell in row if cell] for row in book[COVER_SHEET].iter_rows(values_only=True)]
    assert f"{as_of_of(release):%d/%m/%Y}" in said[1][0]
    assert "mô phỏng" in said[2][0]
    told = {row[0]: row[1:] for row in said if row and row[0] in book.sheetnames}
    assert told.keys() == set(book.sheetnames) - {COVER_SHEET, DICTIONARY_SHEET}
    assert "Kế hoạch vốn, Đã giải ngân" in told["Giải ngân"][1]
    assert told["Kiểm soát dự án"][2] == "Năm ngân sách"
    of_views = {name: str(row) for name, row in told.items() if not name.startswith("Gốc, ")}
    names_of_the_database = re.compile(r"[a-z]_[a-z0-9]|\b(directive|item|duties)\b")
    assert [name for name, row in of_views.items() if names_of_the_database.search(row)] == []
    assert all(row[1] == "không cộng, chỉ tra cứu" for name, row in told.items() if name.startswith("Gốc, "))


def test_every_cell_of_the_scorecards_sheet_is_that_of_the_mart_in_the_order_of_the_directive(
    book: openpyxl.Workbook, release: Path
) -> None:
    heads, *shown = book.worksheets[1].iter_rows(values_only=True)
    fields = load_project().fields
    rows = table(release / "directive_scorecard.parquet")
    issued = {row["directive"]: row["issued_on"] for row in table(release / "dim_directive_item.parquet")}
    rows.sort(key=lambda row: (issued[row["directive"]], row["directive"], row["item_order"]))
    assert len(shown) == len(rows) > 30
    for column in ("item", "title_vi", "threshold", "actual", "gap", "deadline_on"):
        place = heads.index(fields[column].label_vi)
        for cells, row in zip(shown, rows, strict=True):
            value, cell = row[column], cells[place]
            if isinstance(value, Decimal):
                assert Decimal(str(cell)) == value
            else:
                assert (cell.date() if isinstance(cell, dt.datetime) else cell) == value


def test_no_code_and_no_empty_column_stands_in_a_sheet_and_money_says_its_unit(book: openpyxl.Workbook) -> None:
    codes = {row["code"] for row in code_words(load_project())} - {"I", "II", "III", "GRDP"}
    for sheet in book.worksheets[1:-1]:
        heads, *rows = sheet.iter_rows(values_only=True)
        for place, head in enumerate(heads):
            cells = [row[place] for row in rows if row[place] is not None]
            assert cells or not rows, (sheet.title, head)
            if cells and all(isinstance(cell, str) for cell in cells):
                assert not {cell for cell in cells if "_" in cell} & codes, (sheet.title, head)
    heads = [str(cell.value) for cell in book["Giải ngân"][1]]
    assert [head for head in heads if "(đồng)" in head]


def test_clauses_units_and_what_is_known_when_stand_in_words(book: openpyxl.Workbook) -> None:
    said = {cell for sheet in book.worksheets[1:-1] for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {"Phần mở đầu", "Điểm b khoản 2", "số lượng", "dòng đầu", "tính từ chứng từ Kho bạc"} <= said
    assert not {"preamble", "count", "as_then_known", "first_row", "computed_from_counts"} & said


def test_a_chance_stands_in_percent(book: openpyxl.Workbook) -> None:
    columns = [column for column in book["Dự báo"].iter_cols() if str(column[0].value) == "Xác suất đạt chỉ tiêu"]
    (cells,) = ([cell for cell in column[1:] if cell.value is not None] for column in columns)
    assert cells
    assert {cell.number_format for cell in cells} == {"0.0%"}
    assert all(0 <= cell.value <= 1 for cell in cells)


def test_amounts_in_dong_have_no_decimals_also_where_they_are_sums(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets[1:-1]:
        for head, *cells in sheet.iter_cols():
            if "(đồng)" in str(head.value):
                assert {cell.number_format for cell in cells if cell.value is not None} <= {"#,##0"}, head.value


def test_a_column_of_a_sheet_adds_up_to_what_its_view_gives(book: openpyxl.Workbook, release: Path) -> None:
    """A plain sum in a spreadsheet is that of the view, and so the truth."""
    heads, *rows = book["Giải ngân"].iter_rows(values_only=True)
    (place,) = [number for number, head in enumerate(heads) if str(head).startswith("Đã giải ngân")]
    with duckdb.connect(str(release / DATABASE), read_only=True) as made:
        ((expected,),) = made.execute("select sum(disbursed_vnd) from disbursement_now").fetchall()
    assert sum(row[place] for row in rows if row[place] is not None) == expected


def test_months_are_months_and_a_page_of_paper_holds_all_columns(book: openpyxl.Workbook) -> None:
    sheet = book["Du lịch"]
    heads = [str(cell.value).split("\n")[0] for cell in sheet[1]]
    months = [row[heads.index("Tháng")] for row in sheet.iter_rows(min_row=2)]
    assert {cell.number_format for cell in months} == {"mm/yyyy"}
    for one in book.worksheets:
        assert (one.page_setup.orientation, one.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)
        assert (one.page_setup.fitToWidth or 1, one.page_setup.fitToHeight) == (1, 0)
        assert one.print_title_rows


def test_the_dictionary_says_on_which_sheet_each_column_stands(book: openpyxl.Workbook) -> None:
    said = {(row[0], row[1]) for row in book[DICTIONARY_SHEET].iter_rows(min_row=2, values_only=True)}
    for sheet in book.worksheets[1:-1]:
        labels = {str(cell.value).split("\n")[0] for cell in sheet[1]}
        assert {(sheet.title, label) for label in labels} <= said


def test_days_are_days_and_numbers_are_numbers_and_nothing_is_a_formula(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
        for row in sheet.iter_rows():
            assert not [cell for cell in row if cell.data_type == "f"]
    head = [cell.value for cell in book.worksheets[1][1]]
    fields = load_project().fields
    deadlines = [row[head.index(fields["deadline_on"].label_vi)] for row in book.worksheets[1].iter_rows(min_row=2)]
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
            target = table(release / resources[key["reference"].get("resource", name)]["path"])
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


# ── the database ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def engine(release: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(release / DATABASE), read_only=True)


def test_the_database_holds_the_marts_row_for_row_without_what_is_internal(
    engine: duckdb.DuckDBPyConnection, release: Path
) -> None:
    project = load_project()
    for mart in marts_held(project):
        rows = pq.read_table(release / f"{mart}.parquet")
        public = rows.select(public_columns(project.fields, rows.column_names)).replace_schema_metadata(None)
        found = engine.table(mart).to_arrow_table()
        assert found.column_names == public.column_names, mart
        assert found.to_pylist() == public.to_pylist(), mart
    internal = {field.name for field in project.fields.values() if not field.is_public}
    shown = {name for (name,) in engine.execute("select column_name from duckdb_columns()").fetchall()}
    assert not internal & shown


def test_a_view_has_the_columns_that_are_said_of_it_each_with_its_words_and_says_what_may_be_summed(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    project = load_project()
    comments = dict(engine.execute("select view_name, comment from duckdb_views()").fetchall())
    for view in additive_views():
        said = columns_of(project, view)
        found = engine.execute(
            "select column_name, comment from duckdb_columns() where table_name = ? order by column_index", [view.name]
        ).fetchall()
        assert [name for name, _ in found] == [column.name for column in said]
        for (_, comment), column in zip(found, said, strict=True):
            assert comment == f"{column.label_vi} [{column.unit}] | {column.label_en}"
        assert set(view.sums) | set(view.across) <= {column.name for column in said}
        assert all(name in comments[view.name] for name in (*view.sums, *view.across))


def test_no_code_stands_in_a_view_without_its_words(engine: duckdb.DuckDBPyConnection) -> None:
    worded = {row["column_name"] for row in code_words(load_project())}
    silent = []
    for view in additive_views():
        for column in worded & set(view.columns):
            stem = column.removesuffix("_code")
            rows = engine.execute(
                f"select distinct {column} from {view.name} where {column} is not null "
                f"and ({stem}_vi is null or {stem}_en is null)"
            ).fetchall()
            silent += [f"{view.name}.{column}: {code}" for (code,) in rows]
    assert silent == []


def test_a_code_has_one_wording_on_the_page_and_in_the_database() -> None:
    said = {(row["column_name"], row["code"]): row for row in code_words(load_project())}
    declared = read_yaml(Path(database_module.__file__).with_name("code_words.yml"))
    families = {"cause": ["causes"], "status": ["statuses", "deliveries"]}
    for column, names in families.items():
        of_page = {code: word for name in names for code, word in words()[name].items()}
        assert not of_page.keys() & declared.get(column, {}).keys()
        for code, word in of_page.items():
            assert (said[column, code]["word_vi"], said[column, code]["word_en"]) == (word["vi"], word["en"])


def test_totals_are_flagged_and_no_view_shows_a_row_beside_its_parts(
    engine: duckdb.DuckDBPyConnection, release: Path
) -> None:
    totals = {path.stem for path in release.resolve().glob("*.parquet") if "is_total" in pq.read_schema(path).names}
    assert {"disbursement_vs_target", "retail_services_monthly", "nonstate_construction_capture"} <= totals
    assert engine.execute("select count(*) from disbursement_now where board_code = 'PROVINCE'").fetchone() == (0,)
    for view, key in (("disbursement_now", "board_code, budget_year"), ("targets_now", "directive, item")):
        twice = f"select {key} from {view} group by {key} having count(*) > 1"
        assert engine.execute(twice).fetchall() == [], view


def test_a_database_of_the_same_marts_has_the_same_tables(release: Path, tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(database(Marts(release.resolve(), load_project())))
    with duckdb.connect(str(tmp_path / DATABASE), read_only=True) as made:
        made.execute(f"attach '{release / DATABASE}' as published (read_only)")
        for mart in marts_held(load_project()):
            rows = made.execute(f"from {mart} except all from published.{mart}").fetchall()
            assert rows == [], mart


# ── carried over, copied, exported ────────────────────────────────────────────────────────────────────────


def test_what_is_dear_is_carried_over_until_something_changes_that_it_shows(release: Path, tmp_path: Path) -> None:
    project = load_project()
    marts = {path.stem: path for path in release.resolve().glob("*.parquet")}
    store = ReleaseStore(tmp_path)
    first, _ = store.publish(marts, {}, as_of_of(release), companions(project, as_of_of(release)))
    changed = tmp_path / "evidence.parquet"  # no sheet of the workbook shows it
    rows = pq.read_table(marts["evidence"])
    pq.write_table(rows.replace_schema_metadata({**rows.schema.metadata, b"note": b"another"}), changed)
    earlier = store.get(first).path
    second, is_new = store.publish(
        {**marts, changed.stem: changed}, {}, as_of_of(release), companions(project, as_of_of(release), earlier)
    )
    made_of = [json.loads((store.get(one).path / MADE_OF).read_text()) for one in (first, second)]
    assert is_new
    assert made_of[0][WORKBOOK] == made_of[1][WORKBOOK]
    assert made_of[0][DATABASE] != made_of[1][DATABASE]
    assert store.verify(second) == []


def test_latest_is_a_plain_copy_of_what_is_current_and_follows_it(province_copy: House) -> None:
    store = province_copy.releases
    current = store.get()
    assert not store.latest.is_symlink()
    held = {path.name: sha256_of(path) for path in store.latest.iterdir()}
    assert held == {path.name: sha256_of(path) for path in current.path.iterdir()}
    reader = duckdb.connect(str(store.latest / DATABASE), read_only=True)
    items = reader.table("targets_now").to_arrow_table().num_rows
    (store.latest / "scorecard.html").write_text("spoilt")
    assert store.verify() == []
    other, _ = store.publish(
        {"dim_sector": current.path / "dim_sector.parquet"}, {}, dt.date.fromisoformat(current.manifest["as_of"])
    )
    assert json.loads((store.latest / "manifest.json").read_text())["release_id"] == other
    assert reader.execute("select sum(items) from targets_now").fetchone() == (items,)  # it reads on in what it opened
    reader.close()
    store.rollback(current.release_id)
    assert {path.name: sha256_of(path) for path in store.latest.iterdir()} == held


def test_a_release_is_exported_into_an_empty_folder_and_nowhere_else(province: House, tmp_path: Path) -> None:
    before = sorted(path.as_posix() for path in province.root.rglob("*"))
    folder = tmp_path / "out"
    said = province.command("release", "export", str(folder))
    current = province.releases.get()
    assert said.returncode == 0, said.stderr
    assert said.stdout == f"{current.release_id} lies in {folder}.\n"
    assert {path.name for path in folder.iterdir()} == {"bi", *(path.name for path in current.path.iterdir())}
    assert {path.name for path in (folder / "bi").iterdir()} == {"views", BUNDLE, MODEL}
    views = {path.stem: pq.read_table(path) for path in (folder / "bi" / "views").iterdir()}
    with duckdb.connect(str(folder / DATABASE), read_only=True) as engine:
        assert views.keys() == {view.name for view in additive_views()}
        for name, rows in views.items():  # in any order: few views are sorted
            assert sorted(map(str, rows.to_pylist())) == sorted(
                map(str, engine.table(name).to_arrow_table().to_pylist())
            )
    again = province.command("release", "export", str(folder))
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    assert sorted(path.as_posix() for path in province.root.rglob("*")) == before


def test_the_model_for_power_bi_names_every_column_once_in_vietnamese_and_sums_what_may_be_summed(
    release: Path,
) -> None:
    model = json.loads(power_bi_model(load_project(), release / DATABASE))["model"]
    views = {view.name: view for view in additive_views()}
    assert {table["name"] for table in model["tables"]} == set(views)
    for shown in model["tables"]:
        captions = [column["name"] for column in shown["columns"]]
        assert len(captions) == len(set(captions)), shown["name"]
        assert [column["sourceColumn"] for column in shown["columns"]] == [
            column.name for column in columns_of(load_project(), views[shown["name"]])
        ]
        assert len(shown["measures"]) == len(views[shown["name"]].sums)


# ── catalogue and lineage ─────────────────────────────────────────────────────────────────────────────────


def test_the_catalogue_names_every_file_with_its_size_and_hash(release: Path) -> None:
    told = json.loads((release / CATALOG).read_text(encoding="utf-8"))
    files = {file["dct:title"]: file for data_set in told["dcat:dataset"] for file in data_set["dcat:distribution"]}
    held = {path.name for path in release.resolve().iterdir()} - {CATALOG, "manifest.json"}
    assert files.keys() == held
    for name, file in files.items():
        assert file["spdx:checksum"]["spdx:checksumValue"] == sha256_of(release / name)
        assert file["dcat:byteSize"] == (release / name).stat().st_size


def test_the_lineage_says_of_every_public_column_what_it_is_made_from(release: Path) -> None:
    told = json.loads((release / LINEAGE_FILE).read_text(encoding="utf-8"))
    project = load_project()
    for path in release.resolve().glob("*.parquet"):
        assert list(told[path.stem]["columns"]) == sorted(public_columns(project.fields, pq.read_schema(path).names))
    assert told["directive_scorecard"]["feeds"]
    assert told["disbursement_vs_target"]["columns"]["plan_vnd"]


def test_a_release_of_this_size_is_small(release: Path) -> None:
    assert sum(path.stat().st_size for path in release.resolve().iterdir()) < 15_000_000
