"""Every published mart opens in the tools that read it, in the plainest Parquet there is, and says what it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.product.package import PACKAGE
from assets.publishing import SCHEMA_VERSION
from dbt_like_sql.project import Model, Project, load_project
from tests.golden.schema import broken_promises, columns_of_release, promised, too_small_a_step
from tests.house import House

PROJECT: Project = load_project()
MARTS = [model for model in PROJECT.models_in_order() if model.publish]
NAMES = [model.name for model in MARTS]
COLUMNS = {
    "sector_growth_vs_target": (
        "area_code, sector_code, period, period_type, released_on, estimate_stage, level_constant_bn, "
        "growth_yoy_pct, contribution_pp, target_comparator, target_growth_pct, gap_to_target_pp, "
        "required_growth_rest_pct, is_simulated"
    ),
    "disbursement_vs_target": (
        "board_code, budget_year, on_date, denominator, plan_vnd, disbursed_vnd, disbursed_pct, milestone, "
        "threshold_pct, gap_pp, needed_per_working_day_vnd, status"
    ),
    "directive_scorecard": (
        "directive, item, clause, title_vi, title_en, indicator, period, comparator, threshold, unit, actual, gap, "
        "status, status_reason, status_reason_en, status_reason_vi, provisional, within_revision_error, "
        "evidence_released_on, evidence_publisher, evidence_delivery_id, deadline_on, "
        "days_left, lead_agency_code, is_simulated"
    ),
    "delivery_quality": (
        "delivery_id, feed, source_file, supplier, period, released_on, status, reason, reason_en, reason_vi, "
        "rows_in, "
        "rows_accepted, "
        "rows_rejected, findings_critical, findings_warning, is_simulated"
    ),
    "project_disbursement": "project_code, is_key_project, remaining_vnd, remaining_rank",
    "industry_output_monthly": "month, index_level_100, quantity, output_yoy_pct, is_peak_season",
}
AS_WRITTEN = {
    "clause": "a place in a directive, as the register cites it",
    "co_ordinate_agency_codes": "codes",
    "column_names": "names of columns",
    "evidence_publisher": "whom the source quotes, in its words",
    "first_publisher": "whom the source quotes, in its words",
    "items_waiting": "codes",
    "lead_agency_codes": "codes",
    "name": "a project as its decision names it, a person",
    "news_files": "names of files",
    "next_step_agency": "codes; their names stand beside",
    "note": "what the supplier wrote on the file",
    "part_share_sources": "codes",
    "post": "a post as the register of heads has it",
    "projection_moved_by": "names of files",
    "publisher": "whom the source quotes, in its words",
    "reason": "what was found where, with rule and row, for who mends it; reason_en says it without codes",
    "row_label": "a row as its supplier names it",
    "second_publisher": "whom the source quotes, in its words",
    "set_aside_as": "codes with numbers",
    "source_note": "where a register has it from, for whoever keeps it",
    "source_sheet": "a sheet as its supplier names it",
    "status_reason": "the first name of status_reason_en, kept for those who read it",
    "supplier": "an office as the contract names it",
    "unit": "a unit of a product as its register has it",
}
"""Texts of more than one word that are no sentence and no name of ours."""
DIMENSIONS = {
    "dim_sector", "dim_agency", "dim_admin_unit", "dim_board", "dim_project", "dim_directive_item", "dim_period"
}  # fmt: skip
OF_NO_DIMENSION = {
    "curve_code": "a board or a project that a directive names, as curve_of says",
    "group_code": "a register of groups of agencies",
    "national_item_code": "a register of what national tables name",
    "plant_code": "the mart has the name beside it",
    "product_code": "the mart has the label beside it",
    "season_code": "a register of peak seasons",
    "series_code": "the mart has the label beside it",
}
"""Codes of what no mart is a dimension of, and where their words stand."""
ARROW_OF = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double": pa.float64(),
}
MEANING = (b"description", b"description_vi", b"unit", b"access", b"label_vi", b"label_en")
PLAIN = {"PLAIN", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED"}
V1_PAGE = b"\x15\x00"
"""How the header of a data page of version 1 begins: field 1, an integer (15), of value 0."""


@pytest.fixture(scope="module")
def release(province: House) -> Path:
    return province.home.marts / "current"


def test_the_marts_asked_for_are_published_with_the_columns_asked_for(release: Path) -> None:
    assert {path.stem for path in release.glob("*.parquet")} == set(NAMES)
    assert DIMENSIONS | set(COLUMNS) <= set(NAMES)
    for mart, columns in COLUMNS.items():
        missing = set(columns.split(", ")) - set(pq.read_schema(release / f"{mart}.parquet").names)
        assert not missing, mart


EMPTY_HERE = {
    "projection_news": "this night looks at too few past days for a projection to have moved; the golden files hold it",
}


@pytest.mark.parametrize(
    "mart",
    [
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=EMPTY_HERE[name]))
        if name in EMPTY_HERE
        else name
        for name in NAMES
    ],
)
def test_a_mart_opens_alike_in_pandas_arrow_and_duckdb(release: Path, mart: str) -> None:
    path = release / f"{mart}.parquet"
    table = pq.read_table(path)
    assert table.num_rows > 0
    in_pandas = pd.read_parquet(path)
    in_duckdb = duckdb.connect().read_parquet(str(path)).to_arrow_table()
    assert list(in_pandas.columns) == in_duckdb.column_names == table.column_names
    assert len(in_pandas) == table.num_rows
    assert in_duckdb.cast(table.schema.remove_metadata()).equals(table.replace_schema_metadata(None))


@pytest.mark.parametrize("mart", NAMES)
def test_a_marts_types_are_flat_and_are_those_of_the_dictionary(release: Path, mart: str) -> None:
    for column in pq.read_schema(release / f"{mart}.parquet"):
        declared = PROJECT.fields[column.name].type
        if pa.types.is_decimal(column.type):
            assert column.type.scale <= 4, column.name
            assert declared == f"decimal({column.type.precision},{column.type.scale})", column.name
        else:
            assert column.type == ARROW_OF[declared], column.name
        if column.name.endswith("_on") or column.name == "on_date":
            assert column.type == pa.date32(), column.name


@pytest.mark.parametrize("mart", NAMES)
def test_every_column_of_a_mart_says_what_it_means_in_which_unit_and_language(release: Path, mart: str) -> None:
    schema = pq.read_schema(release / f"{mart}.parquet")
    assert schema.metadata[b"description"].decode() == PROJECT.models[mart].description_en
    for column in schema:
        assert all(column.metadata.get(key) for key in MEANING), column.name


@pytest.mark.parametrize("mart", NAMES)
def test_a_mart_is_written_in_what_every_gateway_reads(release: Path, mart: str) -> None:
    path = release / f"{mart}.parquet"
    metadata, content = pq.read_metadata(path), path.read_bytes()
    assert metadata.format_version == "1.0"
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            assert column.compression == "SNAPPY"
            assert set(column.encodings) <= PLAIN
            assert content[column.data_page_offset :].startswith(V1_PAGE)


@pytest.mark.parametrize("model", MARTS, ids=NAMES)
def test_a_marts_rows_are_sorted_by_its_grain_which_names_each_once(release: Path, model: object) -> None:
    rows = pq.read_table(release / f"{model.name}.parquet", columns=list(model.grain)).to_pylist()
    keys = [tuple(row[column] for column in model.grain) for row in rows]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("model", MARTS, ids=NAMES)
def test_a_marts_file_says_its_key_and_order_and_keeps_its_word(release: Path, model: Model) -> None:
    path, key = release / f"{model.name}.parquet", ", ".join(model.grain)
    metadata, schema = pq.read_metadata(path), pq.read_schema(path)
    assert {column.name for column in schema if not column.nullable} == set(model.grain)
    for group in range(metadata.num_row_groups):
        said = [schema.names[one.column_index] for one in metadata.row_group(group).sorting_columns]
        assert said == list(model.grain)
    engine = duckdb.connect()
    rows = engine.read_parquet(str(path), file_row_number=True)
    assert engine.execute(f"select count(distinct ({key})) from rows").fetchall() == [(len(rows),)]
    missing = " or ".join(f"{column} is null" for column in model.grain)
    assert engine.execute(f"select count(*) from rows where {missing}").fetchall() == [(0,)]
    moved = f"select file_row_number, row_number() over (order by {key}) - 1 as sorted_number from rows"
    assert engine.execute(f"select * from ({moved}) where file_row_number <> sorted_number").fetchall() == []


def test_the_package_says_of_keys_and_order_what_the_files_say(release: Path) -> None:
    for resource in _resources(release).values():
        schema = pq.read_schema(release / resource["path"])
        required = {f["name"] for f in resource["schema"]["fields"] if f.get("constraints", {}).get("required")}
        assert required == {column.name for column in schema if not column.nullable}
        assert list(PROJECT.models[Path(resource["path"]).stem].grain) == resource["schema"]["primaryKey"]
        assert resource["sortedBy"] == resource["schema"]["primaryKey"]


def test_every_code_and_period_of_a_mart_refers_to_a_dimension(release: Path) -> None:
    for name, resource in _resources(release).items():
        keys = {tuple(key["fields"]) for key in resource["schema"].get("foreignKeys", [])}
        own = {tuple(resource["schema"]["primaryKey"])}
        for field in resource["schema"]["fields"]:
            is_code = field["name"].endswith("_code") or PROJECT.fields[field["name"]].format in ("period", "month")
            if is_code and field["name"] not in OF_NO_DIMENSION:
                assert (field["name"],) in keys | own, f"{name}.{field['name']}"
        names = {field["name"] for field in resource["schema"]["fields"]}
        for together, to in (
            (("directive", "item"), "dim-directive-item"),
            (("delivery_id", "feed"), "delivery-quality"),
        ):
            assert name == to or not set(together) <= names or together in keys, f"{name}: {together}"


def test_no_row_of_a_mart_is_an_orphan(release: Path) -> None:
    resources, engine = _resources(release), duckdb.connect()
    for name, resource in resources.items():
        for key in resource["schema"].get("foreignKeys", []):
            whole = resources[key["reference"].get("resource", name)]
            asked, known = key["fields"], key["reference"]["fields"]
            pairs = zip(asked, known, strict=True)
            lost = engine.execute(
                f"select distinct {', '.join(asked)} from '{release / resource['path']}' as asked "
                f"where {' and '.join(f'{column} is not null' for column in asked)} and not exists ("
                f"select 1 from '{release / whole['path']}' as known "
                f"where {' and '.join(f'known.{there} = asked.{here}' for here, there in pairs)})"
            ).fetchall()
            assert lost == [], f"{name}: {asked}"


@pytest.mark.parametrize("mart", NAMES)
def test_each_sentence_and_name_of_a_mart_stands_in_both_languages(release: Path, mart: str) -> None:
    table = pq.read_table(release / f"{mart}.parquet")
    for column in table.column_names:
        stem, _, language = column.rpartition("_")
        if language in ("vi", "en"):
            assert {f"{stem}_vi", f"{stem}_en"} <= set(table.column_names), column
        elif pa.types.is_string(table.schema.field(column).type) and column not in AS_WRITTEN:
            texts = table.column(column).unique().to_pylist()
            assert not [text for text in texts if text is not None and " " in text], column


def _resources(release: Path) -> dict[str, Any]:
    """What the data package says of each mart, by its name there."""
    package = json.loads((release / PACKAGE).read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


def test_no_column_is_taken_out_or_retyped_without_a_major_step_of_the_schema(release: Path) -> None:
    version, columns = promised()
    assert version.split(".")[0] == SCHEMA_VERSION.split(".")[0]
    assert broken_promises(columns, columns_of_release(release.resolve())) == []
    assert json.loads((release / "manifest.json").read_text(encoding="utf-8"))["schema_version"] == SCHEMA_VERSION


def test_a_step_of_the_schema_is_as_great_as_what_changed() -> None:
    before = {"tourism": {"month": "string", "visitors": "int64"}}
    retyped = {"tourism": {"month": "string", "visitors": "double"}}
    more = {"tourism": {**before["tourism"], "guides": "int64"}}
    assert too_small_a_step(before, before, "1.0", "1.0") == []
    assert too_small_a_step(before, more, "1.0", "1.1") == []
    assert too_small_a_step(before, retyped, "1.4", "2.0") == []
    assert too_small_a_step(before, more, "1.0", "1.0") == ["a minor step is missing for tourism.guides: int64 -> gone"]
    for now, to in ((retyped, "double"), ({"tourism": {"month": "string"}}, "gone"), ({}, "gone")):
        missing = too_small_a_step(before, now, "1.0", "1.1")
        assert f"a major step is missing for tourism.visitors: int64 -> {to}" in missing
