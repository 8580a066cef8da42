from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

import dbt_like_sql
from dbt_like_sql.delivery_names import parse_delivery_name
from dbt_like_sql.project import Project, compile_sql, load_project
from expectations.suites import load_suite
from pipeline.dictionary import describe_models
from pipeline.scaffold import ScaffoldError, new_feed, new_mart
from tests.unit.sql_on_rows import compute


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real field dictionary and nothing else."""
    root = tmp_path / "dbt_like_sql"
    root.mkdir()
    shutil.copy(Path(dbt_like_sql.__file__).parent / "fields.yml", root)
    return tmp_path


def loaded(checkout: Path) -> Project:
    return load_project(checkout / "dbt_like_sql")


def test_a_new_feed_loads_compiles_and_brings_a_well_named_sample(checkout):
    written = new_feed("retail_services", loaded(checkout), checkout)
    project = loaded(checkout)
    assert project.contracts["retail_services"].key == ("area_code", "period")
    columns = describe_models(project)["stg_retail_services"]
    assert list(columns) == ["delivery_id", "released_on", "revision", "is_simulated", "area_code", "period"]
    assert {name: project.fields[name].type for name in columns} == columns
    suites = checkout / "expectations" / "suites"
    assert load_suite("validated", "retail_services", folder=suites) is not None
    sample = next(path for path in written if path.suffix == ".csv")
    name = parse_delivery_name(sample.name, "retail_services")
    assert (name.is_simulated, name.period.code) == (True, "2024")
    assert sample.read_text(encoding="utf-8") == "area_code,period\n94,2024\n"


def test_a_new_mart_on_a_new_feed_loads_compiles_and_is_published(checkout):
    new_feed("retail_services", loaded(checkout), checkout)
    new_mart("retail_by_area", loaded(checkout), checkout, reads="stg_retail_services")
    project = loaded(checkout)
    model = project.models["retail_by_area"]
    assert model.publish
    assert model.grain == ("area_code", "period")
    assert describe_models(project)["retail_by_area"] == {
        "area_code": "varchar", "period": "varchar", "is_simulated": "boolean",
    }  # fmt: skip
    sql = compile_sql(model, lambda _layer, table: table, dt.date(2025, 2, 10))
    assert "from stg_retail_services" in sql
    suite = load_suite("marts", "retail_by_area", folder=checkout / "expectations" / "suites")
    assert suite is not None
    assert suite.row_id == ("area_code", "period")


def test_a_row_of_a_new_mart_is_simulated_as_soon_as_one_row_behind_it_is(checkout):
    new_feed("retail_services", loaded(checkout), checkout, fields=("area_code", "period", "row_label"))
    staging = checkout / "dbt_like_sql/models/staging"
    # a model of a finer grain than the mart, as one is left with after writing on
    text = (staging / "stg_retail_services.yml").read_text(encoding="utf-8")
    (staging / "stg_retail_services.yml").write_text(text.replace(", row_label]", "]"), encoding="utf-8")
    new_mart("retail_by_area", loaded(checkout), checkout, reads="stg_retail_services")
    row = {"delivery_id": "d", "source_file": "retail_services__2024__2025-01-15.csv", "source_row": 2}
    row |= {"released_on": dt.date(2025, 1, 15), "area_code": "94", "period": "2024"}
    validated = [{**row, "row_label": "a", "is_simulated": True}, {**row, "row_label": "b"}]
    validated += [{**row, "row_label": "a", "period": "2023"}]
    rows = compute("retail_by_area", "2025-02-10", validated={"retail_services": validated}, project=loaded(checkout))
    assert [(r["period"], r["is_simulated"]) for r in rows] == [("2023", False), ("2024", True)]


def test_a_mart_of_registers_alone_says_nothing_of_simulation(checkout):
    new_mart("sectors_again", load_project(), checkout, reads="dim_sector")
    sql = (checkout / "dbt_like_sql/models/marts/sectors_again.sql").read_text(encoding="utf-8")
    assert "is_simulated" not in sql


def test_nothing_is_overwritten(checkout):
    project = loaded(checkout)
    contract = checkout / "dbt_like_sql" / "sources" / "retail_services.yml"
    contract.parent.mkdir()
    contract.write_text("mine", encoding="utf-8")
    with pytest.raises(ScaffoldError, match=r"sources/retail_services\.yml"):
        new_feed("retail_services", project, checkout)
    assert contract.read_text(encoding="utf-8") == "mine"
    assert not (checkout / "samples").exists()


@pytest.mark.parametrize("name", ["Retail", "retail services", "../retail", "retail__services", ""])
def test_a_name_that_could_not_be_a_stem_is_refused(checkout, name):
    with pytest.raises(ScaffoldError, match="lower-case words"):
        new_feed(name, loaded(checkout), checkout)


def test_a_taken_name_is_refused(checkout):
    new_feed("retail_services", loaded(checkout), checkout)
    with pytest.raises(ScaffoldError, match="taken"):
        new_mart("retail_services", loaded(checkout), checkout, reads="stg_retail_services")


def test_an_unknown_field_is_sent_to_the_dictionary_first(checkout):
    with pytest.raises(ScaffoldError, match=r"fields\.yml"):
        new_feed("retail_services", loaded(checkout), checkout, fields=("area_code", "no_such_column"))


def test_a_mart_that_reads_nothing_known_is_told_what_there_is(checkout):
    new_feed("retail_services", loaded(checkout), checkout)
    with pytest.raises(ScaffoldError, match="stg_retail_services"):
        new_mart("retail_by_area", loaded(checkout), checkout, reads="stg_retail")
